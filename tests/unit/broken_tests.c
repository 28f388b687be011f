// SPDX-License-Identifier: GPL-2.0-only
/* A test binary with declarations that cannot work, for test_cli_usage.c. */
#include <ktstr/ktstr.h>

KTSTR_TEST(sound)
{
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0"));
}
KTSTR_TEST(odd_llcs, .topology = { .numa_nodes = 2, .llcs = 3 })
{
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0"));
}
