// SPDX-License-Identifier: GPL-2.0-only
/* CPUs by node, on the machine the test runs on. */
#include <unistd.h>

#include "unit.h"
#include "workload/node_cpus.h"

static void node_cpus_divide_the_machine(void **state)
{
	cpu_set_t nodes, cpus, all;

	(void)state;
	if (access("/sys/devices/system/node/has_cpu", R_OK))
		skip_because("needs a kernel with NUMA nodes in /sys");
	node_cpus_list_nodes(&nodes);
	assert_true(CPU_COUNT(&nodes) > 0);
	CPU_ZERO(&all);
	for (unsigned node = 0; node < CPU_SETSIZE; node++) {
		cpu_set_t both;

		node_cpus_read(node, &cpus);
		assert_int_equal(CPU_COUNT(&cpus) > 0, CPU_ISSET(node, &nodes) != 0);
		CPU_AND(&both, &all, &cpus);
		assert_int_equal(CPU_COUNT(&both), 0);
		CPU_OR(&all, &all, &cpus);
	}
	assert_int_equal(CPU_COUNT(&all), sysconf(_SC_NPROCESSORS_ONLN));
}

static void node_cpus_read_of_no_node_is_empty(void **state)
{
	cpu_set_t cpus;

	(void)state;
	memset(&cpus, 0xff, sizeof(cpus));
	node_cpus_read(100000, &cpus);
	assert_int_equal(CPU_COUNT(&cpus), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(node_cpus_divide_the_machine),
		cmocka_unit_test(node_cpus_read_of_no_node_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
