// SPDX-License-Identifier: GPL-2.0-only
/* Programs that run beside the workers, and how operations find them. */
#include "scenario/payloads.h"

#include <errno.h>
#include <string.h>

static const char *shown_cgroup(const char *cgroup, char text[160])
{
	if (!*cgroup)
		return "(no cgroup)";
	snprintf(text, 160, "'%.150s'", cgroup);
	return text;
}

static int check_unique(struct scenario_state *state, const struct ktstr_payload *payload,
			const char *cgroup, struct ktstr_error *error)
{
	for (unsigned i = 0; i < SCENARIO_SLOTS; i++) {
		struct scenario_payload *running;

		TAILQ_FOREACH(running, &scenario_slot_at(state, i)->payloads, link)
		{
			char shown[160];

			if (strcmp(running->payload->name, payload->name) != 0 ||
			    strcmp(running->cgroup, cgroup) != 0)
				continue;
			return ktstr_error_set(
				error, -EEXIST,
				"payload '%s' already runs in cgroup %s, started by %s; "
				"wait for it or kill it first, or use another cgroup",
				payload->name, shown_cgroup(cgroup, shown), running->origin);
		}
	}
	return 0;
}

int payloads_start(struct scenario_state *state, const struct ktstr_payload *payload,
		   const char *const *args, const char *cgroup, const char *origin,
		   struct ktstr_error *error)
{
	const struct ktstr_payload_options options = {
		.args = args,
		.cgroup = *cgroup ? cgroup : NULL,
	};
	KTSTR_AUTO_PAYLOAD_RUN struct ktstr_payload_run *run = NULL;
	char shown[160];
	int err = check_unique(state, payload, cgroup, error);

	if (err)
		return err;
	err = ktstr_payload_spawn(state->ctx, payload, &options, &run, error);
	if (err)
		return ktstr_error_wrap(error, err, "cgroup %s, payload '%s'",
					shown_cgroup(cgroup, shown), payload->name);
	return scenario_file_payload(state->target, cgroup, payload, origin, &run, error);
}

static int refuse_ambiguous(struct scenario_state *state, const char *name, unsigned count,
			    const char *in_cgroup, struct ktstr_error *error)
{
	char where[512] = "";
	size_t used = 0;

	for (unsigned i = 0; i < SCENARIO_SLOTS; i++) {
		struct scenario_payload *running;

		TAILQ_FOREACH(running, &scenario_slot_at(state, i)->payloads, link)
		{
			char shown[160];

			if (strcmp(running->payload->name, name) != 0 || used >= sizeof(where))
				continue;
			used += (size_t)snprintf(where + used, sizeof(where) - used, "%s%s",
						 used ? ", " : "",
						 shown_cgroup(running->cgroup, shown));
		}
	}
	return ktstr_error_set(error, -EMLINK,
			       "payload '%s' runs %u times, in cgroups %s; say which with %s", name,
			       count, where, in_cgroup);
}

int payloads_find(struct scenario_state *state, const char *name, const char *cgroup,
		  const char *what, const char *in_cgroup, struct scenario_slot **ret_slot,
		  struct scenario_payload **ret_payload, struct ktstr_error *error)
{
	struct scenario_payload *found = NULL, *running;
	struct scenario_slot *owner = NULL;
	unsigned count = 0;
	char shown[160];

	for (unsigned i = 0; i < SCENARIO_SLOTS; i++) {
		struct scenario_slot *slot = scenario_slot_at(state, i);

		TAILQ_FOREACH(running, &slot->payloads, link)
		{
			if (strcmp(running->payload->name, name) != 0 ||
			    (cgroup && strcmp(running->cgroup, cgroup) != 0))
				continue;
			if (!count++) {
				found = running;
				owner = slot;
			}
		}
	}
	if (!count)
		return ktstr_error_set(error, -ENOENT,
				       "payload '%s'%s%s does not run; start it before %s it", name,
				       cgroup ? " in cgroup " : "",
				       cgroup ? shown_cgroup(cgroup, shown) : "", what);
	if (count > 1 && !cgroup)
		return refuse_ambiguous(state, name, count, in_cgroup, error);
	*ret_slot = owner;
	*ret_payload = found;
	return 0;
}

void payloads_kill(struct scenario_slot *slot, struct ktstr_ctx *ctx, const char *cgroup)
{
	struct scenario_payload *running, *before;

	for (running = TAILQ_LAST(&slot->payloads, scenario_payload_list); running;
	     running = before) {
		struct ktstr_error error = { 0 };

		before = TAILQ_PREV(running, scenario_payload_list, link);
		if (cgroup && strcmp(running->cgroup, cgroup) != 0)
			continue;
		if (ktstr_payload_kill(running->run, NULL, &error))
			ktstr_note(ctx, "%s", error.text);
		scenario_drop_payload(slot, running);
	}
}
