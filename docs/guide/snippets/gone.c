// SPDX-License-Identifier: GPL-2.0-only
/* A cgroup of the first step is not there any more in the second. */
#include <ktstr/ktstr.h>

KTSTR_TEST(gone, .topology = { .llcs = 1, .cores = 1 }, .duration_ms = 200)
{
	return ktstr_execute_steps(ctx,
		KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("cg_0")), .hold = KTSTR_HOLD_FRAC(0.5)),
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_SPAWN("cg_0", .workers = 2))));
}
