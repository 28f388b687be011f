// SPDX-License-Identifier: GPL-2.0-only
/* Fails on purpose: four spinning workers cannot share two CPUs without waiting for each other. */
#include <ktstr/ktstr.h>

KTSTR_TEST(no_waiting_at_all, .topology = { .llcs = 1, .cores = 2 }, .duration_ms = 1000,
	   .check = { .not_stuck = KTSTR_YES, .max_gap_ms = 1 })
{
	return ktstr_execute_defs(ctx,
		KTSTR_CGROUP("cg_0", .workers = 2),
		KTSTR_CGROUP("cg_1", .workers = 2));
}
