// SPDX-License-Identifier: GPL-2.0-only
/* PipeIo and WakeChain: workers that hand a byte or a turn around. */
#include "test_workload.h"

/* Section 7.4; claims 47 (nobody is a messenger but in a fan-out) and 51. */
static void pipe_io_samples_its_exchanges_and_excuses_the_wait(void **state)
{
	struct ktstr_reports *reports = run(
		&(struct ktstr_workload_config){ .num_workers = 4,
						 .work = KTSTR_WORK(pipe_io, .burst_iters = 512) },
		50);

	(void)state;
	for (size_t i = 0; i < reports->count; i++) {
		const struct ktstr_worker_report *report = &reports->reports[i];
		const struct ktstr_worker_report *partner = &reports->reports[i ^ 1];

		assert_true(report->completed);
		assert_int_equal(report->work_units, 512 * report->iterations);
		/* The stop cuts the last exchange short, in which there is no sample. */
		assert_in_range(report->wake_latencies.total, report->iterations - 1,
				report->iterations);
		/* A byte each way and iteration: nobody gets ahead. */
		assert_true(report->iterations <= partner->iterations + 2);
	}
	ktstr_reports_free(reports);
}

/*
 * Claim 51: a pair of which one is stopped for a while. The other one waited for that long, which
 * is a sample; it is a gap of the stopped one alone.
 */
static void pipe_io_gap_leaves_out_the_blocked_time(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
		.num_workers = 2, .work = KTSTR_WORK(pipe_io, 0) });
	const pid_t *pids = ktstr_workload_pids(workload, &(size_t){ 0 });
	struct ktstr_reports *reports;
	uint64_t longest_ns = 0, seen[2];

	(void)state;
	ktstr_workload_start(workload);
	await_iterations(workload, 5);
	kill(pids[0], SIGSTOP);
	await_state(pids[0], 'T');
	await_state(pids[1], 'S');
	hold(400);
	kill(pids[0], SIGCONT);
	ktstr_workload_snapshot_iterations(workload, seen, 2);
	await_iterations(workload, seen[1] + 2);
	reports = collect(&workload);
	for (size_t i = 0; i < reports->reports[1].wake_latencies.count; i++)
		if (reports->reports[1].wake_latencies.values[i] > longest_ns)
			longest_ns = reports->reports[1].wake_latencies.values[i];
	assert_true(longest_ns >= 400 * NS_PER_MS);
	assert_true(reports->reports[1].max_gap_ms < 400);
	ktstr_reports_free(reports);
}

/* Claim 62; 256 units a burst; each turn but the one that the stop cuts short is a sample. */
static void wake_chain_passes_the_turn_around(void **state)
{
	static const enum ktstr_wake_mechanism mechanisms[] = { KTSTR_WAKE_PIPE, KTSTR_WAKE_FUTEX };

	(void)state;
	for (size_t m = 0; m < COUNT(mechanisms); m++) {
		struct ktstr_reports *reports = run(
			&(struct ktstr_workload_config){
				.num_workers = 8,
				.work = KTSTR_WORK(wake_chain, .depth = 4, .wake = mechanisms[m],
						   .work_per_hop_us = 50) },
			20);

		for (size_t i = 0; i < reports->count; i++) {
			const struct ktstr_worker_report *report = &reports->reports[i];

			assert_true(report->completed);
			assert_true(report->work_units > 0 && report->work_units % 256 == 0);
			assert_int_equal(report->wake_latencies.total, report->iterations);
			for (size_t k = i / 4 * 4; k < i / 4 * 4 + 4; k++)
				assert_true(report->iterations <=
					    reports->reports[k].iterations + 2);
		}
		ktstr_reports_free(reports);
	}
}

/* One stage at a time: all hops of a chain fit into its time one after the other. */
static void wake_chain_works_one_stage_at_a_time(void **state)
{
	struct ktstr_reports *reports = run(
		&(struct ktstr_workload_config){
			.num_workers = 4, .work = KTSTR_WORK(wake_chain, .work_per_hop_us = 2000) },
		4);
	uint64_t longest_ns = 0, hops = 0;

	(void)state;
	for (size_t i = 0; i < reports->count; i++) {
		const struct ktstr_worker_report *report = &reports->reports[i];

		if (report->wall_time_ns > longest_ns)
			longest_ns = report->wall_time_ns;
		/* The stop may have cut the last one short. */
		hops += report->iterations - 1;
	}
	assert_true(hops * 2 * NS_PER_MS <= longest_ns);
	ktstr_reports_free(reports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pipe_io_samples_its_exchanges_and_excuses_the_wait),
		cmocka_unit_test(pipe_io_gap_leaves_out_the_blocked_time),
		cmocka_unit_test(wake_chain_passes_the_turn_around),
		cmocka_unit_test(wake_chain_works_one_stage_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
