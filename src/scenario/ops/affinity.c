// SPDX-License-Identifier: GPL-2.0-only
/* SetAffinity: other CPUs for the workers that a cgroup has now. */
#include <string.h>

#include "base/clock.h"
#include "cgroup/cgroup_name.h"
#include "scenario/affinity_intent.h"
#include "scenario/op.h"
#include "workload/affinity.h"

static int check_affinity(struct ktstr_ctx *ctx, const void *params, bool in_loop,
			  struct ktstr_error *error)
{
	const struct ktstr_op_set_affinity_params *op = params;

	(void)ctx, (void)in_loop;
	return cgroup_name_check(op->cgroup, error);
}

/* A worker that keeps the mask it has is worth a note, not the scenario. */
static void set_for_all(struct scenario_state *state, struct ktstr_workload *workload,
			const struct ktstr_affinity *affinity, struct prng *prng)
{
	size_t count;

	ktstr_workload_pids(workload, &count);
	for (size_t i = 0; i < count; i++) {
		struct ktstr_error error = { 0 };
		cpu_set_t cpus;

		if (affinity_draw(affinity, prng, &cpus) &&
		    ktstr_workload_set_affinity(workload, i, &cpus, &error))
			ktstr_note(state->ctx, "SetAffinity: %s", error.text);
	}
}

static int set_affinity(struct scenario_state *state, const void *params, struct ktstr_error *error)
{
	const struct ktstr_op_set_affinity_params *op = params;
	struct prng prng = prng_seeded(clock_now_ns());
	struct ktstr_affinity affinity;
	cpu_set_t cpus;
	int err = affinity_intent_resolve(&op->affinity, scenario_cpuset(state, op->cgroup),
					  state->ctx->machine, &affinity, &cpus, error);

	if (err)
		return ktstr_error_wrap(error, err, "cgroup '%s'", op->cgroup);
	for (unsigned i = 0; i < SCENARIO_SLOTS; i++) {
		struct scenario_workers *workers;

		TAILQ_FOREACH(workers, &scenario_slot_at(state, i)->workers, link)
		if (!strcmp(workers->cgroup, op->cgroup))
			set_for_all(state, workers->workload, &affinity, &prng);
	}
	return 0;
}

const struct ktstr_op_ops ktstr_op_set_affinity = {
	.name = "SetAffinity",
	.bit = 8,
	.controllers = KTSTR_CONTROLLER_CPUSET,
	.check = check_affinity,
	.apply = set_affinity,
};
