// SPDX-License-Identifier: GPL-2.0-only
/* Cgroups: their workers, their limits, cgroups inside cgroups, workers that are threads. */
#include <ktstr/ktstr.h>

KTSTR_TEST(three_cgroups, .topology = { .llcs = 2, .cores = 2 }, .duration_ms = 1000,
	   .check = { .not_stuck = KTSTR_YES, .isolation = KTSTR_YES, .max_spread_pct = 60 })
{
	return ktstr_execute_defs(ctx,
		KTSTR_CGROUP("anywhere"),
		KTSTR_CGROUP("left", .cpuset = KTSTR_CPUS_LLC(0), .workers_pct = 1.0),
		KTSTR_CGROUP("right/nested", .cpuset = KTSTR_CPUS_LLC(1), .workers = 2,
			     .work = KTSTR_WORK(bursty, .burst_ms = 10, .sleep_ms = 5)));
}

KTSTR_TEST(several_groups, .topology = { .llcs = 1, .cores = 2 }, .duration_ms = 500)
{
	return ktstr_execute_defs(ctx,
		KTSTR_CGROUP("mixed", .nice = KTSTR_SOME(5),
			     .works = KTSTR_WORKS({ .workers = 2, .work = KTSTR_WORK(mixed) },
						  { .workers = 1, .nice = KTSTR_SOME(0) })),
		KTSTR_CGROUP("threads", .workers = 2, .pcomm = "server"));
}

KTSTR_TEST(limited, .topology = { .llcs = 1, .cores = 2 }, .duration_ms = 500)
{
	return ktstr_execute_defs(ctx,
		KTSTR_CGROUP("batch", .cpu = KTSTR_CPU_QUOTA_PCT(50),
			     .memory = { .max_bytes = 64 << 20 }, .pids = { .max = 20 }),
		KTSTR_CGROUP("light", .cpu = { .weight = 10 }));
}

KTSTR_TEST(inside_each_other, .topology = { .llcs = 1, .cores = 2 }, .duration_ms = 500)
{
	return ktstr_execute_steps(ctx,
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("outer"),
					    KTSTR_SET_CPUSET("outer", KTSTR_CPUS_LIST("0"))),
			   .setup = KTSTR_DEFS(KTSTR_CGROUP("outer/inner", .workers = 2))));
}
