// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "machines.h"

static void usable_cpus_leave_the_highest_to_the_root(void **state)
{
	static const struct {
		const char *notation, *usable;
	} rows[] = {
		{ "1n1l1c1t", "0" },
		{ "1n1l2c1t", "0-1" },
		{ "1n1l3c1t", "0-1" },
		{ "1n2l4c1t", "0-6" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_machine *machine = machine_of(rows[i].notation);
		cpu_set_t usable;

		ktstr_machine_usable_cpus(machine, &usable);
		assert_cpus(&usable, rows[i].usable);
		ktstr_machine_free(machine);
	}
}

static void machine_from_topology_numbers_node_llc_core_thread(void **state)
{
	struct ktstr_machine *machine = machine_of("2n4l2c2t");
	static const char *const llcs[] = { "0-3", "4-7", "8-11", "12-15", "" };
	static const char *const nodes[] = { "0-7", "8-15", "" };
	cpu_set_t cpus;

	(void)state;
	assert_int_equal(ktstr_machine_num_cpus(machine), 16);
	assert_int_equal(ktstr_machine_num_llcs(machine), 4);
	assert_int_equal(ktstr_machine_num_numa_nodes(machine), 2);
	for (unsigned i = 0; i < COUNT(llcs); i++) {
		ktstr_machine_llc_cpus(machine, i, &cpus);
		assert_cpus(&cpus, llcs[i]);
	}
	for (unsigned i = 0; i < COUNT(nodes); i++) {
		ktstr_machine_node_cpus(machine, i, &cpus);
		assert_cpus(&cpus, nodes[i]);
	}
	assert_int_equal(machine->layout.places[7].core, 6);
	assert_int_equal(machine->layout.places[8].core, 8);
	ktstr_machine_free(machine);
}

static void numa_distance_defaults_and_unknown_nodes(void **state)
{
	struct ktstr_machine *machine = machine_of("2n2l1c1t");

	(void)state;
	assert_int_equal(ktstr_machine_numa_distance(machine, 0, 0), 10);
	assert_int_equal(ktstr_machine_numa_distance(machine, 0, 1), 20);
	assert_int_equal(ktstr_machine_numa_distance(machine, 0, 2), 255);
	assert_int_equal(ktstr_machine_numa_distance(machine, 4000000000u, 1), 255);
	machine_set_distance(machine, 1, 0, 17);
	machine_set_distance(machine, 1, 2, 18); /* no such node: passed over */
	assert_int_equal(ktstr_machine_numa_distance(machine, 1, 0), 17);
	assert_int_equal(ktstr_machine_numa_distance(machine, 0, 1), 20);
	ktstr_machine_free(machine);
}

static void machine_from_topology_refuses_what_cannot_be(void **state)
{
	const struct ktstr_topology uneven = { 2, 3, 1, 1 }, none = { 0 };
	struct ktstr_machine *machine = NULL;

	(void)state;
	assert_int_equal(ktstr_machine_from_topology(&uneven, &machine, NULL), -EINVAL);
	assert_int_equal(ktstr_machine_from_topology(&none, &machine, NULL), -EINVAL);
	assert_null(machine);
}

/* What hwloc says about odd machines, and what the machine makes of it. */
static const struct {
	const char *description, *allowed, *text;
} discovered[] = {
	{ "NUMANode:2 L3:2 Core:2 PU:2", NULL,
	  "16 CPUs, 8 cores, 2 NUMA nodes {0-7} {8-15}, 4 LLCs {0-3} {4-7} {8-11} {12-15}" },
	{ "Package:2 NUMANode:1 L3:2 Core:1 PU:1", NULL,
	  "4 CPUs, 4 cores, 2 NUMA nodes {0-1} {2-3}, 4 LLCs {0} {1} {2} {3}" },
	/* No cache at all: one LLC. */
	{ "Package:2 Core:2 PU:1", NULL, "4 CPUs, 4 cores, 1 NUMA node {0-3}, 1 LLC {0-3}" },
	/* No cores either. */
	{ "PU:3", NULL, "3 CPUs, 3 cores, 1 NUMA node {0-2}, 1 LLC {0-2}" },
	/* The largest level counts, not the first. */
	{ "L3:1 L2:2 L1:2 Core:1 PU:1", NULL, "4 CPUs, 4 cores, 1 NUMA node {0-3}, 1 LLC {0-3}" },
	{ "Package:1 L2:2 L1:2 Core:1 PU:1", NULL,
	  "4 CPUs, 4 cores, 1 NUMA node {0-3}, 2 LLCs {0-1} {2-3}" },
	/* CPUs interleaved over the LLCs, as on many two-socket machines. */
	{ "L3:2 Core:2 PU:1(indexes=0,2,1,3)", NULL,
	  "4 CPUs, 4 cores, 1 NUMA node {0-3}, 2 LLCs {0,2} {1,3}" },
	/* The lowest allowed CPU stands for LLC and core when the others are out of reach. */
	{ "NUMANode:2 L3:2 Core:1 PU:2", "1,3-5",
	  "4 CPUs, 3 cores, 2 NUMA nodes {1,3} {4-5}, 3 LLCs {1} {3} {4-5}" },
};

static void machine_from_hwloc_understands_odd_machines(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(discovered); i++) {
		char text[KTSTR_MACHINE_TEXT_MAX];
		struct ktstr_machine *machine;

		assert_int_equal(machine_of_hwloc(discovered[i].description, discovered[i].allowed,
						  &machine, NULL),
				 0);
		assert_string_equal(ktstr_machine_format(machine, text), discovered[i].text);
		ktstr_machine_free(machine);
	}
}

static void machine_from_hwloc_needs_a_cpu(void **state)
{
	struct ktstr_machine *machine = NULL;
	struct ktstr_error error = { 0 };

	(void)state;
	assert_int_equal(machine_of_hwloc("PU:4", "9", &machine, &error), -ENODEV);
	assert_contains(error.text, "no cpu is online");
	assert_contains(error.text, "{0-3}");
	assert_contains(error.text, "{9}");
	assert_null(machine);
}

static void machine_from_system_agrees_with_the_kernel(void **state)
{
	struct ktstr_machine *machine;
	cpu_set_t cpus, allowed;

	(void)state;
	assert_int_equal(ktstr_machine_from_system(&machine, NULL), 0);
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	ktstr_machine_cpus(machine, &cpus);
	assert_true(CPU_EQUAL(&cpus, &allowed));
	assert_true(ktstr_machine_num_llcs(machine) >= 1);
	assert_true(ktstr_machine_num_numa_nodes(machine) >= 1);
	ktstr_machine_free(machine);
}

static void machine_from_system_respects_the_affinity(void **state)
{
	struct ktstr_machine *machine;
	cpu_set_t before, one, cpus;
	int cpu;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	cpu = cpulist_first(&before);
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(ktstr_machine_from_system(&machine, NULL), 0);
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
	ktstr_machine_cpus(machine, &cpus);
	assert_true(CPU_EQUAL(&cpus, &one));
	ktstr_machine_free(machine);
}

static void check_topology_accepts_what_was_asked(void **state)
{
	const struct ktstr_topology asked = { 2, 4, 2, 2 };
	struct ktstr_machine *machine;

	(void)state;
	assert_int_equal(machine_of_hwloc("NUMANode:2 L3:2 Core:2 PU:2", NULL, &machine, NULL), 0);
	assert_int_equal(ktstr_machine_check_topology(machine, &asked, NULL), 0);
	ktstr_machine_free(machine);
}

static const struct {
	const char *seen, *asked;
	const char *names[4];
} mismatches[] = {
	{ "L3:2 Core:2 PU:1",
	  "1n2l4c1t",
	  { "1n2l4c1t", "4 CPUs", "8 CPUs", "{0-3} instead of {0-7}" } },
	{ "L3:4 Core:2 PU:1",
	  "2n4l2c1t",
	  { "NUMA nodes {0} instead of {0-1}", "2 NUMA nodes {0-3} {4-7}" } },
	{ "L3:4 Core:1 PU:1", "1n2l2c1t", { "4 LLCs", "2 LLCs", "LLC with {1} instead of {0-1}" } },
	{ "L3:2 Core:2 PU:1",
	  "1n2l1c2t",
	  { "core with {1} instead of {0-1}", "2 cores", "4 cores" } },
	{ "L3:2 Core:2 PU:1(indexes=0,2,1,3)", "1n2l2c1t", { "cpu 1", "{1,3} instead of {0-1}" } },
	{ "NUMANode:2(indexes=1,0) L3:1 Core:1 PU:1", "2n2l1c1t", { "cpu 0", "NUMA node" } },
};

static void check_topology_names_both_and_the_difference(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mismatches); i++) {
		struct ktstr_error error = { 0 };
		struct ktstr_topology asked;
		struct ktstr_machine *machine;

		assert_int_equal(ktstr_topology_parse(mismatches[i].asked, &asked, NULL), 0);
		assert_int_equal(machine_of_hwloc(mismatches[i].seen, NULL, &machine, NULL), 0);
		assert_int_equal(ktstr_machine_check_topology(machine, &asked, &error), -EXDEV);
		for (size_t j = 0; j < COUNT(mismatches[i].names) && mismatches[i].names[j]; j++)
			assert_contains(error.text, mismatches[i].names[j]);
		ktstr_machine_free(machine);
	}
}

static void machine_format_cuts_visibly(void **state)
{
	struct ktstr_machine *machine = machine_of("1n240l1c1t");
	char text[KTSTR_MACHINE_TEXT_MAX];

	(void)state;
	ktstr_machine_format(machine, text);
	assert_int_equal(strlen(text), KTSTR_MACHINE_TEXT_MAX - 1);
	assert_string_equal(text + strlen(text) - 3, "...");
	ktstr_machine_free(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usable_cpus_leave_the_highest_to_the_root),
		cmocka_unit_test(machine_from_topology_numbers_node_llc_core_thread),
		cmocka_unit_test(numa_distance_defaults_and_unknown_nodes),
		cmocka_unit_test(machine_from_topology_refuses_what_cannot_be),
		cmocka_unit_test(machine_from_hwloc_understands_odd_machines),
		cmocka_unit_test(machine_from_hwloc_needs_a_cpu),
		cmocka_unit_test(machine_from_system_agrees_with_the_kernel),
		cmocka_unit_test(machine_from_system_respects_the_affinity),
		cmocka_unit_test(check_topology_accepts_what_was_asked),
		cmocka_unit_test(check_topology_names_both_and_the_difference),
		cmocka_unit_test(machine_format_cuts_visibly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
