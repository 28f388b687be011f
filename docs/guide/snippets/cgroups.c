// SPDX-License-Identifier: GPL-2.0-only
/* Cgroups with different CPUs, workers and work. */
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
