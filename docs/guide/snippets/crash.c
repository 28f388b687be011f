// SPDX-License-Identifier: GPL-2.0-only
/* A scheduler that raises an error half a second after it was attached. */
#include <ktstr/ktstr.h>

static const struct ktstr_scheduler crash = {
	.name = "ktstr_crash",
	.bpf_object = "ktstr_crash.bpf.o",
};

KTSTR_TEST(dies_under_load, .scheduler = &crash, .duration_ms = 3000)
{
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0", .workers = 2));
}
