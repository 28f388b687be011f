// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every scenario of the catalogue, under the kernel's own scheduler and under the fixture, on both
 * topologies of the issue. `make check` runs eevdf_* and fixture_*, one topology each; the other two
 * combinations are there for --filter 'crossed_*'.
 */
#include <ktstr/ktstr.h>

static const struct ktstr_scheduler fixture = { .name = "fixture", .bpf_object = "ktstr_fixture.bpf.o" };

#define FLAT { .numa_nodes = 1, .llcs = 2, .cores = 4, .threads = 1 }
#define DEEP { .numa_nodes = 2, .llcs = 2, .cores = 2, .threads = 2 }

/*
 * What can be asked of them all in a second, with four times as many CPUs in the guest as the
 * host has: every worker gets something done (not_stuck), and none is away for long. The built-in
 * limits of not_stuck and the scenarios' own are for a quiet machine. How many workers and cgroups
 * there have to be is the unit test scenario_catalogue's to say.
 */
#define ASK                                                                                        \
	{ .not_stuck = KTSTR_YES, .max_gap_ms = 20000, .max_spread_pct = 100,                      \
	  .max_throughput_cv = 1000, .max_wake_latency_cv = 1000 }

/*
 * A second for each, but where a crowd joins in the middle: starting it on a busy guest counts
 * against the duration (measured: 0.6 s and more), and all of it has to get a slice after that.
 */
#define LATE_custom_cgroup_cpuset_load_shift ~, 12000
#define LATE_custom_cgroup_add_load_imbalance ~, 4000
#define LATE_custom_cgroup_add_during_imbalance ~, 4000
#define LATE_custom_cgroup_dynamic_workload_variety ~, 4000
#define SECOND(first, second, ...) second
#define CHOOSE(late) SECOND(late, 1000, )
#define DURATION_MS(name) CHOOSE(LATE_##name)

#define RUN(prefix, name, ...)                                                                     \
	KTSTR_TEST(prefix##_##name, .duration_ms = DURATION_MS(name), .check = ASK, __VA_ARGS__)                 \
	{                                                                                          \
		return ktstr_scenario_##name(ctx);                                                 \
	}

#define EEVDF(name, summary) RUN(eevdf, name, .topology = FLAT)
#define FIXTURE(name, summary) RUN(fixture, name, .topology = DEEP, .scheduler = &fixture)
#define CROSSED_EEVDF(name, summary) RUN(crossed_eevdf, name, .topology = DEEP)
#define CROSSED_FIXTURE(name, summary) RUN(crossed_fixture, name, .topology = FLAT, .scheduler = &fixture)

KTSTR_SCENARIOS(EEVDF)
KTSTR_SCENARIOS(FIXTURE)
KTSTR_SCENARIOS(CROSSED_EEVDF)
KTSTR_SCENARIOS(CROSSED_FIXTURE)
