// SPDX-License-Identifier: GPL-2.0-only
/* NumaWorkingSetSweep and NumaMigrationChurn, as far as one node shows them. */
#include "workload/node_cpus.h"

#include "test_work.h"

static void sweep_counts_pages_and_samples_sleeps(void **state)
{
	const struct work_claim claims[] = {
		{ KTSTR_WORK(numa_working_set_sweep, .sweep_period_ms = 1), 1, 1024, WAKE },
		{ KTSTR_WORK(numa_working_set_sweep, .region_kib = 40, .sweep_period_ms = 1), 2, 10,
		  WAKE },
		{ KTSTR_WORK(numa_working_set_sweep, .region_kib = 1,
			     .sweep_period_ms = KTSTR_ZERO),
		  1, 1, NO_SAMPLES },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(claims); i++)
		assert_work_claim(&claims[i], 5);
}

static void sweep_sleeps_and_that_is_no_gap(void **state)
{
	struct solo *solo = solo_new(
		KTSTR_WORK(numa_working_set_sweep, .region_kib = 4, .sweep_period_ms = 2));

	(void)state;
	assert_int_equal(solo_pass(solo), WORK_NEXT);
	assert_int_equal(solo->worker.wake_latencies.count, 1);
	assert_true(solo->worker.wake_latencies.values[0] >= 2 * NS_PER_MS);
	assert_true(solo->worker.checkpoint.last_ns > 0);
	solo_stop(solo);
	assert_int_equal(solo_pass(solo), WORK_NEXT);
	assert_int_equal(solo->worker.wake_latencies.count, 1);
	solo_free(solo);
}

/* Claim 56: 7 pages, where the process has hundreds. */
static void sweep_reports_the_pages_of_its_region(void **state)
{
	struct ktstr_reports *reports;
	uint64_t pages = 0;

	(void)state;
	if (access("/proc/self/numa_maps", R_OK))
		skip_because("needs /proc/PID/numa_maps");
	reports = run_work(
		KTSTR_WORK(numa_working_set_sweep, .region_kib = 28, .sweep_period_ms = 1), 1, 2);
	for (size_t i = 0; i < reports->reports[0].numa_pages_count; i++)
		pages += reports->reports[0].numa_pages[i].pages;
	assert_int_equal(pages, 28 * 1024 / sysconf(_SC_PAGESIZE));
	ktstr_reports_free(reports);
}

static void sweep_without_a_region_says_so_and_ends(void **state)
{
	struct solo *solo = solo_new(KTSTR_WORK(numa_working_set_sweep, .region_kib = KTSTR_ZERO));

	(void)state;
	assert_contains(solo->worker.work_error, "region_kib 0: map the region");
	assert_int_equal(solo_pass(solo), WORK_END);
	solo_free(solo);
}

static void sweep_refuses_nodes_that_no_kernel_has(void **state)
{
	(void)state;
	assert_work_refused(KTSTR_WORK(numa_working_set_sweep,
				       .target_nodes = KTSTR_TARGET_NODES(0, 1024)),
			    "target_nodes[1]: node 1024 is out of range 0..=1023");
}

/* A node that is not there is refused by the kernel, and the sweep goes on. */
static void sweep_goes_on_where_a_node_is_missing(void **state)
{
	struct solo *solo;
	cpu_set_t nodes;

	(void)state;
	node_cpus_list_nodes(&nodes);
	if (CPU_ISSET(1000, &nodes))
		skip_because("needs a machine without node 1000");
	solo = solo_new(KTSTR_WORK(numa_working_set_sweep, .region_kib = 16,
				   .sweep_period_ms = KTSTR_ZERO,
				   .target_nodes = KTSTR_TARGET_NODES(1000)));
	assert_int_equal(solo_pass(solo), WORK_NEXT);
	assert_int_equal(solo->worker.work_units, 4);
	assert_contains(solo->worker.work_error, "mbind to node 1000: ");
	solo_free(solo);
}

/* Whose turn it is depends on the tid: workers begin at different nodes. */
static void sweep_begins_at_the_node_of_its_tid(void **state)
{
	cpu_set_t nodes;

	(void)state;
	node_cpus_list_nodes(&nodes);
	if (CPU_ISSET(1000, &nodes) || CPU_ISSET(1001, &nodes) || CPU_ISSET(1002, &nodes))
		skip_because("needs a machine without the nodes 1000 to 1002");
	for (unsigned i = 0; i < 6; i++) {
		struct solo *solo = solo_new(KTSTR_WORK(
			numa_working_set_sweep, .region_kib = 4, .sweep_period_ms = KTSTR_ZERO,
			.target_nodes = KTSTR_TARGET_NODES(1000, 1001, 1002)));
		char says[32];

		solo->worker.tid = 300 + (pid_t)(i / 3);
		solo->worker.iterations = i % 3;
		snprintf(says, sizeof(says), "mbind to node %u: ", 1000 + (i / 3 + i % 3) % 3);
		assert_int_equal(solo_pass(solo), WORK_NEXT);
		assert_contains(solo->worker.work_error, says);
		solo_free(solo);
	}
}

static void migration_churn_counts_256_and_no_samples(void **state)
{
	const struct work_claim claim = { KTSTR_WORK(numa_migration_churn, .period_ms = 1), 1, 256,
					  NO_SAMPLES };

	(void)state;
	if (access("/sys/devices/system/node/has_cpu", R_OK))
		skip_because("needs a kernel with NUMA nodes in /sys");
	assert_work_claim(&claim, 5);
}

/* Every pass ends on the CPUs of the next node; 1 node: always the same. */
static void migration_churn_goes_around_the_nodes(void **state)
{
	cpu_set_t nodes, before, mask, cpus;
	struct solo *solo;
	unsigned pass = 0;

	(void)state;
	node_cpus_list_nodes(&nodes);
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	/* A cpuset around the test hides CPUs of a node: then masks say nothing. */
	if (!CPU_COUNT(&nodes) || CPU_COUNT(&before) != sysconf(_SC_NPROCESSORS_ONLN))
		skip_because("needs NUMA nodes in /sys, and all CPUs of the machine");
	solo = solo_new(KTSTR_WORK(numa_migration_churn, .period_ms = 1));
	for (unsigned round = 0; round < 2; round++)
		for (unsigned node = 0; node < CPU_SETSIZE; node++) {
			if (!CPU_ISSET(node, &nodes))
				continue;
			assert_int_equal(solo_pass(solo), WORK_NEXT);
			node_cpus_read(node, &cpus);
			sched_getaffinity(0, sizeof(mask), &mask);
			assert_true(CPU_EQUAL(&mask, &cpus));
			assert_int_equal(solo->worker.work_units, 256 * ++pass);
		}
	assert_true(solo->worker.checkpoint.last_ns > 0);
	assert_string_equal(solo->worker.work_error, "");
	solo_free(solo);
	sched_setaffinity(0, sizeof(before), &before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sweep_counts_pages_and_samples_sleeps),
		cmocka_unit_test(sweep_sleeps_and_that_is_no_gap),
		cmocka_unit_test(sweep_reports_the_pages_of_its_region),
		cmocka_unit_test(sweep_without_a_region_says_so_and_ends),
		cmocka_unit_test(sweep_refuses_nodes_that_no_kernel_has),
		cmocka_unit_test(sweep_goes_on_where_a_node_is_missing),
		cmocka_unit_test(sweep_begins_at_the_node_of_its_tid),
		cmocka_unit_test(migration_churn_counts_256_and_no_samples),
		cmocka_unit_test(migration_churn_goes_around_the_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
