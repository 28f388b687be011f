// SPDX-License-Identifier: GPL-2.0-only
/*
 * One scenario, two schedulers: a cgroup that only spins and one that works in bursts, each kept
 * to one of the two LLCs, first under the kernel's own scheduler, then under a sched_ext one.
 */
#include <ktstr/ktstr.h>

static const struct ktstr_scheduler fixture = {
	.name = "ktstr_fixture",
	.bpf_object = "ktstr_fixture.bpf.o",
};

static int spin_beside_bursts(struct ktstr_ctx *ctx)
{
	return ktstr_execute_defs(ctx,
		KTSTR_CGROUP("spin", .cpuset = KTSTR_CPUS_LLC(0), .workers = 2),
		KTSTR_CGROUP("bursts", .cpuset = KTSTR_CPUS_LLC(1), .workers = 2,
			     .work = KTSTR_WORK(bursty, .burst_ms = 10, .sleep_ms = 5)));
}

/* The guest has twice the CPUs of a small host, which costs some workers more of their turn. */
#define DEMO_CHECK { .not_stuck = KTSTR_YES, .isolation = KTSTR_YES, .max_spread_pct = 60 }

KTSTR_TEST(demo_eevdf, .topology = { .llcs = 2, .cores = 2 }, .duration_ms = 2000,
	   .check = DEMO_CHECK)
{
	return spin_beside_bursts(ctx);
}

KTSTR_TEST(demo_fixture, .topology = { .llcs = 2, .cores = 2 }, .duration_ms = 2000,
	   .scheduler = &fixture, .check = DEMO_CHECK)
{
	return spin_beside_bursts(ctx);
}
