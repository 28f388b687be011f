// SPDX-License-Identifier: GPL-2.0-only
/* MutexContention and PriorityInversion. The priorities themselves are tested in the guest. */
#include <linux/futex.h>

#include "test_workload.h"

static _Atomic uint32_t *lock_of(const struct ktstr_workload *workload, size_t worker)
{
	return work_group_shared(workload_group_of(workload, worker), (unsigned)worker);
}

/* The stop that nothing but the flag tells of: no signal, no wake-up. */
static void stop_by_flag(const struct ktstr_workload *workload)
{
	size_t count;
	const pid_t *pids = ktstr_workload_pids(workload, &count);

	for (size_t i = 0; i < count; i++)
		atomic_store(&workload->area.slots[i].stop, 1);
	for (size_t i = 0; i < count; i++)
		await_state(pids[i], 'Z');
}

/* Claim 60. */
static void mutex_contention_lets_everybody_have_the_lock(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
		.num_workers = 8, .work = KTSTR_WORK(mutex_contention, 0) });
	struct ktstr_reports *reports;

	(void)state;
	ktstr_workload_start(workload);
	await_iterations(workload, 20);
	for (unsigned look = 0; look < 1000; look++)
		assert_true(atomic_load(lock_of(workload, look % 8)) <= 1);
	reports = collect(&workload);
	for (size_t i = 0; i < reports->count; i++) {
		const struct ktstr_worker_report *report = &reports->reports[i];

		assert_true(report->completed);
		/* In the last iteration the stop may come before the lock. */
		assert_in_range(report->work_units, 1280 * report->iterations - 256,
				1280 * report->iterations);
	}
	ktstr_reports_free(reports);
}

/*
 * somebody has the lock for good. The stop comes while all wait for it: nobody computes as
 * if he had it, and nobody unlocks what is not his. Waits that time out are samples.
 */
static void stop_during_the_wait_leaves_the_lock_alone(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
		.num_workers = 2, .work = KTSTR_WORK(mutex_contention, .contenders = 2) });
	const pid_t *pids = ktstr_workload_pids(workload, &(size_t){ 0 });
	struct ktstr_reports *reports;

	(void)state;
	atomic_store(lock_of(workload, 0), 1);
	for (size_t i = 0; i < 2; i++)
		await_state(pids[i], 'S');
	ktstr_workload_start(workload);
	hold(250);
	stop_by_flag(workload);
	assert_int_equal(atomic_load(lock_of(workload, 0)), 1);
	reports = collect(&workload);
	for (size_t i = 0; i < reports->count; i++) {
		assert_true(reports->reports[i].completed);
		assert_int_equal(reports->reports[i].iterations, 1);
		assert_int_equal(reports->reports[i].work_units, 1024);
		assert_true(reports->reports[i].wake_latencies.total > 0);
		assert_true(reports->reports[i].wake_latencies.values[0] >= 100 * NS_PER_MS);
		/* Excused, as far as it was waiting. */
		assert_true(reports->reports[i].max_gap_ms < 250);
	}
	ktstr_reports_free(reports);
}

static struct ktstr_workload *spawn_inversion(enum ktstr_futex_lock_mode mode)
{
	return spawn(&(struct ktstr_workload_config){
		.num_workers = 3,
		.work = KTSTR_WORK(priority_inversion, .pi_mode = mode, .work_iters = 512,
				   .hold_iters = 2048),
		.uid = KTSTR_SOME(NOBODY) });
}

/* Units by role, samples by mode, and a word about the priorities that were refused. */
static void priority_inversion_works_by_roles(void **state)
{
	static const struct {
		enum ktstr_futex_lock_mode mode;
		uint64_t units[3]; /* high, medium, low */
	} rows[] = {
		{ KTSTR_FUTEX_LOCK_PLAIN, { 512 + 512, 512, 512 + 2048 } },
		{ KTSTR_FUTEX_LOCK_PI, { 512 + 2048, 512, 512 + 2048 } },
	};

	(void)state;
	for (size_t row = 0; row < COUNT(rows); row++) {
		struct ktstr_workload *workload = spawn_inversion(rows[row].mode);
		struct ktstr_reports *reports;

		ktstr_workload_start(workload);
		await_iterations(workload, 20);
		reports = collect(&workload);
		for (size_t i = 0; i < 3; i++) {
			const struct ktstr_worker_report *report = &reports->reports[i];
			uint64_t all = rows[row].units[i] * report->iterations;

			assert_true(report->completed);
			assert_in_range(report->work_units, all - (rows[row].units[i] - 512), all);
			assert_contains(report->sched_policy_error, "policy 'fifo'");
			assert_string_equal(report->work_error, "");
			if (rows[row].mode == KTSTR_FUTEX_LOCK_PI || i == 1)
				assert_int_equal(report->wake_latencies.total, 0);
		}
		ktstr_reports_free(reports);
	}
}

/* a PI lock that its owner, which is this process, never gives back. */
static void pi_lock_that_never_comes_is_given_up_at_the_stop(void **state)
{
	struct ktstr_workload *workload = spawn_inversion(KTSTR_FUTEX_LOCK_PI);
	struct ktstr_reports *reports;
	_Atomic uint32_t *lock = lock_of(workload, 0);

	(void)state;
	atomic_store(lock, (uint32_t)gettid());
	ktstr_workload_start(workload);
	hold(150);
	stop_by_flag(workload);
	assert_int_equal(atomic_load(lock) & FUTEX_TID_MASK, gettid());
	reports = collect(&workload);
	for (size_t i = 0; i < 3; i += 2) {
		assert_true(reports->reports[i].completed);
		assert_int_equal(reports->reports[i].iterations, 1);
		assert_int_equal(reports->reports[i].work_units, 512);
	}
	ktstr_reports_free(reports);
}

/* Whose owner is no task any more: said, and no reason to spin. */
static void pi_lock_of_a_dead_owner_is_reported(void **state)
{
	struct ktstr_workload *workload = spawn_inversion(KTSTR_FUTEX_LOCK_PI);
	const pid_t *pids = ktstr_workload_pids(workload, &(size_t){ 0 });
	struct ktstr_reports *reports;
	pid_t owner = fork();

	(void)state;
	if (!owner)
		_exit(0);
	await_state(owner, 'Z');
	atomic_store(lock_of(workload, 0), (uint32_t)owner);
	ktstr_workload_start(workload);
	hold(50);
	await_state(pids[0], 'S');
	await_state(pids[2], 'S');
	reports = collect(&workload);
	assert_true(reports->reports[0].completed);
	assert_contains(reports->reports[0].work_error, "PI lock: No such process");
	assert_int_equal(reports->reports[0].work_units, 512);
	ktstr_reports_free(reports);
	assert_int_equal(waitpid(owner, NULL, 0), owner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mutex_contention_lets_everybody_have_the_lock),
		cmocka_unit_test(stop_during_the_wait_leaves_the_lock_alone),
		cmocka_unit_test(priority_inversion_works_by_roles),
		cmocka_unit_test(pi_lock_that_never_comes_is_given_up_at_the_stop),
		cmocka_unit_test(pi_lock_of_a_dead_owner_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
