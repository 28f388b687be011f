// SPDX-License-Identifier: GPL-2.0-only
/* Every scenario of the catalogue, under the kernel's own scheduler and under the fixture. */
#include <ktstr/ktstr.h>

static const struct ktstr_scheduler fixture = { .name = "fixture", .bpf_object = "ktstr_fixture.bpf.o" };

/*
 * What can be asked of them all in a short hold, with four times as many CPUs in the guest as the
 * host has: no worker is away for long. The scenarios' own limits are for a quiet machine.
 */
#define ASK                                                                                        \
	{ .not_stuck = KTSTR_NO, .max_gap_ms = 20000, .max_spread_pct = 100,                       \
	  .max_throughput_cv = 1000, .max_wake_latency_cv = 1000 }

#define UNDER_EEVDF(name, summary)                                                                 \
	KTSTR_TEST(eevdf_##name, .topology = { .llcs = 2, .cores = 4 }, .duration_ms = 300,        \
		   .check = ASK)                                                                   \
	{                                                                                          \
		return ktstr_scenario_##name(ctx);                                                 \
	}
KTSTR_SCENARIOS(UNDER_EEVDF)

#define UNDER_FIXTURE(name, summary)                                                               \
	KTSTR_TEST(fixture_##name,                                                                 \
		   .topology = { .numa_nodes = 2, .llcs = 2, .cores = 2, .threads = 2 },           \
		   .duration_ms = 300, .scheduler = &fixture, .check = ASK)                        \
	{                                                                                          \
		return ktstr_scenario_##name(ctx);                                                 \
	}
KTSTR_SCENARIOS(UNDER_FIXTURE)
