// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading the verdict that a guest sent. The guest runs what is under test, so nothing in it is
 * believed: a verdict is rebuilt whole and within bounds, or not at all.
 */
#include <errno.h>
#include <string.h>

#include "check/json_read.h"
#include "check/payload_record.h"
#include "check/stats_fields.h"
#include "check/text.h"
#include "check/verdict_build.h"
#include "check/verdict_json.h"

/* Workers are processes: PID_MAX_LIMIT of the kernel's include/linux/threads.h. */
#define WORKERS_MAX (4 * 1024 * 1024)

#define QUOTED(name, text) " '" text "'"

static void auto_verdict_fn(struct verdict **verdict)
{
	verdict_free(*verdict);
}
#define auto_verdict __attribute__((cleanup(auto_verdict_fn)))

static int no_memory(const struct json_place *place, struct ktstr_error *error)
{
	return ktstr_error_set(error, -ENOMEM, "%s: no memory to keep it", place->name);
}

static int read_outcome(const struct json_place *place, enum verdict_outcome *ret_outcome,
			struct ktstr_error *error)
{
	const json_t *value = json_object_get(place->object, "outcome");

	if (!json_is_string(value) || !verdict_outcome_parse(json_string_value(value), ret_outcome))
		return json_read_refuse(place, "outcome", value, error,
					"one of" VERDICT_OUTCOMES(QUOTED));
	return 0;
}

static int read_kind(const struct json_place *place, enum detail_kind *ret_kind,
		     struct ktstr_error *error)
{
	const json_t *value = json_object_get(place->object, "kind");

	if (!json_is_string(value) || !detail_kind_parse(json_string_value(value), ret_kind))
		return json_read_refuse(place, "kind", value, error, "one of" DETAIL_KINDS(QUOTED));
	return 0;
}

static int decode_entry(const struct json_place *place, struct verdict *verdict,
			struct ktstr_error *error)
{
	struct verdict_entry entry = { 0 };
	const char *message, *phase, *cgroup = NULL;
	int err;

	err = read_outcome(place, &entry.outcome, error);
	if (err)
		return err;
	err = read_kind(place, &entry.kind, error);
	if (err)
		return err;
	err = json_read_text(place, "message", VERDICT_TEXT_MAX, &message, error);
	if (err)
		return err;
	err = json_read_text(place, "phase", sizeof(entry.phase.label) - 1, &phase, error);
	if (err)
		return err;
	memcpy(entry.phase.label, phase, strlen(phase) + 1);
	if (!json_read_is_null(place, "cgroup")) {
		err = json_read_text(place, "cgroup", VERDICT_TEXT_MAX, &cgroup, error);
		if (err)
			return err;
		entry.cgroup = text_new("%s", cgroup);
		if (!entry.cgroup)
			return no_memory(place, error);
	}
	entry.message = text_new("%s", message);
	return verdict_take_entry(verdict, &entry) ? no_memory(place, error) : 0;
}

static int decode_cpus(const struct json_place *place, cpu_set_t *ret_cpus,
		       struct ktstr_error *error)
{
	const json_t *list, *value;
	size_t index;
	int err = json_read_array(place, "cpus_used", CPU_SETSIZE, &list, error);

	if (err)
		return err;
	CPU_ZERO(ret_cpus);
	json_array_foreach(list, index, value)
	{
		if (!json_is_integer(value) || json_integer_value(value) < 0 ||
		    json_integer_value(value) >= CPU_SETSIZE)
			return json_read_refuse(place, "cpus_used", value, error,
						"a list of CPUs in 0..=%d", CPU_SETSIZE - 1);
		CPU_SET((size_t)json_integer_value(value), ret_cpus);
	}
	return 0;
}

static int decode_field(const struct json_place *place, const struct stats_field *field,
			struct cgroup_stats *stats, struct ktstr_error *error)
{
	void *at = (char *)stats + field->offset;

	switch (field->type) {
	case STATS_FIELD_BOOL:
		return json_read_bool(place, field->key, at, error);
	case STATS_FIELD_U64:
		return json_read_u64(place, field->key, INT64_MAX, at, error);
	case STATS_FIELD_DOUBLE:
		return json_read_double(place, field->key, at, error);
	case STATS_FIELD_OFF_CPU:
		if (stats->off_cpu_measured)
			return json_read_double(place, field->key, at, error);
		if (!json_read_is_null(place, field->key))
			return json_read_refuse(place, field->key,
						json_object_get(place->object, field->key), error,
						"null as 'spread' is");
		return 0;
	}
	return -EINVAL;
}

static int decode_cgroup(const struct json_place *place, struct verdict *verdict,
			 struct ktstr_error *error)
{
	struct cgroup_stats stats = { .off_cpu_measured = !json_read_is_null(place, "spread") };
	const char *name;
	int err, workers;

	err = json_read_text(place, "cgroup_name", VERDICT_TEXT_MAX, &name, error);
	if (err)
		return err;
	err = json_read_int(place, "num_workers", 0, WORKERS_MAX, &workers, error);
	if (err)
		return err;
	stats.num_workers = (unsigned)workers;
	err = decode_cpus(place, &stats.cpus_used, error);
	if (err)
		return err;
	/* -1: the worker could not tell. */
	err = json_read_int(place, "max_gap_cpu", -1, CPU_SETSIZE - 1, &stats.max_gap_cpu, error);
	if (err)
		return err;
	for (size_t i = 0; i < stats_fields_count; i++) {
		err = decode_field(place, &stats_fields[i], &stats, error);
		if (err)
			return err;
	}
	stats.name = text_new("%s", name);
	return verdict_take_cgroup(verdict, &stats) ? no_memory(place, error) : 0;
}

static int decode_entries(const struct json_place *root, struct verdict *verdict,
			  struct ktstr_error *error)
{
	const json_t *list, *value;
	size_t index;
	int err = json_read_array(root, "entries", VERDICT_ENTRIES_MAX, &list, error);

	if (err)
		return err;
	json_array_foreach(list, index, value)
	{
		struct json_place place;

		err = json_place_enter(&place, value, error, "%s: entries[%zu]", root->name, index);
		if (!err)
			err = decode_entry(&place, verdict, error);
		if (err)
			return err;
	}
	return 0;
}

static int decode_notes(const struct json_place *root, struct verdict *verdict,
			struct ktstr_error *error)
{
	const json_t *list, *value;
	size_t index;
	int err = json_read_array(root, "notes", VERDICT_NOTES_MAX, &list, error);

	if (err)
		return err;
	json_array_foreach(list, index, value)
	{
		if (!json_is_string(value) || json_string_length(value) > VERDICT_TEXT_MAX ||
		    strlen(json_string_value(value)) != json_string_length(value))
			return json_read_refuse(root, "notes", value, error,
						"a list of texts of at most %d bytes",
						VERDICT_TEXT_MAX);
		if (verdict_take_note(verdict, text_new("%s", json_string_value(value))))
			return no_memory(root, error);
	}
	return 0;
}

static int decode_stats(const struct json_place *root, struct verdict *verdict,
			struct ktstr_error *error)
{
	const json_t *list, *value;
	struct json_place stats;
	size_t index;
	int err;

	err = json_place_enter(&stats, json_object_get(root->object, "stats"), error, "%s: stats",
			       root->name);
	if (err)
		return err;
	err = json_read_array(&stats, "cgroups", VERDICT_CGROUPS_MAX, &list, error);
	if (err)
		return err;
	json_array_foreach(list, index, value)
	{
		struct json_place place;

		err = json_place_enter(&place, value, error, "%s: cgroups[%zu]", root->name, index);
		if (!err)
			err = decode_cgroup(&place, verdict, error);
		if (err)
			return err;
	}
	return 0;
}

static int decode_payloads(const struct json_place *root, struct verdict *verdict,
			   struct ktstr_error *error)
{
	const json_t *list, *value;
	size_t index;
	int err;

	if (json_read_is_null(root, "payloads"))
		return 0;
	err = json_read_array(root, "payloads", PAYLOAD_RECORDS_MAX, &list, error);
	if (err)
		return err;
	json_array_foreach(list, index, value)
	{
		char name[sizeof(root->name) + 32];
		json_t *record;

		snprintf(name, sizeof(name), "%s: payloads[%zu]", root->name, index);
		err = payload_record_read(value, name, &record, error);
		if (err)
			return err;
		verdict_take_payload(verdict, record);
	}
	return 0;
}

int verdict_from_json(const json_t *json, struct verdict **ret_verdict, struct ktstr_error *error)
{
	auto_verdict struct verdict *verdict = NULL;
	enum verdict_outcome outcome = VERDICT_FAIL;
	struct json_place root;
	int err;

	err = json_place_enter(&root, json, error, "verdict");
	if (err)
		return err;
	verdict = verdict_new();
	if (!verdict)
		return no_memory(&root, error);
	err = decode_entries(&root, verdict, error);
	if (!err)
		err = decode_notes(&root, verdict, error);
	if (!err)
		err = decode_stats(&root, verdict, error);
	if (!err)
		err = decode_payloads(&root, verdict, error);
	if (!err)
		err = read_outcome(&root, &outcome, error);
	if (err)
		return err;
	if (outcome != verdict_outcome(verdict))
		return json_read_refuse(&root, "outcome", json_object_get(json, "outcome"), error,
					"'%s', as its entries say",
					verdict_outcome_str(verdict_outcome(verdict)));
	*ret_verdict = verdict;
	verdict = NULL;
	return 0;
}
