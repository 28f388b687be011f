// SPDX-License-Identifier: GPL-2.0-only
/* Workers as threads of the calling process. */
#include <sys/prctl.h>

#include "test_workload.h"

static unsigned threads_before; /* more than one where a sanitizer has its own */

static unsigned count_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	unsigned count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += isdigit((unsigned char)entry->d_name[0]) != 0;
	closedir(dir);
	return count;
}

static int remember(void **state)
{
	struct leftovers *before = malloc(sizeof(*before));

	threads_before = count_threads();
	if (!before)
		return -1;
	*before = leftovers_count();
	*state = before;
	return 0;
}

static int compare(void **state)
{
	assert_nothing_left(*(struct leftovers *)*state);
	free(*state);
	return 0;
}

#define THREADS(...)                                                                               \
	(&(struct ktstr_workload_config){ .clone_mode = KTSTR_CLONE_THREAD, __VA_ARGS__ })

/* A thread names itself right after it has told its id. */
static void await_comm(pid_t tid, const char *expected)
{
	uint64_t deadline_ns = clock_deadline_ms(PATIENCE_MS);
	char name[17];

	for (;;) {
		read_comm(tid, name);
		if (!strcmp(name, expected))
			return;
		if (clock_now_ns() > deadline_ns)
			fail_msg("thread %d is called '%s', not '%s'", tid, name, expected);
		hold(1);
	}
}

/* Claim 40. */
static void threads_have_ids_before_they_start(void **state)
{
	struct ktstr_workload *workload = spawn(THREADS(.num_workers = 3));
	struct ktstr_error error = { 0 };
	struct ktstr_reports *reports;
	const pid_t *tids, *pids = NULL;
	pid_t copy[3];
	size_t count;

	(void)state;
	tids = ktstr_workload_pids(workload, &count);
	assert_int_equal(count, 3);
	memcpy(copy, tids, sizeof(copy));
	for (size_t i = 0; i < count; i++) {
		assert_true(tids[i] > 0 && tids[i] != getpid());
		/* ktstr-worker-g0-1, of which the kernel keeps 15 bytes. */
		await_comm(tids[i], "ktstr-worker-g0");
		assert_int_equal(syscall(SYS_tgkill, getpid(), tids[i], 0), 0);
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(tids[i], tids[k]);
	}
	assert_int_equal(ktstr_workload_pids_for_cgroup_procs(workload, &pids, &count, &error),
			 -EINVAL);
	assert_contains(error.text, "cgroup.threads");
	assert_contains(error.text, "KTSTR_CLONE_FORK");
	assert_null(pids);
	ktstr_workload_start(workload);
	await_iterations(workload, 2);
	reports = collect(&workload);
	assert_int_equal(reports->count, 3);
	for (size_t i = 0; i < reports->count; i++) {
		assert_true(reports->reports[i].completed);
		assert_int_equal(reports->reports[i].tid, copy[i]);
		assert_int_equal(reports->reports[i].work_units,
				 1024 * reports->reports[i].iterations);
	}
	ktstr_reports_free(reports);
	assert_int_equal(count_threads(), threads_before);
}

/* Claims 8 and 9 for threads. */
static void collect_starts_threads_and_snapshot_ends_at_the_reported_value(void **state)
{
	struct ktstr_workload *workload = spawn(
		THREADS(.num_workers = 2, .work = KTSTR_WORK(mixed)));
	struct ktstr_reports *reports = collect(&workload);

	(void)state;
	assert_true(reports->reports[0].completed && reports->reports[1].completed);
	ktstr_reports_free(reports);
}

/* Claim 34 for threads: started or not, and those that share pipes. */
static void free_joins_threads(void **state)
{
	(void)state;
	for (unsigned started = 0; started < 2; started++) {
		struct ktstr_workload *workload = spawn(
			THREADS(.num_workers = 4, .work = KTSTR_WORK(pipe_io)));

		if (started) {
			ktstr_workload_start(workload);
			await_iterations(workload, 2);
		}
		ktstr_workload_free(workload);
		assert_int_equal(count_threads(), threads_before);
	}
}

/* Claim 41. */
static void set_affinity_moves_exactly_one_thread(void **state)
{
	struct ktstr_workload *workload = spawn(THREADS(.num_workers = 2));
	const pid_t *tids = ktstr_workload_pids(workload, &(size_t){ 0 });
	struct ktstr_error error = { 0 };
	cpu_set_t allowed, one, mask;
	int cpu = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	while (!CPU_ISSET(cpu, &allowed))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(ktstr_workload_set_affinity(workload, 0, &one, &error), 0);
	assert_int_equal(sched_getaffinity(tids[0], sizeof(mask), &mask), 0);
	assert_true(CPU_EQUAL(&mask, &one));
	assert_int_equal(sched_getaffinity(tids[1], sizeof(mask), &mask), 0);
	assert_true(CPU_EQUAL(&mask, &allowed));
	assert_int_equal(sched_getaffinity(0, sizeof(mask), &mask), 0);
	assert_true(CPU_EQUAL(&mask, &allowed));
	assert_int_equal(ktstr_workload_set_affinity(workload, 2, &one, &error), -EINVAL);
	ktstr_workload_free(workload);
}

/* What is set up is the thread's own: the process keeps name, nice and ids. */
static void set_up_of_a_thread_leaves_the_process_alone(void **state)
{
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;
	char name[17], before[17];
	pid_t tid;

	(void)state;
	prctl(PR_GET_NAME, before);
	workload = spawn(THREADS(.comm = "a-thread", .nice = KTSTR_SOME(7),
				 .uid = KTSTR_SOME(geteuid() ? geteuid() : 65534)));
	tid = ktstr_workload_pids(workload, &(size_t){ 0 })[0];
	ktstr_workload_start(workload);
	await_iterations(workload, 1);
	read_comm(tid, name);
	assert_string_equal(name, "a-thread");
	assert_int_equal(getpriority(PRIO_PROCESS, (id_t)tid), 7);
	assert_int_equal(read_uid(tid), geteuid() ? geteuid() : 65534);
	prctl(PR_GET_NAME, name);
	assert_string_equal(name, before);
	assert_int_equal(getpriority(PRIO_PROCESS, (id_t)getpid()), 0);
	assert_int_equal(read_uid(getpid()), geteuid());
	reports = collect(&workload);
	assert_string_equal(reports->reports[0].setup_error, "");
	ktstr_reports_free(reports);
}

static enum work_next leave_by_the_window(struct ktstr_worker *worker)
{
	(void)worker;
	pthread_exit(NULL);
}

/* A stop that came before its first pass would find it well. */
static void await_end_of_thread(pid_t tid)
{
	uint64_t deadline_ns = clock_deadline_ms(PATIENCE_MS);
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d", tid);
	while (access(path, F_OK) == 0) {
		if (clock_now_ns() > deadline_ns)
			fail_msg("thread %d does not end", tid);
		poll(NULL, 0, 1);
	}
}

/* 9.6: a thread that ends without a report, and one that has. */
static void thread_without_a_report_gives_a_sentinel(void **state)
{
	struct ktstr_workload *workload = spawn(
		THREADS(.work = TEST_WORK(leave_by_the_window),
			.composed = &(const struct ktstr_work_spec){ .workers = 1 },
			.num_composed = 1));
	pid_t tid = ktstr_workload_pids(workload, &(size_t){ 0 })[0];
	struct ktstr_reports *reports;
	char text[KTSTR_EXIT_TEXT_MAX];

	(void)state;
	ktstr_workload_start(workload);
	await_end_of_thread(tid);
	reports = collect(&workload);
	assert_false(reports->reports[0].completed);
	assert_int_equal(reports->reports[0].exit_info.kind, KTSTR_EXIT_PANICKED);
	assert_int_equal(reports->reports[0].tid, tid);
	assert_contains(ktstr_exit_info_format(&reports->reports[0].exit_info, text), "thread");
	assert_true(reports->reports[1].completed);
	assert_int_equal(reports->reports[1].group_index, 1);
	ktstr_reports_free(reports);
}

static enum work_next not_possible(struct ktstr_worker *worker)
{
	(void)worker;
	return WORK_END;
}

/* Claim 17: what cannot be a thread, and both sides in the text. */
static void spawn_refuses_threads_that_fork_or_move(void **state)
{
	const struct {
		struct ktstr_work work;
		const char *name;
	} rows[] = {
		{ KTSTR_WORK(fork_exit), "ForkExit" },
		{ KTSTR_WORK(cgroup_churn), "CgroupChurn" },
		{ KTSTR_WORK(cgroup_attach_storm, .dest = "dest"), "CgroupAttachStorm" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_workload *workload = NULL;
		struct ktstr_error error = { 0 };

		assert_int_equal(ktstr_workload_spawn(THREADS(.work = rows[i].work), &workload,
						      &error),
				 -EINVAL);
		assert_null(workload);
		assert_contains(error.text, rows[i].name);
		assert_contains(error.text, "(group 0) cannot run with clone_mode thread: ");
		assert_contains(error.text, "; use clone_mode fork");
	}
}

/* Claim 17's rule, with kinds of its own. */
static void spawn_refuses_kinds_that_cannot_be_of_that_sort(void **state)
{
	static const struct ktstr_work_ops no_thread = { .name = "Forker",
							 .iterate = not_possible,
							 .not_as_thread = "it forks" };
	static const struct ktstr_work_ops no_process = { .name = "Sharer",
							  .iterate = not_possible,
							  .not_as_process = "it shares" };
	struct ktstr_workload *workload = NULL;
	struct ktstr_error error = { 0 };

	(void)state;
	assert_int_equal(ktstr_workload_spawn(THREADS(.work = { .ops = &no_thread }), &workload,
					      &error),
			 -EINVAL);
	assert_string_equal(error.text, "Forker (group 0) cannot run with clone_mode thread: it "
					"forks; use clone_mode fork");
	assert_int_equal(ktstr_workload_spawn(
				 &(struct ktstr_workload_config){ .work = { .ops = &no_process } },
				 &workload, &error),
			 -EINVAL);
	assert_string_equal(error.text, "Sharer (group 0) cannot run with clone_mode fork: it "
					"shares; use clone_mode thread");
	assert_int_equal(
		ktstr_workload_spawn(
			&(struct ktstr_workload_config){ .clone_mode = (enum ktstr_clone_mode)5 },
			&workload, &error),
		-EINVAL);
	assert_contains(error.text, "clone_mode: 5");
	assert_null(workload);
}

static atomic_bool inside, let_go;

static enum work_next hang(struct ktstr_worker *worker)
{
	(void)worker;
	atomic_store(&inside, true);
	while (!atomic_load(&let_go))
		hold(1);
	return WORK_END;
}

/*
 * The memory of a thread that does not end stays for ever, so this comes last and is not compared
 * with what was there before.
 */
static void thread_that_ignores_the_stop_is_given_up(void **state)
{
	struct workload_timeouts timeouts = WORKLOAD_TIMEOUTS_DEFAULT;
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;

	(void)state;
	timeouts.collect_ms = 50;
	assert_int_equal(
		workload_spawn(THREADS(.work = TEST_WORK(hang)), &timeouts, &workload, NULL), 0);
	ktstr_workload_start(workload);
	while (!atomic_load(&inside))
		hold(1);
	reports = collect(&workload);
	assert_int_equal(reports->reports[0].exit_info.kind, KTSTR_EXIT_TIMED_OUT);
	ktstr_reports_free(reports);
	atomic_store(&let_go, true);
	while (count_threads() > threads_before)
		hold(1);
}

static void *nothing(void *argument)
{
	return argument;
}

/* A sanitizer begins its own thread with the first of ours, which is then part of every count. */
static int begin_with_a_thread(void **state)
{
	pthread_t thread;

	(void)state;
	return pthread_create(&thread, NULL, nothing, NULL) || pthread_join(thread, NULL);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, remember, compare)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(threads_have_ids_before_they_start),
		CASE(collect_starts_threads_and_snapshot_ends_at_the_reported_value),
		CASE(free_joins_threads),
		CASE(set_affinity_moves_exactly_one_thread),
		CASE(set_up_of_a_thread_leaves_the_process_alone),
		CASE(thread_without_a_report_gives_a_sentinel),
		CASE(spawn_refuses_threads_that_fork_or_move),
		CASE(spawn_refuses_kinds_that_cannot_be_of_that_sort),
		cmocka_unit_test(thread_that_ignores_the_stop_is_given_up),
	};

	return cmocka_run_group_tests(tests, begin_with_a_thread, NULL);
}
