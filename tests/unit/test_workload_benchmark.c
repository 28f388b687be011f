// SPDX-License-Identifier: GPL-2.0-only
/* Schbench and Taobench as work of a worker. What the engines do, their own tests look at. */
#include "test_workload.h"

static struct ktstr_reports *run_for(const struct ktstr_work work, enum ktstr_clone_mode mode,
				     unsigned ms)
{
	struct ktstr_workload_config config = { .work = work, .clone_mode = mode };
	struct leftovers before = leftovers_count();
	struct ktstr_workload *workload = spawn(&config);
	struct ktstr_reports *reports;

	ktstr_workload_start(workload);
	hold(ms);
	reports = collect(&workload);
	assert_nothing_left(before);
	assert_int_equal(reports->count, 1);
	return reports;
}

static const enum ktstr_clone_mode modes[] = { KTSTR_CLONE_FORK, KTSTR_CLONE_THREAD };

static void check_schbench(const struct ktstr_worker_report *report)
{
	assert_true(report->completed);
	assert_string_equal(report->work_error, "");
	assert_int_equal(report->iterations, 1);
	assert_true(report->work_units > 0);
	assert_null(report->taobench);
	assert_non_null(report->schbench);
	assert_int_equal(report->schbench->slices_count, 1);
	assert_int_equal(report->schbench->slices[0].loop_count, report->work_units);
	assert_int_equal(report->schbench->slices[0].request_us.samples, report->work_units);
	assert_true(report->schbench->slices[0].wakeup_us.samples > 0);
	assert_true(report->schbench->runtime_ns > 0);
	/* The thread in charge sleeps on purpose: no wake samples of its own. */
	assert_int_equal(report->wake_latencies.total, 0);
}

/* Claim 79 in a worker. */
static void schbench_reports_its_loops_as_work_and_one_iteration(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		struct ktstr_reports *reports = run_for(
			KTSTR_WORK(schbench, .worker_threads = 2, .operations = 1), modes[i], 300);

		check_schbench(&reports->reports[0]);
		ktstr_reports_free(reports);
	}
}

static void check_taobench(const struct ktstr_worker_report *report)
{
	assert_true(report->completed);
	assert_string_equal(report->work_error, "");
	assert_int_equal(report->iterations, 1);
	assert_null(report->schbench);
	assert_non_null(report->taobench);
	assert_true(report->taobench->whole.slow_ops > 0);
	assert_int_equal(report->taobench->whole.fast_ops + report->taobench->whole.slow_ops,
			 report->work_units);
	assert_int_equal(report->taobench->whole.get_misses, report->taobench->whole.slow_ops);
	assert_int_equal(report->taobench->slices_count, 1);
}

/* Claim 82 in a worker. */
static void taobench_reports_its_ops_as_work_and_one_iteration(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		struct ktstr_reports *reports = run_for(KTSTR_WORK(taobench, .client_threads = 2,
								   .cache_capacity_mib = 1),
							modes[i], 300);

		check_taobench(&reports->reports[0]);
		ktstr_reports_free(reports);
	}
}

static void benchmarks_refuse_parameters_at_spawn(void **state)
{
	const struct {
		struct ktstr_work work;
		const char *text;
	} rows[] = {
		{ { &ktstr_work_schbench,
		    &(const struct ktstr_work_schbench_params){ .split_percent = 102 } },
		  "split_pct 102 out of range" },
		{ { &ktstr_work_schbench,
		    &(const struct ktstr_work_schbench_params){ .message_threads = KTSTR_ZERO } },
		  "message_threads 0 out of range" },
		{ { &ktstr_work_taobench,
		    &(const struct ktstr_work_taobench_params){ .client_threads = 70000 } },
		  "client_threads 70000 out of range" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_workload_config config = { .work = rows[i].work };
		struct ktstr_workload *workload = NULL;
		struct ktstr_error error = { 0 };

		assert_int_equal(ktstr_workload_spawn(&config, &workload, &error), -EINVAL);
		assert_contains(error.text, rows[i].text);
	}
}

/* Section 11: these cut slices of their own, whether or not the workload keeps any. */
static void benchmarks_cut_a_slice_for_each_epoch(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
		.work = KTSTR_WORK(schbench, .worker_threads = 1, .operations = 1) });
	const struct ktstr_schbench_report *report;
	struct ktstr_reports *reports;

	(void)state;
	ktstr_workload_start(workload);
	hold(200);
	ktstr_workload_set_phase(workload, 1);
	hold(200);
	reports = collect(&workload);
	assert_int_equal(reports->reports[0].phase_slices_count, 0);
	report = reports->reports[0].schbench;
	assert_non_null(report);
	assert_int_equal(report->slices_count, 2);
	assert_int_equal(report->slices[0].epoch, 0);
	assert_int_equal(report->slices[1].epoch, 1);
	assert_int_equal(report->slices[0].loop_count + report->slices[1].loop_count,
			 reports->reports[0].work_units);
	ktstr_reports_free(reports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schbench_reports_its_loops_as_work_and_one_iteration),
		cmocka_unit_test(taobench_reports_its_ops_as_work_and_one_iteration),
		cmocka_unit_test(benchmarks_refuse_parameters_at_spawn),
		cmocka_unit_test(benchmarks_cut_a_slice_for_each_epoch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
