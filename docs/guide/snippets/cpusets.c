// SPDX-License-Identifier: GPL-2.0-only
/* What cpusets come to on a machine with 8 CPUs, and affinities within them. */
#include <string.h>

#include <ktstr/ktstr.h>

static void expect(struct ktstr_ctx *ctx, struct ktstr_cpuset cpuset, const char *expected)
{
	char text[KTSTR_CPUS_TEXT_MAX];
	cpu_set_t cpus;

	ktstr_cpuset_resolve(&cpuset, ktstr_ctx_machine(ctx), &cpus);
	if (strcmp(ktstr_cpus_format(&cpus, text), expected) != 0)
		ktstr_fail(ctx, "cpus %s instead of %s", text, expected);
}

KTSTR_TEST(eight_cpus, .topology = { .numa_nodes = 2, .llcs = 2, .cores = 4 })
{
	expect(ctx, KTSTR_CPUS_LLC(1), "4-7");
	expect(ctx, KTSTR_CPUS_NUMA(0), "0-3");
	expect(ctx, KTSTR_CPUS_RANGE(0, 0.5), "0-2");
	expect(ctx, KTSTR_CPUS_RANGE(0.5, 1), "3-6");
	expect(ctx, KTSTR_CPUS_DISJOINT(0, 3), "0-1");
	expect(ctx, KTSTR_CPUS_DISJOINT(2, 3), "4-6");
	expect(ctx, KTSTR_CPUS_OVERLAP(0, 2, 0.5), "0-3");
	expect(ctx, KTSTR_CPUS_OVERLAP(1, 2, 0.5), "2-6");
	expect(ctx, KTSTR_CPUS_LIST("0,7"), "0,7");
	return 0;
}

KTSTR_TEST(halves, .topology = { .llcs = 2, .cores = 4 }, .duration_ms = 500,
	   .check = { .isolation = KTSTR_YES })
{
	return ktstr_execute_defs(ctx,
		KTSTR_CGROUP("a", .cpuset = KTSTR_CPUS_DISJOINT(0, 2), .workers_pct = 1.0),
		KTSTR_CGROUP("b", .cpuset = KTSTR_CPUS_DISJOINT(1, 2), .workers_pct = 0.5));
}

KTSTR_TEST(pinned, .topology = { .llcs = 2, .cores = 2, .threads = 2 }, .duration_ms = 500)
{
	return ktstr_execute_defs(ctx,
		KTSTR_CGROUP("one", .cpuset = KTSTR_CPUS_LLC(1), .workers = 2,
			     .affinity = KTSTR_AFFINITY_SINGLE_CPU()),
		KTSTR_CGROUP("core", .workers = 2, .affinity = KTSTR_AFFINITY_SMT_SIBLING_PAIR()));
}

KTSTR_TEST(nodes, .topology = { .numa_nodes = 2, .llcs = 2, .cores = 2 }, .duration_ms = 500)
{
	return ktstr_execute_defs(ctx,
		KTSTR_CGROUP("near", .cpuset = KTSTR_CPUS_NUMA(1), .cpuset_mems = KTSTR_NODES(1),
			     .mem_policy = KTSTR_MEM_BIND(1)));
}
