// SPDX-License-Identifier: GPL-2.0-only
#include <ktstr/ktstr.h>

KTSTR_TEST(two_cgroups, .topology = { .llcs = 1, .cores = 2 }, .duration_ms = 2000,
	   .check = { .not_stuck = KTSTR_YES })
{
	return ktstr_execute_defs(ctx,
		KTSTR_CGROUP("cg_0", .workers = 2),
		KTSTR_CGROUP("cg_1", .workers = 2));
}
