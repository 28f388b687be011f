// SPDX-License-Identifier: GPL-2.0-only
/* The end of a workload when its workers die, hang, or have children. */
#include <sys/mman.h>

#include "test_workload.h"
#include "workload/report_codec.h"

/* Shared with workers: what they tell the test. */
static struct told {
	_Atomic pid_t child;
	_Atomic unsigned deaf;
	struct shared_area area; /* the parent's view, the same in the workers */
} * told;

static struct leftovers before;

static int remember(void **state)
{
	(void)state;
	atomic_store(&told->child, 0);
	before = leftovers_count();
	return 0;
}

static int compare(void **state)
{
	(void)state;
	assert_nothing_left(before);
	return 0;
}

static struct ktstr_workload *spawn_impatient(const struct ktstr_workload_config *config)
{
	struct workload_timeouts timeouts = WORKLOAD_TIMEOUTS_DEFAULT;
	struct ktstr_workload *workload = NULL;

	assert_int_equal(timeouts.collect_ms, 5000);
	timeouts.collect_ms = 150;
	timeouts.ready_ms = 150;
	assert_int_equal(workload_spawn(config, &timeouts, &workload, NULL), 0);
	return workload;
}

/* Claim 35: all but exit_info and tid are zero. */
static void assert_sentinel(const struct ktstr_worker_report *report, pid_t pid,
			    enum ktstr_exit_kind kind, int code)
{
	struct ktstr_worker_report expected = {
		.tid = pid,
		.exit_info = { .kind = kind, .code = code },
	};

	assert_int_equal(report->exit_info.kind, kind);
	assert_int_equal(report->exit_info.code, code);
	assert_memory_equal(report, &expected, sizeof(expected));
}

/* Claim 8. */
static void collect_starts_what_was_not_started(void **state)
{
	struct ktstr_workload *workload = spawn(
		&(struct ktstr_workload_config){ .num_workers = 3 });
	struct ktstr_reports *reports = collect(&workload);

	(void)state;
	assert_int_equal(reports->count, 3);
	for (size_t i = 0; i < reports->count; i++)
		assert_true(reports->reports[i].completed);
	ktstr_reports_free(reports);
}

/* Claim 35, at each moment of a worker's life. */
static void collect_gives_a_sentinel_for_a_killed_worker(void **state)
{
	static const char *const moments[] = { "before the start", "not started",
					       "while it works" };

	(void)state;
	for (size_t moment = 0; moment < COUNT(moments); moment++) {
		struct ktstr_workload *workload = spawn(
			&(struct ktstr_workload_config){ .num_workers = 3 });
		pid_t victim = ktstr_workload_pids(workload, &(size_t){ 0 })[1];
		struct ktstr_reports *reports;
		uint64_t start_ns;

		print_message("row: killed %s\n", moments[moment]);
		if (moment == 2) {
			ktstr_workload_start(workload);
			await_iterations(workload, 1);
		}
		kill(victim, SIGKILL);
		await_state(victim, 'Z');
		if (moment == 0)
			ktstr_workload_start(workload);
		start_ns = clock_now_ns();
		reports = collect(&workload);
		assert_true(clock_now_ns() - start_ns < 1000 * NS_PER_MS);
		assert_int_equal(reports->count, 3);
		assert_sentinel(&reports->reports[1], victim, KTSTR_EXIT_SIGNALED, SIGKILL);
		assert_true(reports->reports[0].completed && reports->reports[2].completed);
		ktstr_reports_free(reports);
	}
}

static enum work_next exit_7(struct ktstr_worker *worker)
{
	(void)worker;
	_exit(7);
	return WORK_NEXT;
}

/* With cmocka's (or ASan's) handler still in place this would run the test program on. */
static enum work_next crash(struct ktstr_worker *worker)
{
	(void)worker;
	raise(SIGSEGV);
	return WORK_NEXT;
}

static enum work_next die_when_stopped(struct ktstr_worker *worker)
{
	worker_spin(worker, 1024);
	if (worker_stopping(worker))
		kill(getpid(), SIGKILL);
	return WORK_NEXT;
}

/* Claim 36, and a worker that dies between the stop and its report. */
static void collect_says_how_a_worker_ended(void **state)
{
	const struct {
		struct ktstr_work work;
		enum ktstr_exit_kind kind;
		int code;
	} rows[] = {
		{ TEST_WORK(exit_7), KTSTR_EXIT_EXITED, 7 },
		{ TEST_WORK(crash), KTSTR_EXIT_SIGNALED, SIGSEGV },
		{ TEST_WORK(die_when_stopped), KTSTR_EXIT_SIGNALED, SIGKILL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_workload *workload = spawn(
			&(struct ktstr_workload_config){ .work = rows[i].work });
		pid_t pid = ktstr_workload_pids(workload, &(size_t){ 0 })[0];
		struct ktstr_reports *reports;

		ktstr_workload_start(workload);
		if (rows[i].work.ops->iterate == die_when_stopped)
			await_iterations(workload, 1);
		else
			await_state(pid, 'Z');
		reports = collect(&workload);
		assert_sentinel(reports->reports, pid, rows[i].kind, rows[i].code);
		ktstr_reports_free(reports);
	}
}

/* Worker 1 of 3 is stopped for good: before the start, not started, or while it works. */
static void collect_does_not_wait_for_a_stopped_worker(void **state)
{
	(void)state;
	for (unsigned moment = 0; moment < 3; moment++) {
		struct ktstr_workload *workload = spawn_impatient(
			&(struct ktstr_workload_config){ .num_workers = 3 });
		pid_t victim = ktstr_workload_pids(workload, &(size_t){ 0 })[1];
		struct ktstr_reports *reports;
		uint64_t start_ns;

		if (moment == 2) {
			ktstr_workload_start(workload);
			await_iterations(workload, 1);
		}
		kill(victim, SIGSTOP);
		await_state(victim, 'T');
		if (moment == 0)
			ktstr_workload_start(workload);
		start_ns = clock_now_ns();
		reports = collect(&workload);
		assert_true(clock_now_ns() - start_ns < 1000 * NS_PER_MS);
		assert_sentinel(&reports->reports[1], victim, KTSTR_EXIT_TIMED_OUT, 0);
		assert_true(reports->reports[0].completed && reports->reports[2].completed);
		assert_int_equal(kill(victim, 0), -1);
		ktstr_reports_free(reports);
	}
}

static enum work_next ignore_the_stop(struct ktstr_worker *worker)
{
	sigset_t all;

	(void)worker;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	atomic_fetch_add(&told->deaf, 1);
	for (;;)
		pause();
	return WORK_NEXT;
}

#define DEAF_WORKERS 8

/* Claim 37; one deadline for all, not one for each (8 times 150 ms). */
static void collect_kills_workers_that_ignore_the_stop(void **state)
{
	struct ktstr_workload *workload = spawn_impatient(&(struct ktstr_workload_config){
		.num_workers = DEAF_WORKERS, .work = TEST_WORK(ignore_the_stop) });
	pid_t pids[DEAF_WORKERS];
	struct ktstr_reports *reports;
	uint64_t start_ns;

	(void)state;
	memcpy(pids, ktstr_workload_pids(workload, &(size_t){ 0 }), sizeof(pids));
	ktstr_workload_start(workload);
	while (atomic_load(&told->deaf) < DEAF_WORKERS)
		hold(1);
	start_ns = clock_now_ns();
	reports = collect(&workload);
	assert_in_range((clock_now_ns() - start_ns) / NS_PER_MS, 149, 900);
	for (size_t i = 0; i < DEAF_WORKERS; i++)
		assert_sentinel(&reports->reports[i], pids[i], KTSTR_EXIT_TIMED_OUT, 0);
	ktstr_reports_free(reports);
}

static void publish(struct ktstr_worker *worker, bool sound)
{
	struct ktstr_worker_report report = { .tid = worker->tid,
					      .completed = true,
					      .iterations = 5 };
	size_t index = (size_t)(worker->plan->slot - told->area.slots);
	uint8_t *frame = shared_area_frame(&told->area, index);
	size_t size = report_encode(&report, frame, told->area.frame_capacity);

	frame[size / 2] ^= !sound;
	atomic_store(&worker->plan->slot->frame_size, (uint32_t)size);
}

static enum work_next report_and_hang(struct ktstr_worker *worker)
{
	publish(worker, true);
	raise(SIGSTOP);
	return WORK_NEXT;
}

static enum work_next report_and_fail(struct ktstr_worker *worker)
{
	publish(worker, true);
	_exit(9);
	return WORK_NEXT;
}

static enum work_next report_nonsense(struct ktstr_worker *worker)
{
	publish(worker, false);
	_exit(0);
	return WORK_NEXT;
}

static enum work_next report_without_end(struct ktstr_worker *worker)
{
	publish(worker, true);
	atomic_store(&worker->plan->slot->frame_size, UINT32_MAX);
	_exit(0);
	return WORK_NEXT;
}

/* "Exit-shape invariance": a sound frame is a report, whatever became of the process. */
static void collect_judges_by_the_frame_alone(void **state)
{
	const struct {
		struct ktstr_work work;
		char until;
		bool completed;
	} rows[] = {
		{ TEST_WORK(report_and_hang), 'T', true },
		{ TEST_WORK(report_and_fail), 'Z', true },
		{ TEST_WORK(report_nonsense), 'Z', false },
		{ TEST_WORK(report_without_end), 'Z', false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_workload *workload = spawn_impatient(
			&(struct ktstr_workload_config){ .work = rows[i].work });
		pid_t pid = ktstr_workload_pids(workload, &(size_t){ 0 })[0];
		struct ktstr_reports *reports;

		told->area = workload->area;
		ktstr_workload_start(workload);
		await_state(pid, rows[i].until);
		reports = collect(&workload);
		if (rows[i].completed)
			assert_int_equal(reports->reports[0].iterations, 5);
		else
			assert_sentinel(reports->reports, pid, KTSTR_EXIT_EXITED, 0);
		assert_int_equal(reports->reports[0].completed, rows[i].completed);
		ktstr_reports_free(reports);
	}
}

static enum work_next fill_the_samples(struct ktstr_worker *worker)
{
	for (uint64_t i = 0; i < KTSTR_SAMPLES_MAX + 5; i++)
		reservoir_offer(&worker->wake_latencies, i);
	worker->work_units++;
	return WORK_NEXT;
}

/* 800 KB a report, twelve times a pipe, from all workers at once. */
static void collect_takes_reports_larger_than_any_pipe(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
		.num_workers = 3, .work = TEST_WORK(fill_the_samples) });
	struct ktstr_reports *reports;

	(void)state;
	ktstr_workload_start(workload);
	await_iterations(workload, 1);
	reports = collect(&workload);
	for (size_t i = 0; i < reports->count; i++) {
		struct ktstr_samples *samples = &reports->reports[i].wake_latencies;

		assert_true(reports->reports[i].completed);
		assert_int_equal(samples->count, KTSTR_SAMPLES_MAX);
		assert_int_equal(samples->total,
				 reports->reports[i].iterations * (KTSTR_SAMPLES_MAX + 5));
	}
	ktstr_reports_free(reports);
}

static enum work_next offer_the_same_as_all(struct ktstr_worker *worker)
{
	for (uint64_t i = 0; i < 2 * KTSTR_SAMPLES_MAX; i++)
		worker_sample_wake(worker, i);
	return WORK_END;
}

/* Claim 45: of one and the same stream. */
static void forked_workers_keep_different_samples(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
		.num_workers = 2, .work = TEST_WORK(offer_the_same_as_all) });
	struct ktstr_reports *reports;

	(void)state;
	ktstr_workload_start(workload);
	for (size_t i = 0; i < 2; i++)
		await_report(workload, i);
	reports = collect(&workload);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(reports->reports[i].wake_latencies.total, 2 * KTSTR_SAMPLES_MAX);
	assert_memory_not_equal(reports->reports[0].wake_latencies.values,
				reports->reports[1].wake_latencies.values,
				KTSTR_SAMPLES_MAX * sizeof(uint64_t));
	ktstr_reports_free(reports);
}

static void fork_a_sleeper(struct ktstr_worker *worker, bool own_group)
{
	if (!worker->iterations) {
		pid_t child = fork();

		if (!child) {
			if (own_group)
				setpgid(0, 0);
			atomic_store(&told->child, getpid());
			for (;;)
				pause();
		}
	}
	worker_spin(worker, 1024);
}

static enum work_next fork_in_the_group(struct ktstr_worker *worker)
{
	fork_a_sleeper(worker, false);
	return WORK_NEXT;
}

static enum work_next fork_out_of_the_group(struct ktstr_worker *worker)
{
	fork_a_sleeper(worker, true);
	return WORK_NEXT;
}

/*
 * Claim 33, at collect and at free. The grandchild that stays in the group holds everything the
 * worker had open and yet delays nothing.
 */
static void grandchildren_die_with_the_group_of_the_worker(void **state)
{
	const struct {
		struct ktstr_work work;
		bool collected, survives;
	} rows[] = {
		{ TEST_WORK(fork_in_the_group), true, false },
		{ TEST_WORK(fork_in_the_group), false, false },
		{ TEST_WORK(fork_out_of_the_group), true, true },
		{ TEST_WORK(fork_out_of_the_group), false, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_workload *workload = spawn(
			&(struct ktstr_workload_config){ .work = rows[i].work });
		uint64_t start_ns;
		pid_t child;

		atomic_store(&told->child, 0);
		ktstr_workload_start(workload);
		await_iterations(workload, 2);
		while (!(child = atomic_load(&told->child)))
			hold(1);
		start_ns = clock_now_ns();
		if (rows[i].collected) {
			struct ktstr_reports *reports = collect(&workload);

			assert_true(reports->reports[0].completed);
			ktstr_reports_free(reports);
		} else {
			ktstr_workload_free(workload);
		}
		assert_true(clock_now_ns() - start_ns < 1000 * NS_PER_MS);
		assert_int_equal(process_is_alive(child), rows[i].survives);
		if (rows[i].survives)
			kill(child, SIGKILL);
	}
}

/* Somebody else reaped the worker: said so, and its pid, which may be another's now, left alone. */
static void collect_reports_a_worker_that_others_have_reaped(void **state)
{
	struct ktstr_workload *workload = spawn(
		&(struct ktstr_workload_config){ .work = TEST_WORK(exit_7) });
	pid_t pid = ktstr_workload_pids(workload, &(size_t){ 0 })[0];
	struct ktstr_reports *reports;

	(void)state;
	ktstr_workload_start(workload);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	reports = collect(&workload);
	assert_sentinel(reports->reports, pid, KTSTR_EXIT_WAIT_FAILED, ECHILD);
	ktstr_reports_free(reports);
}

static void collect_refuses_a_handle_that_is_gone(void **state)
{
	struct ktstr_workload *workload = NULL;
	struct ktstr_reports *reports = NULL;
	struct ktstr_error error = { 0 };

	(void)state;
	assert_int_equal(ktstr_workload_stop_and_collect(&workload, &reports, &error), -EINVAL);
	assert_contains(error.text, "collected before");
	assert_null(reports);
}

/* Claim 34 over and over. */
static void cycles_leave_nothing_behind(void **state)
{
	(void)state;
	for (unsigned cycle = 0; cycle < 200; cycle++) {
		struct ktstr_workload *workload = spawn(
			&(struct ktstr_workload_config){ .num_workers = 1 + cycle % 3 });

		if (cycle % 4)
			ktstr_workload_start(workload);
		if (cycle % 5)
			ktstr_reports_free(collect(&workload));
		else
			ktstr_workload_free(workload);
		assert_nothing_left(before);
	}
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, remember, compare)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(collect_starts_what_was_not_started),
		CASE(collect_gives_a_sentinel_for_a_killed_worker),
		CASE(collect_says_how_a_worker_ended),
		CASE(collect_does_not_wait_for_a_stopped_worker),
		CASE(collect_kills_workers_that_ignore_the_stop),
		CASE(collect_judges_by_the_frame_alone),
		CASE(collect_takes_reports_larger_than_any_pipe),
		CASE(forked_workers_keep_different_samples),
		CASE(grandchildren_die_with_the_group_of_the_worker),
		CASE(collect_reports_a_worker_that_others_have_reaped),
		CASE(collect_refuses_a_handle_that_is_gone),
		CASE(cycles_leave_nothing_behind),
	};

	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED)
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
