// SPDX-License-Identifier: GPL-2.0-only
/* FutexPingPong, FutexFanOut, FanOutCompute, ThunderingHerd: workers that wait on a shared word. */
#include "test_workload.h"

static void ping_pong_alternates(void **state)
{
	struct ktstr_reports *reports = run(
		&(struct ktstr_workload_config){
			.num_workers = 4, .work = KTSTR_WORK(futex_ping_pong, .spin_iters = 512) },
		50);

	(void)state;
	for (size_t i = 0; i < reports->count; i++) {
		const struct ktstr_worker_report *report = &reports->reports[i];

		assert_true(report->completed);
		assert_false(report->is_messenger);
		assert_int_equal(report->work_units, 512 * report->iterations);
		assert_in_range(report->wake_latencies.total, report->iterations - 1,
				report->iterations);
		assert_true(report->iterations <= reports->reports[i ^ 1].iterations + 2);
	}
	ktstr_reports_free(reports);
}

/* Claim 47, and the units of both roles. */
static void fan_out_samples_in_receivers_only(void **state)
{
	struct ktstr_reports *reports = run(
		&(struct ktstr_workload_config){
			.num_workers = 6,
			.work = KTSTR_WORK(futex_fan_out, .fan_out = 2, .spin_iters = 768) },
		10);

	(void)state;
	for (size_t i = 0; i < reports->count; i++) {
		const struct ktstr_worker_report *report = &reports->reports[i];
		bool is_messenger = i % 3 == 0;

		assert_true(report->completed);
		assert_int_equal(report->is_messenger, is_messenger);
		assert_int_equal(report->work_units,
				 (768 + (is_messenger ? 256 : 0)) * report->iterations);
		if (is_messenger)
			assert_int_equal(report->wake_latencies.total, 0);
		else
			assert_in_range(report->wake_latencies.total, report->iterations - 1,
					report->iterations);
	}
	ktstr_reports_free(reports);
}

/* A receiver's unit is a product; the messenger's are its bursts. */
static void fan_out_compute_multiplies_for_each_message(void **state)
{
	struct ktstr_reports *reports = run(
		&(struct ktstr_workload_config){
			.num_workers = 3,
			.work = KTSTR_WORK(fan_out_compute, .fan_out = 2, .operations = 3,
					   .cache_footprint_kib = 8, .sleep_us = 50) },
		20);

	(void)state;
	assert_int_equal(reports->reports[0].work_units, 256 * reports->reports[0].iterations);
	assert_int_equal(reports->reports[0].wake_latencies.total, 0);
	assert_true(reports->reports[0].is_messenger && !reports->reports[1].is_messenger);
	for (size_t i = 1; i < reports->count; i++) {
		const struct ktstr_worker_report *report = &reports->reports[i];

		assert_true(report->completed);
		/* The stop may come in the middle of the last three. */
		assert_in_range(report->work_units, 3 * (report->iterations - 1),
				3 * report->iterations);
		assert_in_range(report->wake_latencies.total, report->iterations - 1,
				report->iterations);
	}
	ktstr_reports_free(reports);
}

/* Nothing to multiply: no buffer is touched, the units still count. */
static void fan_out_compute_without_a_footprint(void **state)
{
	struct ktstr_reports *reports = run(
		&(struct ktstr_workload_config){
			.num_workers = 2,
			.work = KTSTR_WORK(fan_out_compute, .fan_out = 1, .sleep_us = KTSTR_ZERO,
					   .cache_footprint_kib = KTSTR_ZERO) },
		20);

	(void)state;
	assert_true(reports->reports[1].completed);
	assert_true(reports->reports[1].work_units >= 5 * (reports->reports[1].iterations - 1));
	ktstr_reports_free(reports);
}

/* Two herds; a waiter does nothing but wake up, and no more often than it is woken. */
static void thundering_herd_wakes_all_waiters_of_a_batch(void **state)
{
	struct ktstr_reports *reports = run(
		&(struct ktstr_workload_config){ .num_workers = 8,
						 .work = KTSTR_WORK(thundering_herd, .waiters = 3,
								    .batches = 4,
								    .inter_batch_ms = 2) },
		3);

	(void)state;
	for (size_t i = 0; i < reports->count; i++) {
		const struct ktstr_worker_report *report = &reports->reports[i];
		const struct ktstr_worker_report *waker = &reports->reports[i / 4 * 4];

		assert_true(report->completed);
		assert_true(report->iterations >= 3);
		assert_true(report->wake_latencies.total > 0);
		if (report == waker) {
			/* A batch is a sample, and only a whole one. */
			assert_int_equal(report->work_units, 256 * report->wake_latencies.total);
			assert_in_range(report->wake_latencies.total, 4 * (report->iterations - 1),
					4 * report->iterations);
			for (size_t k = 0; k < report->wake_latencies.count; k++)
				assert_true(report->wake_latencies.values[k] >= 2 * NS_PER_MS);
			continue;
		}
		assert_int_equal(report->work_units, 0);
		assert_true(report->wake_latencies.total <= waker->wake_latencies.total);
	}
	ktstr_reports_free(reports);
}

/* batches end an iteration of the waker, not the work. */
static void thundering_herd_starts_over_until_the_stop(void **state)
{
	struct ktstr_reports *reports = run(
		&(struct ktstr_workload_config){ .num_workers = 2,
						 .work = KTSTR_WORK(thundering_herd, .waiters = 1,
								    .batches = 1,
								    .inter_batch_ms = 1) },
		5);

	(void)state;
	assert_true(reports->reports[0].iterations >= 5);
	ktstr_reports_free(reports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ping_pong_alternates),
		cmocka_unit_test(fan_out_samples_in_receivers_only),
		cmocka_unit_test(fan_out_compute_multiplies_for_each_message),
		cmocka_unit_test(fan_out_compute_without_a_footprint),
		cmocka_unit_test(thundering_herd_wakes_all_waiters_of_a_batch),
		cmocka_unit_test(thundering_herd_starts_over_until_the_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
