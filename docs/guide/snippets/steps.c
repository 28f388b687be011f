// SPDX-License-Identifier: GPL-2.0-only
/* Two cgroups change places between one step and the next. */
#include <ktstr/ktstr.h>

KTSTR_TEST(change_places, .topology = { .llcs = 2, .cores = 2 }, .duration_ms = 1500,
	   .check = { .not_stuck = KTSTR_YES, .isolation = KTSTR_YES, .max_spread_pct = 60 })
{
	return ktstr_execute_steps(ctx,
		KTSTR_STEP(.setup = KTSTR_DEFS(
				KTSTR_CGROUP("a", .cpuset = KTSTR_CPUS_LLC(0), .workers = 2),
				KTSTR_CGROUP("b", .cpuset = KTSTR_CPUS_LLC(1), .workers = 2)),
			   .hold = KTSTR_HOLD_FRAC(0.5)),
		KTSTR_STEP(.setup = KTSTR_DEFS(
				KTSTR_CGROUP("a", .cpuset = KTSTR_CPUS_LLC(1), .workers = 2),
				KTSTR_CGROUP("b", .cpuset = KTSTR_CPUS_LLC(0), .workers = 2)),
			   .hold = KTSTR_HOLD_MS(500)));
}
