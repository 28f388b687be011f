// SPDX-License-Identifier: GPL-2.0-only
/* A test that holds for no time: what is left is the price of a test. */
#include <ktstr/ktstr.h>

KTSTR_TEST(zero_hold)
{
	return ktstr_execute_steps(ctx,
		KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("cg_0", .workers = 1)),
			   .hold = KTSTR_HOLD_MS(0)));
}
