// SPDX-License-Identifier: GPL-2.0-only
/* Records of what steps do. */
#include "scenario/stimulus.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"

static uint16_t fit16(size_t value)
{
	return value < UINT16_MAX ? (uint16_t)value : UINT16_MAX;
}

static uint64_t iterations_of(const struct ktstr_workload *workload)
{
	size_t count = ktstr_workload_snapshot_iterations(workload, NULL, 0);
	auto_free uint64_t *iterations = calloc(count + 1, sizeof(*iterations));
	uint64_t sum = 0;

	if (!iterations)
		return 0;
	ktstr_workload_snapshot_iterations(workload, iterations, count);
	for (size_t i = 0; i < count; i++)
		sum += iterations[i];
	return sum;
}

void stimulus_take(struct scenario_state *state, const struct ktstr_ops *ops, size_t k,
		   uint64_t start_ns, struct stimulus *ret_stimulus)
{
	uint64_t elapsed_ms = (clock_now_ns() - start_ns) / NS_PER_MS;
	size_t cgroups = 0, groups = 0;
	uint64_t iterations = 0;

	for (unsigned i = 0; i < SCENARIO_SLOTS; i++) {
		struct scenario_slot *slot = scenario_slot_at(state, i);
		struct scenario_workers *workers;

		for (size_t j = 0; j < slot->group.count; j++)
			cgroups += slot->group.entries[j].asked_for;
		TAILQ_FOREACH(workers, &slot->workers, link)
		{
			groups++;
			iterations += iterations_of(workers->workload);
		}
	}
	*ret_stimulus = (struct stimulus){
		.elapsed_ms = elapsed_ms < UINT32_MAX ? (uint32_t)elapsed_ms : UINT32_MAX,
		.step_index = fit16(k + 1),
		.op_count = fit16(ops->count),
		.op_kinds = ops_kinds(ops),
		.cgroup_count = fit16(cgroups),
		.worker_count = fit16(groups),
		.total_iterations = iterations,
	};
}

void stimulus_tell(struct scenario_state *state, const struct ktstr_ops *ops, size_t k,
		   uint64_t start_ns)
{
	const struct scenario_bridge *bridge = &state->ctx->bridge;
	struct stimulus stimulus;

	if (!bridge->stimulus)
		return;
	stimulus_take(state, ops, k, start_ns, &stimulus);
	bridge->stimulus(bridge->data, &stimulus);
}
