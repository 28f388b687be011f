// SPDX-License-Identifier: GPL-2.0-only
/* What a running scenario has, and to whom it belongs. */
#include "scenario/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

void scenario_slot_init(struct scenario_slot *slot, const char *name, struct ktstr_cgroups *cgroups)
{
	*slot = (struct scenario_slot){ .name = name, .group = { .cgroups = cgroups } };
	TAILQ_INIT(&slot->workers);
	TAILQ_INIT(&slot->cpusets);
	TAILQ_INIT(&slot->payloads);
}

struct scenario_slot *scenario_slot_at(struct scenario_state *state, unsigned index)
{
	return index == 0 ? &state->step : &state->backdrop;
}

const struct scenario_slot *scenario_owner(struct scenario_state *state, const char *cgroup)
{
	for (unsigned i = 0; i < SCENARIO_SLOTS; i++) {
		struct scenario_slot *slot = scenario_slot_at(state, i);

		if (cgroup_group_has(&slot->group, cgroup))
			return slot;
	}
	return NULL;
}

int scenario_check_free(struct scenario_state *state, const char *cgroup, struct ktstr_error *error)
{
	const struct scenario_slot *owner = scenario_owner(state, cgroup);

	if (!owner)
		return 0;
	return ktstr_error_set(error, -EEXIST,
			       "cgroup '%s' is already tracked by the %s; declare it once or use a "
			       "fresh name",
			       cgroup, owner->name);
}

static size_t add_names(const struct scenario_slot *slot, char *text, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < slot->group.count && used < size; i++)
		if (slot->group.entries[i].asked_for)
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
						 slot->group.entries[i].name);
	if (!used)
		used = (size_t)snprintf(text, size, "none");
	return used < size ? used : size - 1;
}

const char *scenario_names(struct scenario_state *state, char text[SCENARIO_NAMES_MAX])
{
	size_t used = 0;

	for (unsigned i = 0; i < SCENARIO_SLOTS; i++) {
		const struct scenario_slot *slot = scenario_slot_at(state, i);

		used += (size_t)snprintf(text + used, SCENARIO_NAMES_MAX - used,
					 "%s%s: ", i ? "; " : "", slot->name);
		if (used >= SCENARIO_NAMES_MAX)
			break;
		used += add_names(slot, text + used, SCENARIO_NAMES_MAX - used);
	}
	return text;
}

static struct scenario_cpuset *find_cpuset(struct scenario_slot *slot, const char *cgroup)
{
	struct scenario_cpuset *cpuset;

	TAILQ_FOREACH(cpuset, &slot->cpusets, link)
	if (!strcmp(cpuset->cgroup, cgroup))
		return cpuset;
	return NULL;
}

const cpu_set_t *scenario_cpuset(struct scenario_state *state, const char *cgroup)
{
	for (unsigned i = 0; i < SCENARIO_SLOTS; i++) {
		struct scenario_cpuset *cpuset = find_cpuset(scenario_slot_at(state, i), cgroup);

		if (cpuset)
			return &cpuset->cpus;
	}
	return NULL;
}

int scenario_record_cpuset(struct scenario_state *state, const char *cgroup, const cpu_set_t *cpus,
			   struct ktstr_error *error)
{
	auto_free struct scenario_cpuset *fresh = NULL;

	for (unsigned i = 0; i < SCENARIO_SLOTS; i++) {
		struct scenario_cpuset *cpuset = find_cpuset(scenario_slot_at(state, i), cgroup);

		if (cpuset) {
			cpuset->cpus = *cpus;
			return 0;
		}
	}
	fresh = calloc(1, sizeof(*fresh));
	if (fresh)
		fresh->cgroup = strdup(cgroup);
	if (!fresh || !fresh->cgroup)
		return ktstr_error_set(error, -ENOMEM,
				       "cgroup '%s': no memory to remember its cpuset", cgroup);
	fresh->cpus = *cpus;
	TAILQ_INSERT_TAIL(&state->target->cpusets, fresh, link);
	take_pointer(fresh);
	return 0;
}

static void drop_cpuset(struct scenario_slot *slot, struct scenario_cpuset *cpuset)
{
	TAILQ_REMOVE(&slot->cpusets, cpuset, link);
	free(cpuset->cgroup);
	free(cpuset);
}

void scenario_forget_cpuset(struct scenario_state *state, const char *cgroup)
{
	for (unsigned i = 0; i < SCENARIO_SLOTS; i++) {
		struct scenario_slot *slot = scenario_slot_at(state, i);
		struct scenario_cpuset *cpuset = find_cpuset(slot, cgroup);

		if (cpuset)
			drop_cpuset(slot, cpuset);
	}
}

int scenario_file_workers(struct scenario_slot *slot, const char *cgroup,
			  struct ktstr_workload **workload, struct ktstr_error *error)
{
	auto_free struct scenario_workers *workers = calloc(1, sizeof(*workers));

	if (workers)
		workers->cgroup = strdup(cgroup);
	if (!workers || !workers->cgroup)
		return ktstr_error_set(error, -ENOMEM,
				       "cgroup '%s': no memory to keep track of its workers",
				       cgroup);
	workers->workload = take_pointer(*workload);
	TAILQ_INSERT_TAIL(&slot->workers, workers, link);
	take_pointer(workers);
	return 0;
}

void scenario_drop_workers(struct scenario_slot *slot, struct scenario_workers *workers)
{
	TAILQ_REMOVE(&slot->workers, workers, link);
	ktstr_workload_free(workers->workload);
	free(workers->cgroup);
	free(workers);
}

int scenario_file_payload(struct scenario_slot *slot, const char *cgroup,
			  const struct ktstr_payload *payload, const char *origin,
			  struct ktstr_payload_run **run, struct ktstr_error *error)
{
	auto_free struct scenario_payload *filed = calloc(1, sizeof(*filed));

	if (filed)
		filed->cgroup = strdup(cgroup);
	if (!filed || !filed->cgroup)
		return ktstr_error_set(error, -ENOMEM,
				       "payload '%s': no memory to keep track of it",
				       payload->name);
	filed->payload = payload;
	filed->origin = origin;
	filed->run = take_pointer(*run);
	TAILQ_INSERT_TAIL(&slot->payloads, filed, link);
	take_pointer(filed);
	return 0;
}

void scenario_drop_payload(struct scenario_slot *slot, struct scenario_payload *payload)
{
	TAILQ_REMOVE(&slot->payloads, payload, link);
	ktstr_payload_free(payload->run);
	free(payload->cgroup);
	free(payload);
}

void scenario_slot_release(struct scenario_slot *slot)
{
	while (!TAILQ_EMPTY(&slot->workers))
		scenario_drop_workers(slot, TAILQ_FIRST(&slot->workers));
	while (!TAILQ_EMPTY(&slot->payloads))
		scenario_drop_payload(slot, TAILQ_LAST(&slot->payloads, scenario_payload_list));
	while (!TAILQ_EMPTY(&slot->cpusets))
		drop_cpuset(slot, TAILQ_FIRST(&slot->cpusets));
}
