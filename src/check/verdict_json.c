// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing a verdict and its statistics as JSON. jansson takes over what it is given and answers a
 * NULL with a failure, so a whole object is built before its success is looked at.
 */
#include "check/json_write.h"
#include "check/stats_fields.h"
#include "check/verdict_json.h"

static json_t *cpus_to_json(const cpu_set_t *cpus)
{
	json_auto_t *list = json_array();

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, cpus) && json_array_append_new(list, json_integer(cpu)))
			return NULL;
	return json_incref(list);
}

static json_t *field_to_json(const struct stats_field *field, const struct cgroup_stats *stats)
{
	const void *at = (const char *)stats + field->offset;

	switch (field->type) {
	case STATS_FIELD_BOOL:
		return json_boolean(*(const bool *)at);
	case STATS_FIELD_U64:
		return json_u64(*(const uint64_t *)at);
	case STATS_FIELD_DOUBLE:
		return json_real(*(const double *)at);
	case STATS_FIELD_OFF_CPU:
		return stats->off_cpu_measured ? json_real(*(const double *)at) : json_null();
	}
	return NULL;
}

static json_t *cgroup_to_json(const struct cgroup_stats *stats)
{
	json_auto_t *cgroup = json_object();
	int err = 0;

	err |= json_object_set_new(cgroup, "cgroup_name", json_string(stats->name));
	err |= json_object_set_new(cgroup, "num_workers", json_integer(stats->num_workers));
	err |= json_object_set_new(cgroup, "cpus_used", cpus_to_json(&stats->cpus_used));
	err |= json_object_set_new(cgroup, "num_cpus", json_integer(CPU_COUNT(&stats->cpus_used)));
	err |= json_object_set_new(cgroup, "max_gap_cpu", json_integer(stats->max_gap_cpu));
	err |= json_object_set_new(cgroup, "migration_ratio",
				   json_real(cgroup_stats_migration_ratio(stats)));
	for (size_t i = 0; i < stats_fields_count; i++)
		err |= json_object_set_new(cgroup, stats_fields[i].key,
					   field_to_json(&stats_fields[i], stats));
	return err ? NULL : json_incref(cgroup);
}

json_t *scenario_stats_to_json(const struct scenario_stats *stats)
{
	struct scenario_totals totals = scenario_stats_totals(stats);
	json_auto_t *json = json_object();
	json_auto_t *cgroups = json_array();
	int err = 0;

	for (size_t i = 0; i < stats->cgroups_count; i++)
		err |= json_array_append_new(cgroups, cgroup_to_json(&stats->cgroups[i]));
	err |= json_object_set(json, "cgroups", cgroups);
	err |= json_object_set_new(json, "total_workers", json_u64(totals.workers));
	err |= json_object_set_new(json, "total_cpus", json_u64(totals.cpus));
	err |= json_object_set_new(json, "total_migrations", json_u64(totals.migrations));
	err |= json_object_set_new(json, "total_iterations", json_u64(totals.iterations));
	err |= json_object_set_new(json, "worst_spread", json_real(totals.worst_spread));
	err |= json_object_set_new(json, "worst_gap_ms", json_u64(totals.worst_gap_ms));
	err |= json_object_set_new(json, "worst_gap_cpu", json_integer(totals.worst_gap_cpu));
	err |= json_object_set_new(json, "worst_migration_ratio",
				   json_real(totals.worst_migration_ratio));
	return err ? NULL : json_incref(json);
}

static json_t *entry_to_json(const struct verdict_entry *entry)
{
	json_auto_t *json = json_object();
	int err = 0;

	err |= json_object_set_new(json, "outcome",
				   json_string(verdict_outcome_str(entry->outcome)));
	err |= json_object_set_new(json, "kind", json_string(detail_kind_str(entry->kind)));
	err |= json_object_set_new(json, "message", json_string(entry->message));
	err |= json_object_set_new(json, "cgroup",
				   entry->cgroup ? json_string(entry->cgroup) : json_null());
	err |= json_object_set_new(json, "phase", json_string(entry->phase.label));
	return err ? NULL : json_incref(json);
}

json_t *verdict_to_json(const struct verdict *verdict)
{
	json_auto_t *json = json_object();
	json_auto_t *entries = json_array();
	json_auto_t *notes = json_array();
	const struct verdict_entry *entry;
	char *const *note;
	size_t count;
	int err = 0;

	count = verdict_entries(verdict, &entry);
	for (size_t i = 0; i < count; i++)
		err |= json_array_append_new(entries, entry_to_json(&entry[i]));
	count = verdict_notes(verdict, &note);
	for (size_t i = 0; i < count; i++)
		err |= json_array_append_new(notes, json_string(note[i]));
	err |= json_object_set_new(json, "outcome",
				   json_string(verdict_outcome_str(verdict_outcome(verdict))));
	err |= json_object_set(json, "entries", entries);
	err |= json_object_set(json, "notes", notes);
	err |= json_object_set_new(json, "stats", scenario_stats_to_json(verdict_stats(verdict)));
	if (verdict_payloads(verdict))
		err |= json_object_set_new(json, "payloads",
					   json_deep_copy(verdict_payloads(verdict)));
	return err ? NULL : json_incref(json);
}
