// SPDX-License-Identifier: GPL-2.0-only
/* Cores, caches, nodes and memory of machines that are at hand and of others. */
#include <errno.h>
#include <limits.h>
#include <math.h>

#include "fake_tree.h"
#include "machines.h"
#include "topology/machine_memory.h"

static struct ktstr_machine *synthetic(const char *description)
{
	struct ktstr_machine *machine;

	assert_int_equal(machine_of_hwloc(description, NULL, &machine, NULL), 0);
	return machine;
}

/* Scenario claim 16. */
static void vm_topology_spreads_llcs_over_nodes(void **state)
{
	struct ktstr_machine *machine = machine_of("2n4l2c2t");
	static const int nodes[] = { 0, 0, 1, 1, -1 };
	cpu_set_t cpus;

	(void)state;
	for (unsigned i = 0; i < COUNT(nodes); i++)
		assert_int_equal(ktstr_machine_llc_node(machine, i), nodes[i]);
	assert_int_equal(ktstr_machine_num_cores(machine), 8);
	assert_int_equal(ktstr_machine_llc_num_cores(machine, 3), 2);
	assert_int_equal(ktstr_machine_llc_num_cores(machine, 4), 0);
	/* Cores count from 0 in each LLC. */
	ktstr_machine_core_cpus(machine, 0, 0, &cpus);
	assert_cpus(&cpus, "0-1");
	ktstr_machine_core_cpus(machine, 2, 0, &cpus);
	assert_cpus(&cpus, "8-9");
	ktstr_machine_core_cpus(machine, 2, 1, &cpus);
	assert_cpus(&cpus, "10-11");
	ktstr_machine_core_cpus(machine, 2, 2, &cpus);
	assert_cpus(&cpus, "");
	ktstr_machine_core_cpus(machine, 4, 0, &cpus);
	assert_cpus(&cpus, "");
	assert_int_equal(ktstr_machine_llc_cache_kib(machine, 0), 0); /* nobody said */
	assert_false(ktstr_machine_node_memory(machine, 0, &(struct ktstr_node_memory){ 0 }));
	ktstr_machine_free(machine);
}

static void cpu_siblings_share_a_core(void **state)
{
	static const struct {
		const char *description, *allowed;
		unsigned cpu;
		const char *siblings;
	} rows[] = {
		{ "L3:2 Core:2 PU:2", NULL, 5, "4-5" },
		/* Numbered as on most PCs: the second threads come behind all first ones. */
		{ "L3:1 Core:2 PU:2(indexes=0,2,1,3)", NULL, 0, "0,2" },
		{ "L3:1 Core:2 PU:2(indexes=0,2,1,3)", "1-3", 2, "2" },
		{ "L3:1 Core:2 PU:1", NULL, 1, "1" },
		{ "L3:1 Core:2 PU:1", NULL, 2, "" },
		{ "L3:1 Core:2 PU:1", NULL, UINT_MAX, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_machine *machine;
		cpu_set_t cpus;

		assert_int_equal(
			machine_of_hwloc(rows[i].description, rows[i].allowed, &machine, NULL), 0);
		ktstr_machine_cpu_siblings(machine, rows[i].cpu, &cpus);
		assert_cpus(&cpus, rows[i].siblings);
		ktstr_machine_free(machine);
	}
}

static void numa_nodes_of_asks_the_llcs(void **state)
{
	static const struct {
		const char *cpus, *nodes;
	} rows[] = { { "", "" }, { "0", "0" }, { "5", "1" }, { "3-4", "0-1" }, { "8-99", "" } };
	struct ktstr_machine *machine = machine_of("2n4l2c1t");
	cpu_set_t nodes;

	(void)state;
	ktstr_machine_numa_nodes(machine, &nodes);
	assert_cpus(&nodes, "0-1");
	for (size_t i = 0; i < COUNT(rows); i++) {
		cpu_set_t cpus = cpus_of(rows[i].cpus);

		ktstr_machine_numa_nodes_of(machine, &cpus, &nodes);
		assert_cpus(&nodes, rows[i].nodes);
	}
	ktstr_machine_free(machine);
}

static void memory_only_nodes_have_no_cpus(void **state)
{
	struct ktstr_machine *machine = synthetic(
		"Package:2 [NUMANode] [NUMANode] L3:1 Core:1 PU:2");
	static const bool only[] = { false, true, false, true, false };
	cpu_set_t cpus;

	(void)state;
	assert_int_equal(ktstr_machine_num_numa_nodes(machine), 4);
	for (unsigned node = 0; node < COUNT(only); node++) {
		assert_int_equal(ktstr_machine_node_is_memory_only(machine, node), only[node]);
		ktstr_machine_node_cpus(machine, node, &cpus);
		assert_int_equal(!CPU_COUNT(&cpus), only[node] || node == 4);
	}
	assert_false(ktstr_machine_node_is_memory_only(machine, UINT_MAX));
	ktstr_machine_free(machine);
	/* CPUs out of reach do not make a node one of memory only. */
	assert_int_equal(machine_of_hwloc("NUMANode:2 L3:1 Core:2 PU:1", "0-1", &machine, NULL), 0);
	ktstr_machine_node_cpus(machine, 1, &cpus);
	assert_cpus(&cpus, "");
	assert_false(ktstr_machine_node_is_memory_only(machine, 1));
	ktstr_machine_free(machine);
}

/* Scenario claim 14, for hwloc's bytes; the files themselves are in test_topology_sysfs.c. */
static void llc_cache_kib_rounds_up(void **state)
{
	static const struct {
		const char *description;
		unsigned kib;
	} rows[] = {
		{ "L3:1(size=500) PU:2", 1 },
		{ "L3:1(size=33554432) PU:2", 32768 },
		{ "L3:1(size=49152) PU:2", 48 },
		{ "L3:1(size=49153) PU:2", 49 },
		/* The last level's, not the first's. */
		{ "L3:1(size=1048576) L2:2(size=4096) PU:2", 1024 },
		{ "PU:2", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_machine *machine = synthetic(rows[i].description);

		assert_int_equal(ktstr_machine_llc_cache_kib(machine, 0), rows[i].kib);
		assert_int_equal(ktstr_machine_llc_cache_kib(machine, 1), 0);
		ktstr_machine_free(machine);
	}
}

/* Scenario claim 12. */
static void overlapping_cpus_go_round(void **state)
{
	static const struct {
		const char *notation;
		unsigned of;
		double fraction;
		const char *sets[4];
	} rows[] = {
		{ "1n2l4c1t", 2, 0.5, { "0-3", "2-5", "" } },
		{ "1n2l4c1t", 3, 0.5, { "0-1", "1-2", "2-3", "" } },
		{ "1n2l4c1t", 2, 0, { "0-3", "4-7", "" } },
		{ "1n2l4c1t", 0, 0.5, { "" } },
		/* Past the last CPU it goes on with the first. */
		{ "1n1l3c1t", 3, 0, { "0", "1", "2", "" } },
		{ "1n1l5c1t", 2, 0, { "0-1", "2-3", "" } },
		{ "1n1l3c1t", 4, 0, { "0", "1", "2", "0" } },
		/* At least one CPU, one further each time, whatever the fraction. */
		{ "1n1l4c1t", 2, 1, { "0-1", "1-2", "" } },
		{ "1n1l4c1t", 2, 1e300, { "0-1", "1-2", "" } },
		{ "1n1l4c1t", 2, NAN, { "0-1", "2-3", "" } },
		{ "1n1l4c1t", 2, -1, { "0-1", "2-3", "" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_machine *machine = machine_of(rows[i].notation);

		for (unsigned k = 0; k < COUNT(rows[i].sets) && rows[i].sets[k]; k++) {
			char text[CPULIST_TEXT_MAX];
			cpu_set_t cpus;

			ktstr_machine_overlapping_cpus(machine, k, rows[i].of, rows[i].fraction,
						       &cpus);
			if (strcmp(cpulist_format(&cpus, text), rows[i].sets[k]) != 0)
				fail_msg("set %u of row %zu is {%s}, not {%s}", k, i, text,
					 rows[i].sets[k]);
		}
		ktstr_machine_free(machine);
	}
}

/* What node0/meminfo says, and total, free and used of it in KiB; total 0: not known. */
static const struct {
	const char *meminfo;
	unsigned total_kib, free_kib, used_kib;
} memories[] = {
	{ "\nNode 0 MemTotal:       2048 kB\nNode 0 MemFree:         548 kB\nNode 0 MemUsed: 9 "
	  "kB\n",
	  2048, 548, 1500 },
	{ "Node 0 MemTotal: 10 kB\nNode 0 MemFree: 12 kB\n", 10, 12, 0 },
	{ "Node 0 MemTotal: 10 kB\n", 0, 0, 0 },
	{ "Node 0 MemFree: 10 kB\n", 0, 0, 0 },
	{ "Node 0 MemTotal: 10 MB\nNode 0 MemFree: 1 kB\n", 0, 0, 0 },
	{ "Node 0 XMemTotal: 10 kB\nNode 0 MemFree: 1 kB\n", 0, 0, 0 },
	{ "Node 0 MemTotal: 18446744073709551615 kB\nNode 0 MemFree: 1 kB\n", 0, 0, 0 },
	{ "MemTotal: 10 kB\nMemFree: 1 kB", 0, 0, 0 },
	{ "", 0, 0, 0 },
};

static void node_memory_is_what_meminfo_says(void **state)
{
	struct fake_tree *tree = *state;

	tree_mkdir(tree, "node0");
	for (size_t i = 0; i < COUNT(memories); i++) {
		struct ktstr_machine *machine = machine_of("2n2l1c1t");
		struct ktstr_node_memory memory = { 0 };

		tree_write(tree, "node0/meminfo", memories[i].meminfo);
		machine_read_memory(machine, tree->root);
		assert_int_equal(ktstr_machine_node_memory(machine, 0, &memory),
				 memories[i].total_kib > 0);
		assert_int_equal(memory.total_bytes, memories[i].total_kib * UINT64_C(1024));
		assert_int_equal(memory.free_bytes, memories[i].free_kib * UINT64_C(1024));
		assert_int_equal(memory.used_bytes, memories[i].used_kib * UINT64_C(1024));
		assert_false(ktstr_machine_node_memory(machine, 1, &memory)); /* no file */
		assert_false(ktstr_machine_node_memory(machine, 2, &memory)); /* no node */
		ktstr_machine_free(machine);
	}
}

static void machine_from_system_knows_its_memory(void **state)
{
	struct ktstr_node_memory memory;
	struct ktstr_machine *machine;
	unsigned known = 0;
	cpu_set_t nodes;

	(void)state;
	if (access(MACHINE_NODES, F_OK))
		skip_because("needs " MACHINE_NODES);
	assert_int_equal(ktstr_machine_from_system(&machine, NULL), 0);
	ktstr_machine_numa_nodes(machine, &nodes);
	for (unsigned node = 0; node < CPU_SETSIZE; node++)
		if (CPU_ISSET(node, &nodes) && ktstr_machine_node_memory(machine, node, &memory)) {
			assert_true(memory.free_bytes <= memory.total_bytes);
			known++;
		}
	assert_true(known > 0);
	ktstr_machine_free(machine);
}

#define on_tree(test) cmocka_unit_test_setup_teardown(test, fake_tree_setup, fake_tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vm_topology_spreads_llcs_over_nodes),
		cmocka_unit_test(cpu_siblings_share_a_core),
		cmocka_unit_test(numa_nodes_of_asks_the_llcs),
		cmocka_unit_test(memory_only_nodes_have_no_cpus),
		cmocka_unit_test(llc_cache_kib_rounds_up),
		cmocka_unit_test(overlapping_cpus_go_round),
		on_tree(node_memory_is_what_meminfo_says),
		cmocka_unit_test(machine_from_system_knows_its_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
