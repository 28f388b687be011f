// SPDX-License-Identifier: GPL-2.0-only
/* ProducerConsumerImbalance: what goes into the queue comes out of it once. */
#include "test_workload.h"

#define DEPTH 8

/* Claim 61, for few and many on either side. */
static void queue_hands_every_item_over_once(void **state)
{
	static const struct {
		unsigned producers, consumers;
	} rows[] = { { 2, 1 }, { 1, 2 }, { 3, 3 } };

	(void)state;
	for (size_t row = 0; row < COUNT(rows); row++) {
		unsigned producers = rows[row].producers, consumers = rows[row].consumers;
		struct ktstr_reports *reports = run(
			&(struct ktstr_workload_config){
				.num_workers = producers + consumers,
				.work = KTSTR_WORK(
					producer_consumer_imbalance, .producers = producers,
					.consumers = consumers, .produce_rate_hz = KTSTR_ZERO,
					.consume_iters = 512, .queue_depth_target = DEPTH) },
			100);
		uint64_t produced = 0, consumed = 0;

		for (size_t i = 0; i < reports->count; i++) {
			const struct ktstr_worker_report *report = &reports->reports[i];
			bool produces = i < producers;

			assert_true(report->completed);
			assert_int_equal(report->work_units,
					 report->iterations * (produces ? 1 : 512));
			*(produces ? &produced : &consumed) += report->iterations;
		}
		assert_true(consumed <= produced);
		assert_true(produced <= consumed + DEPTH);
		ktstr_reports_free(reports);
	}
}

/* Claim 61: producers wait for a slow consumer, and never get further ahead than there is room. */
static void queue_holds_fast_producers_back(void **state)
{
	struct ktstr_reports *reports = run(
		&(struct ktstr_workload_config){ .num_workers = 3,
						 .work = KTSTR_WORK(producer_consumer_imbalance,
								    .produce_rate_hz = KTSTR_ZERO,
								    .consume_iters = 20000,
								    .queue_depth_target = 2) },
		10);

	(void)state;
	assert_true(reports->reports[0].wake_latencies.total > 0);
	assert_true(reports->reports[1].wake_latencies.total > 0);
	assert_true(reports->reports[0].iterations + reports->reports[1].iterations <=
		    reports->reports[2].iterations + 2);
	ktstr_reports_free(reports);
}

/* A consumer that waits for a slow producer samples it; the pace is kept on the long run. */
static void queue_paces_producers(void **state)
{
	struct ktstr_reports *reports = run(
		&(struct ktstr_workload_config){
			.num_workers = 2,
			.work = KTSTR_WORK(producer_consumer_imbalance, .producers = 1,
					   .produce_rate_hz = 200, .consume_iters = 1) },
		10);
	const struct ktstr_worker_report *producer = &reports->reports[0];

	(void)state;
	assert_true((producer->iterations - 1) * 5 * NS_PER_MS <= producer->wall_time_ns);
	assert_true(reports->reports[1].wake_latencies.total > 0);
	ktstr_reports_free(reports);
}

/* No room at all: the loop ends at once, and the report is a report. */
static void queue_without_room_does_nothing(void **state)
{
	struct ktstr_reports *reports = run(
		&(struct ktstr_workload_config){
			.num_workers = 3,
			.work = KTSTR_WORK(producer_consumer_imbalance,
					   .queue_depth_target = KTSTR_ZERO) },
		0);

	(void)state;
	for (size_t i = 0; i < reports->count; i++) {
		assert_true(reports->reports[i].completed);
		assert_int_equal(reports->reports[i].iterations, 0);
		assert_int_equal(reports->reports[i].work_units, 0);
	}
	ktstr_reports_free(reports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queue_hands_every_item_over_once),
		cmocka_unit_test(queue_holds_fast_producers_back),
		cmocka_unit_test(queue_paces_producers),
		cmocka_unit_test(queue_without_room_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
