// SPDX-License-Identifier: GPL-2.0-only
/* Backdrops that outlive the steps, workers that move into one, and a scenario of the catalogue. */
#include <ktstr/ktstr.h>

KTSTR_TEST(cpuset_swap, .topology = { .llcs = 2, .cores = 2 }, .duration_ms = 1000,
	   .check = { .max_gap_ms = 5000 })
{
	return ktstr_execute_scenario(ctx,
		KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(
			KTSTR_CGROUP("left", .cpuset = KTSTR_CPUS_LLC(0), .workers_pct = 1.0),
			KTSTR_CGROUP("right", .cpuset = KTSTR_CPUS_LLC(1), .workers = 2))),
		KTSTR_STEP(.hold = KTSTR_HOLD_FRAC(0.5)),
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_SWAP_CPUSETS("left", "right"),
					    KTSTR_SPAWN("right", .workers = 2)),
			   .hold = KTSTR_HOLD_FRAC(0.5)));
}

KTSTR_TEST(they_stay, .topology = { .llcs = 1, .cores = 2 }, .duration_ms = 600)
{
	return ktstr_execute_scenario(ctx,
		KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("busy")),
			       .ops = KTSTR_OPS(KTSTR_ADD_CGROUP("pool"))),
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP_DEF("visitors", .workers = 3),
					    KTSTR_MOVE_ALL_TASKS("visitors", "pool")),
			   .hold = KTSTR_HOLD_FRAC(0.5)),
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_FREEZE_CGROUP("busy")),
			   .hold = KTSTR_HOLD_FRAC(0.5)));
}

KTSTR_TEST(from_the_catalogue, .topology = { .llcs = 2, .cores = 4 }, .duration_ms = 900)
{
	return ktstr_scenario_cpuset_resize(ctx);
}
