// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of mixed durations for the pool: pool.c runs them and looks at the order of their results.
 */
#include <unistd.h>

#include "expect.h"

static void stay(void)
{
	while (pause() < 0)
		;
}

KTSTR_TEST(pool_1_hangs, .timeout_ms = 120000)
{
	(void)ctx;
	stay();
	return 0;
}

KTSTR_TEST(pool_2_quick)
{
	(void)ctx;
	return 0;
}

KTSTR_TEST(pool_3_fails)
{
	ktstr_fail(ctx, "three is not four");
	return 0;
}

KTSTR_TEST(pool_4_quick)
{
	(void)ctx;
	return 0;
}

KTSTR_TEST(pool_5_skips)
{
	ktstr_skip(ctx, "needs %d moons", 2);
	return 0;
}

KTSTR_TEST(pool_6_hangs, .timeout_ms = 120000)
{
	(void)ctx;
	stay();
	return 0;
}
