// SPDX-License-Identifier: GPL-2.0-only
/*
 * RtStarvation, PreemptStorm, AsymmetricWaker without the privilege for their classes: the work is
 * the same, and the report says what was refused. With it they are tested in the guest.
 */
#include "test_workload.h"

static void unprivileged_classes_are_refused_in_words(void **state)
{
	const struct {
		struct ktstr_work work;
		unsigned workers;
		const char *says[3]; /* by position; "": nothing was refused */
	} rows[] = {
		{ KTSTR_WORK(rt_starvation, 0), 2, { "policy 'fifo'", "" } },
		{ KTSTR_WORK(preempt_storm, 0), 3, { "policy 'fifo'", "", "" } },
		{ KTSTR_WORK(asymmetric_waker, 0), 2, { "", "" } },
		{ KTSTR_WORK(asymmetric_waker, .waker_class = KTSTR_CLASS_BATCH,
			     .wakee_class = KTSTR_CLASS_RT),
		  2,
		  { "", "policy 'fifo'" } },
		/* Refused for the privilege, not for times that the setter rejects. */
		{ KTSTR_WORK(asymmetric_waker, .waker_class = KTSTR_CLASS_DEADLINE),
		  2,
		  { "not permitted", "" } },
	};

	(void)state;
	for (size_t row = 0; row < COUNT(rows); row++) {
		struct ktstr_reports *reports = run(
			&(struct ktstr_workload_config){ .num_workers = rows[row].workers,
							 .work = rows[row].work,
							 .uid = KTSTR_SOME(NOBODY) },
			3);

		for (size_t i = 0; i < reports->count; i++) {
			const struct ktstr_worker_report *report = &reports->reports[i];

			assert_true(report->completed);
			if (*rows[row].says[i])
				assert_contains(report->sched_policy_error, rows[row].says[i]);
			else
				assert_string_equal(report->sched_policy_error, "");
		}
		ktstr_reports_free(reports);
	}
}

/* Claim 48, and units. */
static void rt_work_counts_units_and_no_samples(void **state)
{
	const struct {
		struct ktstr_work work;
		unsigned workers;
	} rows[] = {
		{ KTSTR_WORK(rt_starvation, .burst_iters = 512), 2 },
		{ KTSTR_WORK(preempt_storm, .rt_burst_iters = 512, .rt_sleep_us = 100), 3 },
	};

	(void)state;
	for (size_t row = 0; row < COUNT(rows); row++) {
		struct ktstr_reports *reports = run(
			&(struct ktstr_workload_config){ .num_workers = rows[row].workers,
							 .work = rows[row].work,
							 .uid = KTSTR_SOME(NOBODY) },
			10);

		for (size_t i = 0; i < reports->count; i++) {
			const struct ktstr_worker_report *report = &reports->reports[i];

			assert_int_equal(report->work_units, 512 * report->iterations);
			assert_int_equal(report->wake_latencies.total, 0);
			assert_int_equal(report->iteration_costs.total, 0);
			assert_int_equal(report->timer_latencies.total, 0);
		}
		ktstr_reports_free(reports);
	}
}

/* The FIFO worker of a storm sleeps, the others never do. */
static void preempt_storm_sleeps_in_position_0(void **state)
{
	struct ktstr_reports *reports = run(
		&(struct ktstr_workload_config){
			.num_workers = 2,
			.work = KTSTR_WORK(preempt_storm, .cfs_workers = 1, .rt_sleep_us = 2000),
			.uid = KTSTR_SOME(NOBODY) },
		5);
	const struct ktstr_worker_report *rt = reports->reports;

	(void)state;
	assert_true((rt->iterations - 1) * 2 * NS_PER_MS <= rt->wall_time_ns);
	ktstr_reports_free(reports);
}

/* The FIFO worker of this one sleeps for an hour; the others do not know. */
static void preempt_storm_keeps_the_others_awake(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
		.num_workers = 3,
		.work = KTSTR_WORK(preempt_storm, .rt_sleep_us = 3600u * 1000 * 1000),
		.uid = KTSTR_SOME(NOBODY) });
	uint64_t seen[3] = { 0 }, deadline_ns = clock_deadline_ms(PATIENCE_MS);
	struct ktstr_reports *reports;

	(void)state;
	ktstr_workload_start(workload);
	while (seen[1] < 10 || seen[2] < 10) {
		assert_true(clock_now_ns() < deadline_ns);
		hold(1);
		ktstr_workload_snapshot_iterations(workload, seen, 3);
	}
	reports = collect(&workload);
	/* Its first pass ends with the sleep, which the stop ends; 0: the stop came before it ran.
	 */
	assert_true(reports->reports[0].iterations <= 1);
	ktstr_reports_free(reports);
}

static void asymmetric_waker_samples_in_the_wakee(void **state)
{
	struct ktstr_reports *reports = run(
		&(struct ktstr_workload_config){
			.num_workers = 4,
			.work = KTSTR_WORK(asymmetric_waker, .burst_iters = 512) },
		20);

	(void)state;
	for (size_t i = 0; i < reports->count; i++) {
		const struct ktstr_worker_report *report = &reports->reports[i];

		assert_true(report->completed);
		if (i % 2 == 0) {
			assert_int_equal(report->wake_latencies.total, 0);
			assert_int_equal(report->work_units, 512 * report->iterations);
			continue;
		}
		/* No wake-up and no work in the wait that the stop ends. */
		assert_in_range(report->wake_latencies.total, report->iterations - 1,
				report->iterations);
		assert_int_equal(report->work_units, 512 * report->wake_latencies.total);
	}
	ktstr_reports_free(reports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unprivileged_classes_are_refused_in_words),
		cmocka_unit_test(rt_work_counts_units_and_no_samples),
		cmocka_unit_test(preempt_storm_sleeps_in_position_0),
		cmocka_unit_test(preempt_storm_keeps_the_others_awake),
		cmocka_unit_test(asymmetric_waker_samples_in_the_wakee),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
