// SPDX-License-Identifier: GPL-2.0-only
/* A backdrop that outlives the steps, operations on it, limits, and a scenario of the catalogue. */
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

KTSTR_TEST(squeezed_again_and_again, .topology = { .llcs = 2, .cores = 2 }, .duration_ms = 800)
{
	return ktstr_execute_steps(ctx,
		KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("cg_0", .workers = 4)),
			   .ops = KTSTR_OPS(KTSTR_SET_CPUSET("cg_0", KTSTR_CPUS_LIST("0")),
					    KTSTR_CLEAR_CPUSET("cg_0")),
			   .hold = KTSTR_HOLD_LOOP_MS(100)));
}

KTSTR_TEST(limited, .topology = { .llcs = 1, .cores = 2 }, .duration_ms = 500)
{
	return ktstr_execute_defs(ctx,
		KTSTR_CGROUP("batch", .cpu = KTSTR_CPU_QUOTA_PCT(50), .memory = { .max_bytes = 64 << 20 },
			     .pids = { .max = 20 },
			     .works = KTSTR_WORKS({ .workers = 2, .work = KTSTR_WORK(mixed) },
						  { .workers = 1, .nice = KTSTR_SOME(10) })),
		KTSTR_CGROUP("threads", .workers = 2, .pcomm = "server"));
}

KTSTR_TEST(from_the_catalogue, .topology = { .llcs = 2, .cores = 4 }, .duration_ms = 900)
{
	return ktstr_scenario_cpuset_resize(ctx);
}
