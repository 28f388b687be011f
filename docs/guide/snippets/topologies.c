// SPDX-License-Identifier: GPL-2.0-only
/* Asking for a machine, and asking what the machine is. */
#include <ktstr/ktstr.h>

KTSTR_TEST(one_worker_for_each_llc, .topology = { .numa_nodes = 2, .llcs = 4, .cores = 2 },
	   .duration_ms = 500, .check = { .not_stuck = KTSTR_YES, .isolation = KTSTR_YES })
{
	return ktstr_execute_defs(ctx,
		KTSTR_CGROUP("llc_0", .cpuset = KTSTR_CPUS_LLC(0)),
		KTSTR_CGROUP("llc_1", .cpuset = KTSTR_CPUS_LLC(1)),
		KTSTR_CGROUP("llc_2", .cpuset = KTSTR_CPUS_LLC(2)),
		KTSTR_CGROUP("llc_3", .cpuset = KTSTR_CPUS_LLC(3)));
}

KTSTR_TEST(needs_two_nodes, .duration_ms = 500, .check = { .not_stuck = KTSTR_YES })
{
	const struct ktstr_machine *machine = ktstr_ctx_machine(ctx);
	char text[KTSTR_MACHINE_TEXT_MAX];

	if (ktstr_machine_num_numa_nodes(machine) < 2) {
		ktstr_skip(ctx, "needs 2 NUMA nodes, has %s", ktstr_machine_format(machine, text));
		return 0;
	}
	return ktstr_execute_defs(ctx,
		KTSTR_CGROUP("node_0", .cpuset = KTSTR_CPUS_NUMA(0), .workers_pct = 1.0),
		KTSTR_CGROUP("node_1", .cpuset = KTSTR_CPUS_NUMA(1), .workers_pct = 1.0));
}
