// SPDX-License-Identifier: GPL-2.0-only
/* A sched_ext scheduler under test. */
#include <ktstr/ktstr.h>

static const struct ktstr_scheduler fixture = {
	.name = "ktstr_fixture",
	.bpf_object = "ktstr_fixture.bpf.o",
	.topology = { .llcs = 2, .cores = 2 },
	.check = { .not_stuck = KTSTR_YES, .max_spread_pct = 60 },
};

KTSTR_TEST(workers_get_their_turn, .scheduler = &fixture, .duration_ms = 1000)
{
	return ktstr_execute_defs(ctx,
		KTSTR_CGROUP("cg_0", .workers = 4),
		KTSTR_CGROUP("cg_1", .workers = 4));
}
