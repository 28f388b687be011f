// SPDX-License-Identifier: GPL-2.0-only
/* A test binary whose payload is on no machine, for test_cli_usage.c. */
#include <ktstr/ktstr.h>

static const struct ktstr_payload absent = { .name = "absent", .exe = "ktstr-no-such-program" };

KTSTR_TEST(needs_it, .payloads = KTSTR_PAYLOADS(&absent))
{
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0"));
}
