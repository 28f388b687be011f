// SPDX-License-Identifier: GPL-2.0-only
/* IdleChurn and TimerLatency. */
#include <sys/prctl.h>

#include "test_work.h"

/* Claim 15. */
static void idle_churn_needs_both_times(void **state)
{
	(void)state;
	assert_work_refused(KTSTR_WORK(idle_churn, .burst_us = KTSTR_ZERO),
			    "IdleChurn (group 0): burst_us must be > 0");
	assert_work_refused(KTSTR_WORK(idle_churn, .sleep_us = KTSTR_ZERO), "sleep_us must be > 0");
	assert_work_refused(KTSTR_WORK(idle_churn, .sleep_us = KTSTR_ZERO), "SpinWait");
	assert_work_refused(KTSTR_WORK(idle_churn, .sleep_us = KTSTR_ZERO), "YieldHeavy");
}

/* Claim 52: a sample is what a sleep took too long, and no sleep is a gap. */
static void idle_churn_samples_leave_the_sleep_out(void **state)
{
	struct ktstr_reports *reports = run_work(
		KTSTR_WORK(idle_churn, .burst_us = 100, .sleep_us = 200 * 1000), 1, 3);
	const struct ktstr_worker_report *report = reports->reports;
	uint64_t least_ns = UINT64_MAX;

	(void)state;
	assert_int_equal(filled_vectors(report), WAKE);
	assert_in_range(report->wake_latencies.total, report->iterations - 1, report->iterations);
	for (size_t i = 0; i < report->wake_latencies.count; i++)
		if (report->wake_latencies.values[i] < least_ns)
			least_ns = report->wake_latencies.values[i];
	assert_true(least_ns < 200 * NS_PER_MS);
	assert_true(report->max_gap_ms < 200);
	assert_true(report->work_units > 0 && report->work_units % 256 == 0);
	ktstr_reports_free(reports);
}

static void idle_churn_stops_inside_its_sleep(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
		.work = KTSTR_WORK(idle_churn, .sleep_us = 3600u * 1000 * 1000) });
	pid_t pid = ktstr_workload_pids(workload, &(size_t){ 0 })[0];
	struct ktstr_reports *reports;

	(void)state;
	ktstr_workload_start(workload);
	await_state(pid, 'R');
	await_state(pid, 'S');
	reports = collect(&workload);
	assert_true(reports->reports[0].completed);
	assert_int_equal(reports->reports[0].iterations, 1);
	assert_int_equal(reports->reports[0].wake_latencies.total, 0);
	ktstr_reports_free(reports);
}

/* Claim 52, its cause: the timer slack. */
static void idle_churn_asks_for_precise_timers(void **state)
{
	int inherited = prctl(PR_GET_TIMERSLACK);
	struct solo *solo = solo_new(KTSTR_WORK(idle_churn, .burst_us = 1));

	(void)state;
	assert_int_equal(prctl(PR_GET_TIMERSLACK), inherited);
	solo_free(solo);
	solo = solo_new(KTSTR_WORK(idle_churn, .burst_us = 1, .precise_timing = true));
	assert_int_equal(prctl(PR_GET_TIMERSLACK), 1);
	solo_free(solo);
	prctl(PR_SET_TIMERSLACK, (unsigned long)inherited);
}

/* Once stopping, it does not sleep again, and the pass is not to be judged. */
static void idle_churn_skips_when_stopping(void **state)
{
	struct solo *solo = solo_new(KTSTR_WORK(idle_churn, .sleep_us = 3600u * 1000 * 1000));

	(void)state;
	solo_stop(solo);
	assert_int_equal(solo_pass(solo), WORK_SKIP);
	solo_free(solo);
}

static void timer_latency_needs_an_interval(void **state)
{
	(void)state;
	assert_work_refused(KTSTR_WORK(timer_latency, .interval_us = KTSTR_ZERO),
			    "TimerLatency (group 0): interval_us must be > 0");
}

/* Claims 49, 50. */
static void timer_latency_fills_timers_only(void **state)
{
	struct ktstr_reports *reports = run_work((struct ktstr_work){ &ktstr_work_timer_latency },
						 1, 100);
	const struct ktstr_worker_report *report = reports->reports;

	(void)state;
	assert_int_equal(filled_vectors(report), TIMER);
	assert_int_equal(report->work_units, 0);
	assert_in_range(report->timer_latencies.total, report->iterations - 1, report->iterations);
	/* However late it was, it caught up: a sample per deadline that has passed. */
	assert_true(report->timer_latencies.total <= report->wall_time_ns / NS_PER_MS);
	ktstr_reports_free(reports);
}

/* Claim 50: every deadline that was missed gives a sample of its own. */
static void timer_latency_keeps_its_deadlines(void **state)
{
	struct solo *solo = solo_new(KTSTR_WORK(timer_latency, .interval_us = 1000));
	const struct reservoir *samples = &solo->worker.timer_latencies;

	(void)state;
	assert_int_equal(solo_pass(solo), WORK_NEXT);
	hold(30);
	for (int pass = 0; pass < 28; pass++)
		assert_int_equal(solo_pass(solo), WORK_NEXT);
	assert_int_equal(samples->count, 29);
	assert_true(samples->values[1] >= 28 * NS_PER_MS);
	for (size_t i = 2; i < samples->count; i++)
		assert_true(samples->values[i] >= samples->values[i - 1] - NS_PER_MS);
	solo_stop(solo);
	assert_int_equal(solo_pass(solo), WORK_SKIP);
	assert_int_equal(samples->total, 29);
	solo_free(solo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_churn_needs_both_times),
		cmocka_unit_test(idle_churn_samples_leave_the_sleep_out),
		cmocka_unit_test(idle_churn_stops_inside_its_sleep),
		cmocka_unit_test(idle_churn_asks_for_precise_timers),
		cmocka_unit_test(idle_churn_skips_when_stopping),
		cmocka_unit_test(timer_latency_needs_an_interval),
		cmocka_unit_test(timer_latency_fills_timers_only),
		cmocka_unit_test(timer_latency_keeps_its_deadlines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
