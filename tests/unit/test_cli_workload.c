// SPDX-License-Identifier: GPL-2.0-only
/* What `ktstr workload` shows of the reports: nothing of them is left out. */
#include <stdio.h>
#include <stdlib.h>

#include <ktstr/report.h>

#include "cli/workload_print.h"
#include "workload/schbench/histogram.h"

#include "unit.h"

static uint64_t wakes[] = { 30, 10, 20 };
static struct ktstr_migration migrations[] = { { 5, 0, 1 }, { 9, 1, 0 } };
static struct ktstr_numa_pages pages[] = { { 1, 77 } };

static struct ktstr_worker_report full_report(struct ktstr_schbench_report *schbench,
					      struct ktstr_taobench_report *taobench)
{
	return (struct ktstr_worker_report){
		.tid = 1234,
		.group_index = 2,
		.completed = true,
		.is_messenger = true,
		.work_units = 1001,
		.iterations = 1002,
		.wall_time_ns = 1003,
		.cpu_time_ns = 1004,
		.off_cpu_ns = 1005,
		.migration_count = 3,
		.migrations = migrations,
		.migrations_kept = COUNT(migrations),
		.max_gap_ms = 1006,
		.max_gap_cpu = 7,
		.max_gap_at_ms = 1008,
		.wake_latencies = { wakes, COUNT(wakes), 40 },
		.schedstat_run_delay_ns = 1009,
		.schedstat_run_count = 1010,
		.schedstat_cpu_time_ns = 1011,
		.numa_pages = pages,
		.numa_pages_count = COUNT(pages),
		.vmstat_numa_pages_migrated = 1012,
		.schbench = schbench,
		.taobench = taobench,
		.affinity_error = "bad affinity",
		.sched_policy_error = "bad policy",
		.setup_error = "bad setup",
		.work_error = "bad work",
	};
}

/* Two phases of each benchmark, which are shown as one. */
struct benchmarks {
	struct ktstr_schbench_slice slices[2];
	struct ktstr_schbench_report schbench;
	struct ktstr_taobench_slice tao_slices[2];
	struct ktstr_taobench_report taobench;
};

static int make_benchmarks(void **state)
{
	struct benchmarks *made = calloc(1, sizeof(*made));

	if (!made)
		return -1;
	for (unsigned i = 0; i < 2; i++) {
		made->slices[i].loop_count = 40 + i;
		histogram_record(&made->slices[i].wakeup_us, 100 * (i + 1));
		histogram_record(&made->slices[i].request_us, 300);
		histogram_record(&made->tao_slices[i].serve_us, 50);
	}
	made->schbench = (struct ktstr_schbench_report){ .runtime_ns = 2000000000,
							 .worker_runtime_us = 11,
							 .message_sched_delay_ns = 12000,
							 .worker_sched_delay_ns = 13000,
							 .slices_count = 2,
							 .slices = made->slices };
	made->taobench = (struct ktstr_taobench_report){ .whole = { .get_cmds = 100,
								    .get_misses = 20,
								    .fast_ops = 80,
								    .slow_ops = 20,
								    .elapsed_ns = 2000000000 },
							 .slices_count = 2,
							 .slices = made->tao_slices };
	*state = made;
	return 0;
}

static int free_benchmarks(void **state)
{
	free(*state);
	return 0;
}

static json_int_t number_at(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value))
		fail_msg("'%s' is no whole number", key);
	return json_integer_value(value);
}

static void workload_json_has_every_field_of_a_report(void **state)
{
	static const struct {
		const char *key;
		json_int_t value;
	} numbers[] = {
		{ "tid", 1234 },
		{ "group_index", 2 },
		{ "work_units", 1001 },
		{ "iterations", 1002 },
		{ "wall_time_ns", 1003 },
		{ "cpu_time_ns", 1004 },
		{ "off_cpu_ns", 1005 },
		{ "migration_count", 3 },
		{ "max_gap_ms", 1006 },
		{ "max_gap_cpu", 7 },
		{ "max_gap_at_ms", 1008 },
		{ "schedstat_run_delay_ns", 1009 },
		{ "schedstat_run_count", 1010 },
		{ "schedstat_cpu_time_ns", 1011 },
		{ "vmstat_numa_pages_migrated", 1012 },
	};
	struct benchmarks *made = *state;
	struct ktstr_worker_report report = full_report(&made->schbench, &made->taobench);
	struct ktstr_reports reports = { 1, &report };
	json_t *json = workload_json("Name", &reports);
	const json_t *worker, *part;

	assert_non_null(json);
	assert_string_equal(json_string_value(json_object_get(json, "work")), "Name");
	worker = json_array_get(json_object_get(json, "workers"), 0);
	for (size_t i = 0; i < COUNT(numbers); i++)
		assert_int_equal(number_at(worker, numbers[i].key), numbers[i].value);
	assert_true(json_is_true(json_object_get(worker, "completed")));
	assert_true(json_is_true(json_object_get(worker, "is_messenger")));
	assert_true(json_is_null(json_object_get(worker, "ended")));
	assert_true(json_is_null(json_object_get(worker, "timer_latencies")));
	part = json_object_get(worker, "wake_latencies");
	assert_int_equal(number_at(part, "total"), 40);
	assert_int_equal(number_at(part, "p50_ns"), 20);
	assert_int_equal(number_at(part, "max_ns"), 30);
	part = json_object_get(worker, "migrations");
	assert_int_equal(json_array_size(part), 2);
	assert_int_equal(number_at(json_array_get(part, 1), "at_ns"), 9);
	assert_int_equal(number_at(json_array_get(part, 1), "from_cpu"), 1);
	part = json_array_get(json_object_get(worker, "numa_pages"), 0);
	assert_int_equal(number_at(part, "node"), 1);
	assert_int_equal(number_at(part, "pages"), 77);
	assert_string_equal(json_string_value(json_object_get(worker, "sched_policy_error")),
			    "bad policy");
	assert_string_equal(json_string_value(json_object_get(worker, "work_error")), "bad work");
	part = json_object_get(worker, "schbench");
	assert_int_equal(number_at(part, "loop_count"), 81);
	assert_int_equal(number_at(json_object_get(part, "wakeup_us"), "p50"), 100);
	assert_int_equal(number_at(json_object_get(part, "wakeup_us"), "max"), 200);
	assert_true(json_is_null(json_object_get(part, "rps")));
	part = json_object_get(worker, "taobench");
	assert_true(json_real_value(json_object_get(part, "taobench_total_qps")) == 50);
	assert_int_equal(number_at(part, "taobench_serve_samples"), 2);
	json_decref(json);
}

static void workload_json_says_how_a_worker_ended(void **state)
{
	struct ktstr_worker_report sentinel = { .tid = 5, .exit_info = { KTSTR_EXIT_SIGNALED, 9 } };
	struct ktstr_reports reports = { 1, &sentinel };
	json_t *json = workload_json("Name", &reports);
	const json_t *worker = json_array_get(json_object_get(json, "workers"), 0);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(worker, "ended")),
			    "killed by signal 9 (SIGKILL)");
	assert_true(json_is_null(json_object_get(worker, "schbench")));
	json_decref(json);
}

/* Below the row of the worker stand the lines of the benchmark's own command. */
static void reports_of_benchmarks_are_printed_as_by_their_commands(void **state)
{
	struct benchmarks *made = *state;
	struct ktstr_worker_report report = full_report(&made->schbench, &made->taobench);
	struct ktstr_reports reports = { 1, &report };
	char text[8192] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	workload_print_reports(out, "Name", &reports);
	fclose(out);
	assert_contains(text, "Name, 1 worker\n");
	assert_contains(text,
			"Wakeup Latencies percentiles (usec) runtime 2 (s) (2 total samples)");
	assert_contains(text, "sched delay: message 12 (usec) worker 13 (usec)\n");
	assert_contains(text, "taobench_total_qps       50.00\n");
	assert_contains(text, "1234  work: bad work\n");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_benchmarks, free_benchmarks)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(workload_json_has_every_field_of_a_report),
		cmocka_unit_test(workload_json_says_how_a_worker_ended),
		CASE(reports_of_benchmarks_are_printed_as_by_their_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
