// SPDX-License-Identifier: GPL-2.0-only
/*
 * What all kinds of work with cohorts promise: how many workers they accept, that a silent partner
 * does not keep a worker from its stop, and that a dead one does not spoil the others' reports.
 */
#include "test_workload.h"
#include "workload/work_group.h"

/* Claims 11, 12, 13, 14 and section 6.3. */
static void admission_takes_whole_cohorts_only(void **state)
{
	static const struct ktstr_work_wake_chain_params chain_1 = { .depth = 1 };
	const struct {
		struct ktstr_work work;
		unsigned group_size, workers;
		const char *says; /* NULL: admitted */
	} rows[] = {
		{ KTSTR_WORK(pipe_io, 0), 2, 3,
		  "PipeIo (group 0) requires num_workers divisible by 2, got 3" },
		{ KTSTR_WORK(pipe_io, 0), 2, 0, "divisible by 2, got 0" },
		{ KTSTR_WORK(pipe_io, 0), 2, 6, NULL },
		{ KTSTR_WORK(futex_ping_pong, 0), 2, 1, "FutexPingPong" },
		{ KTSTR_WORK(futex_fan_out, .fan_out = 4), 5, 5, NULL },
		{ KTSTR_WORK(futex_fan_out, .fan_out = 4), 5, 10, NULL },
		{ KTSTR_WORK(futex_fan_out, .fan_out = 4), 5, 4, "divisible by 5, got 4" },
		{ KTSTR_WORK(futex_fan_out, .fan_out = 4), 5, 6, "divisible by 5, got 6" },
		{ KTSTR_WORK(futex_fan_out, .fan_out = UINT_MAX - 1), UINT_MAX, 5, "divisible" },
		{ KTSTR_WORK(fan_out_compute, .fan_out = 1), 2, 4, NULL },
		/* Several herds in one group. */
		{ KTSTR_WORK(thundering_herd, .waiters = 7), 8, 16, NULL },
		{ KTSTR_WORK(thundering_herd, .waiters = 7), 8, 9, "divisible by 8, got 9" },
		{ KTSTR_WORK(wake_chain, .depth = 4), 4, 8, NULL },
		{ { &ktstr_work_wake_chain, &chain_1 }, 1, 1, "depth must be >= 2, got 1" },
		{ KTSTR_WORK(wake_chain, .depth = 1, .wake = KTSTR_WAKE_FUTEX), 1, 1, NULL },
		{ KTSTR_WORK(wake_chain, .depth = KTSTR_ZERO), 0, 4, "divisible by 0, got 4" },
		{ KTSTR_WORK(mutex_contention, .contenders = 4), 4, 8, NULL },
		{ KTSTR_WORK(mutex_contention, .contenders = 4), 4, 6, "divisible by 4, got 6" },
		{ KTSTR_WORK(priority_inversion, 0), 3, 3, NULL },
		{ KTSTR_WORK(priority_inversion, .high_count = UINT_MAX - 1), 0, 3,
		  "divisible by 0" },
		{ KTSTR_WORK(producer_consumer_imbalance, .producers = 2, .consumers = 1), 3, 3,
		  NULL },
		{ KTSTR_WORK(rt_starvation, .rt_workers = 1, .cfs_workers = 3), 4, 4, NULL },
		{ KTSTR_WORK(preempt_storm, .cfs_workers = 2), 3, 3, NULL },
		{ KTSTR_WORK(asymmetric_waker, 0), 2, 4, NULL },
		{ KTSTR_WORK(asymmetric_waker, .wakee_class = (enum ktstr_sched_class)6), 2, 2,
		  "wakee_class 6 is no scheduling class" },
		{ KTSTR_WORK(signal_storm, 0), 2, 2, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_error error = { 0 };
		struct work_group group;
		int err = work_group_init(&group, 0, &rows[i].work, rows[i].workers, &error);

		print_message("row %zu: %s, %u workers\n", i, ktstr_work_name(&rows[i].work),
			      rows[i].workers);
		assert_int_equal(err, rows[i].says ? -EINVAL : 0);
		if (rows[i].says) {
			assert_contains(error.text, rows[i].says);
			continue;
		}
		assert_int_equal(group.group_size, rows[i].group_size);
		work_group_release(&group);
	}
}

/* Each kind with its smallest sensible cohort. */
static const struct kind {
	struct ktstr_work work;
	unsigned group_size;
} kinds[] = {
	{ { &ktstr_work_pipe_io, NULL }, 2 },
	{ { &ktstr_work_wake_chain, &(struct ktstr_work_wake_chain_params){ .depth = 3 } }, 3 },
	{ { &ktstr_work_wake_chain,
	    &(struct ktstr_work_wake_chain_params){ .depth = 3, .wake = KTSTR_WAKE_FUTEX } },
	  3 },
	{ { &ktstr_work_futex_ping_pong, NULL }, 2 },
	{ { &ktstr_work_futex_fan_out, &(struct ktstr_work_futex_fan_out_params){ .fan_out = 1 } },
	  2 },
	{ { &ktstr_work_fan_out_compute,
	    &(struct ktstr_work_fan_out_compute_params){ .fan_out = 1 } },
	  2 },
	{ { &ktstr_work_thundering_herd,
	    &(struct ktstr_work_thundering_herd_params){ .waiters = 1 } },
	  2 },
	{ { &ktstr_work_mutex_contention,
	    &(struct ktstr_work_mutex_contention_params){ .contenders = 3 } },
	  3 },
	{ { &ktstr_work_priority_inversion, NULL }, 3 },
	{ { &ktstr_work_priority_inversion,
	    &(struct ktstr_work_priority_inversion_params){ .pi_mode = KTSTR_FUTEX_LOCK_PI } },
	  3 },
	{ { &ktstr_work_producer_consumer_imbalance,
	    &(struct ktstr_work_producer_consumer_imbalance_params){ .produce_rate_hz = KTSTR_ZERO,
								     .queue_depth_target = 4 } },
	  3 },
	{ { &ktstr_work_rt_starvation, NULL }, 2 },
	{ { &ktstr_work_preempt_storm, NULL }, 3 },
	{ { &ktstr_work_asymmetric_waker, NULL }, 2 },
	{ { &ktstr_work_signal_storm, NULL }, 2 },
};

/* As many cohorts as one has workers: in cohort p, something befalls position p or all others. */
static struct ktstr_workload *spawn_square(const struct kind *kind)
{
	struct ktstr_workload *workload = spawn(
		&(struct ktstr_workload_config){ .num_workers = kind->group_size * kind->group_size,
						 .work = kind->work,
						 .uid = KTSTR_SOME(NOBODY) });

	print_message("row: %s\n", ktstr_work_name(&kind->work));
	return workload;
}

static bool is_chosen(const struct kind *kind, size_t worker)
{
	return worker % kind->group_size == worker / kind->group_size;
}

/*
 * Claim 58. The partners are stopped for good, the chosen one sees nothing but the flag: no signal
 * and no wake-up helps it. What hung would never become a zombie.
 */
static void stop_is_seen_beside_silent_partners(void **state)
{
	(void)state;
	/* Twice that is what the claim allows; the waits below only tell a wait from a hang. */
	assert_int_equal(WORKER_STOP_POLL_NS, 100 * NS_PER_MS);
	for (size_t k = 0; k < COUNT(kinds); k++) {
		const struct kind *kind = &kinds[k];
		struct ktstr_workload *workload = spawn_square(kind);
		size_t count;
		const pid_t *pids = ktstr_workload_pids(workload, &count);

		for (size_t i = 0; i < count; i++)
			await_state(pids[i], 'S');
		for (size_t i = 0; i < count; i++) {
			if (is_chosen(kind, i))
				continue;
			kill(pids[i], SIGSTOP);
			await_state(pids[i], 'T');
		}
		ktstr_workload_start(workload);
		hold(20);
		for (size_t i = 0; i < count; i++)
			atomic_store(&workload->area.slots[i].stop, 1);
		for (size_t i = 0; i < count; i++)
			if (is_chosen(kind, i))
				await_state(pids[i], 'Z');
		ktstr_workload_free(workload);
	}
}

/* The wait of a row's waiter for its partner, of whom the whole cohort lives. */
static void assert_wait_is_no_gap(struct ktstr_work work, unsigned workers)
{
	enum { PARTNER, WAITER, HOLD_MS = 400 };
	struct ktstr_workload *workload = spawn(
		&(struct ktstr_workload_config){ .num_workers = workers, .work = work });
	const pid_t *pids = ktstr_workload_pids(workload, &(size_t){ 0 });
	struct ktstr_reports *reports;
	uint64_t seen[8], deadline_ns;

	print_message("row: %s\n", ktstr_work_name(&work));
	ktstr_workload_start(workload);
	await_iterations(workload, 2);
	kill(pids[PARTNER], SIGSTOP);
	await_state(pids[PARTNER], 'T');
	await_state(pids[WAITER], 'S');
	hold(HOLD_MS);
	ktstr_workload_snapshot_iterations(workload, seen, COUNT(seen));
	kill(pids[PARTNER], SIGCONT);
	deadline_ns = clock_deadline_ms(PATIENCE_MS);
	for (uint64_t then = seen[WAITER]; seen[WAITER] < then + 2;) {
		assert_true(clock_now_ns() < deadline_ns);
		hold(1);
		ktstr_workload_snapshot_iterations(workload, seen, COUNT(seen));
	}
	reports = collect(&workload);
	assert_true(reports->reports[WAITER].max_gap_ms < HOLD_MS);
	ktstr_reports_free(reports);
}

/* Section 7, the column "lit", for those that wait on a word; pipes have tests of their own. */
static void waiting_for_a_partner_is_no_gap(void **state)
{
	(void)state;
	assert_wait_is_no_gap(KTSTR_WORK(futex_ping_pong), 2);
	assert_wait_is_no_gap(KTSTR_WORK(futex_fan_out, .fan_out = 1), 2);
	assert_wait_is_no_gap(KTSTR_WORK(fan_out_compute, .fan_out = 1), 2);
	assert_wait_is_no_gap(
		KTSTR_WORK(thundering_herd, .waiters = 1, .batches = 1, .inter_batch_ms = 1), 2);
	assert_wait_is_no_gap(KTSTR_WORK(asymmetric_waker), 2);
	assert_wait_is_no_gap(KTSTR_WORK(wake_chain, .depth = 2), 2);
	assert_wait_is_no_gap(KTSTR_WORK(wake_chain, .depth = 2, .wake = KTSTR_WAKE_FUTEX), 2);
	assert_wait_is_no_gap(
		KTSTR_WORK(producer_consumer_imbalance, .producers = 1, .consumers = 1), 2);
}

/* Claim 59, for each position of each kind. */
static void survivors_report_after_a_partner_died(void **state)
{
	(void)state;
	for (size_t k = 0; k < COUNT(kinds); k++) {
		const struct kind *kind = &kinds[k];
		struct ktstr_workload *workload = spawn_square(kind);
		struct ktstr_reports *reports;
		size_t count;
		const pid_t *pids = ktstr_workload_pids(workload, &count);
		uint64_t start_ns;

		ktstr_workload_start(workload);
		hold(20);
		for (size_t i = 0; i < count; i++) {
			if (!is_chosen(kind, i))
				continue;
			kill(pids[i], SIGKILL);
			await_state(pids[i], 'Z');
		}
		hold(20);
		start_ns = clock_now_ns();
		reports = collect(&workload);
		assert_true(clock_now_ns() - start_ns <
			    WORKLOAD_TIMEOUTS_DEFAULT.collect_ms * NS_PER_MS);
		for (size_t i = 0; i < reports->count; i++)
			assert_int_equal(reports->reports[i].completed, !is_chosen(kind, i));
		ktstr_reports_free(reports);
	}
}

static struct leftovers before;

static int remember(void **state)
{
	(void)state;
	before = leftovers_count();
	return 0;
}

static int compare(void **state)
{
	(void)state;
	assert_nothing_left(before);
	return 0;
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, remember, compare)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(admission_takes_whole_cohorts_only),
		CASE(stop_is_seen_beside_silent_partners),
		CASE(waiting_for_a_partner_is_no_gap),
		CASE(survivors_report_after_a_partner_died),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
