// SPDX-License-Identifier: GPL-2.0-only
/* EpollStorm, in the two ways to have it: threads of this process, and of a container. */
#include <fcntl.h>

#include "test_workload.h"

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

static void assert_storm(const struct ktstr_reports *reports, unsigned producers, unsigned all)
{
	assert_int_equal(reports->count % all, 0);
	for (size_t i = 0; i < reports->count; i++) {
		const struct ktstr_worker_report *report = &reports->reports[i];

		assert_true(report->completed);
		assert_string_equal(report->work_error, "");
		assert_true(report->work_units > 0);
		if (i % all < producers) {
			assert_int_equal(report->wake_latencies.total, 0);
			/* 32 events; 256 units of a pass before there was a descriptor. */
			assert_true(report->work_units <= 256 * report->iterations);
			continue;
		}
		assert_int_equal(report->work_units, 256 * report->iterations);
		assert_true(report->wake_latencies.total > 0);
		assert_true(report->wake_latencies.total <= report->iterations);
	}
}

/* Until all have gone on after the last of them began: only then is there something for all. */
static void await_storm(const struct ktstr_workload *workload)
{
	uint64_t seen[16], most = 0;
	size_t count;

	await_iterations(workload, 1);
	count = ktstr_workload_snapshot_iterations(workload, seen, COUNT(seen));
	for (size_t i = 0; i < count; i++)
		most = seen[i] > most ? seen[i] : most;
	await_iterations(workload, most + 5);
}

/* Claim 17. */
static void epoll_storm_refuses_processes(void **state)
{
	struct ktstr_workload *workload = NULL;
	struct ktstr_error error = { 0 };

	(void)state;
	assert_int_equal(ktstr_workload_spawn(
				 &(struct ktstr_workload_config){
					 .num_workers = 3, .work = KTSTR_WORK(epoll_storm, 0) },
				 &workload, &error),
			 -EINVAL);
	assert_contains(error.text, "EpollStorm (group 0) cannot run with clone_mode fork");
	assert_contains(error.text, "clone_mode thread");
}

/* of two consumers that an event woke, one would stay in read(2). */
static unsigned count_eventfds_that_block(void)
{
	unsigned count = 0, seen = 0;

	for (int fd = 0; fd < 1024; fd++) {
		char path[64], target[64] = "";

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (readlink(path, target, sizeof(target) - 1) < 0 || !strstr(target, "[eventfd]"))
			continue;
		seen++;
		count += !(fcntl(fd, F_GETFL) & O_NONBLOCK);
	}
	assert_int_equal(seen, 2);
	return count;
}

/* No descriptor left for the eventfd: the workers go on, one says why, and all stop. */
static void epoll_storm_without_descriptors_says_so(void **state)
{
	(void)state;
	for (unsigned spare = 0; spare < 2; spare++) {
		struct ktstr_workload *workload = spawn(
			&(struct ktstr_workload_config){ .num_workers = 3,
							 .clone_mode = KTSTR_CLONE_THREAD,
							 .work = KTSTR_WORK(epoll_storm, 0) });
		struct rlimit limit, none;
		struct ktstr_reports *reports;
		/* The lowest free number: it is what the limit takes away, or the one behind it. */
		int taken = dup(STDERR_FILENO);

		assert_true(taken >= 0);
		close(taken);
		assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
		none = limit;
		none.rlim_cur = (rlim_t)taken + spare;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
		ktstr_workload_start(workload);
		await_iterations(workload, 2);
		reports = collect(&workload);
		setrlimit(RLIMIT_NOFILE, &limit);
		assert_contains(reports->reports[0].work_error, "open an eventfd and an epoll: ");
		for (size_t i = 0; i < 3; i++) {
			assert_true(reports->reports[i].completed);
			assert_int_equal(reports->reports[i].wake_latencies.total, 0);
		}
		ktstr_reports_free(reports);
	}
}

/* Claim 13, and Q-9: the descriptors are closed with the last of each cohort. */
static void epoll_storm_wakes_consumers_in_threads(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
		.num_workers = 10,
		.clone_mode = KTSTR_CLONE_THREAD,
		.work = KTSTR_WORK(epoll_storm, .producers = 2, .consumers = 3) });
	struct ktstr_reports *reports;

	(void)state;
	ktstr_workload_start(workload);
	await_storm(workload);
	assert_int_equal(count_fds(), before.fds + 2 * 2);
	assert_int_equal(count_eventfds_that_block(), 0);
	reports = collect(&workload);
	assert_int_equal(reports->count, 10);
	assert_storm(reports, 2, 5);
	ktstr_reports_free(reports);
}

static void epoll_storm_wakes_consumers_in_a_container(void **state)
{
	const struct ktstr_work_spec spec = { .work = KTSTR_WORK(epoll_storm, 0), .workers = 3 };
	struct ktstr_pcomm_config config = { .pcomm = "storm", .works = &spec, .num_works = 1 };
	struct ktstr_workload *workload = NULL;
	struct ktstr_reports *reports;
	struct ktstr_error error = { 0 };

	(void)state;
	if (ktstr_workload_spawn_pcomm(&config, &workload, &error))
		fail_msg("%s", error.text);
	ktstr_workload_start(workload);
	await_storm(workload);
	reports = collect(&workload);
	assert_int_equal(reports->count, 3);
	assert_storm(reports, 1, 3);
	ktstr_reports_free(reports);
}

/* Claim 58: no event ever comes, since all producers are told to stop first. */
static void epoll_storm_consumers_stop_without_events(void **state)
{
	struct ktstr_workload *workload = spawn(
		&(struct ktstr_workload_config){ .num_workers = 3,
						 .clone_mode = KTSTR_CLONE_THREAD,
						 .work = KTSTR_WORK(epoll_storm, 0) });
	struct ktstr_reports *reports;
	uint64_t start_ns;

	(void)state;
	ktstr_workload_start(workload);
	await_iterations(workload, 5);
	atomic_store(&workload->area.slots[0].stop, 1);
	hold(150);
	start_ns = clock_now_ns();
	reports = collect(&workload);
	assert_true(clock_now_ns() - start_ns < 2 * NS_PER_S);
	assert_int_equal(reports->count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_true(reports->reports[i].completed);
	ktstr_reports_free(reports);
}

/* Never started: nothing was opened, and nothing is left. */
static void epoll_storm_that_never_starts_leaves_nothing(void **state)
{
	struct ktstr_workload *workload = spawn(
		&(struct ktstr_workload_config){ .num_workers = 3,
						 .clone_mode = KTSTR_CLONE_THREAD,
						 .work = KTSTR_WORK(epoll_storm, 0) });

	(void)state;
	assert_int_equal(count_fds(), before.fds);
	ktstr_workload_free(workload);
}

/* The other kinds with cohorts as threads of one process: the same work, the same end. */
static void cohorts_work_in_threads(void **state)
{
	const struct {
		struct ktstr_work work;
		unsigned workers;
	} rows[] = {
		{ KTSTR_WORK(pipe_io, 0), 4 },
		{ KTSTR_WORK(wake_chain, .depth = 3), 6 },
		{ KTSTR_WORK(wake_chain, .depth = 3, .wake = KTSTR_WAKE_FUTEX), 6 },
		{ KTSTR_WORK(futex_ping_pong, 0), 4 },
		{ KTSTR_WORK(futex_fan_out, 0), 5 },
		{ KTSTR_WORK(fan_out_compute, 0), 5 },
		{ KTSTR_WORK(thundering_herd, .batches = 2, .inter_batch_ms = 1), 8 },
		{ KTSTR_WORK(mutex_contention, 0), 4 },
		{ KTSTR_WORK(producer_consumer_imbalance, 0), 3 },
		{ KTSTR_WORK(signal_storm, 0), 4 },
	};

	(void)state;
	for (size_t row = 0; row < COUNT(rows); row++) {
		struct ktstr_reports *reports = run(
			&(struct ktstr_workload_config){ .num_workers = rows[row].workers,
							 .clone_mode = KTSTR_CLONE_THREAD,
							 .work = rows[row].work },
			2);

		print_message("row: %s\n", ktstr_work_name(&rows[row].work));
		assert_int_equal(reports->count, rows[row].workers);
		for (size_t i = 0; i < reports->count; i++)
			assert_true(reports->reports[i].completed);
		ktstr_reports_free(reports);
	}
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, remember, compare)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(epoll_storm_refuses_processes),
		CASE(epoll_storm_without_descriptors_says_so),
		CASE(epoll_storm_wakes_consumers_in_threads),
		CASE(epoll_storm_wakes_consumers_in_a_container),
		CASE(epoll_storm_consumers_stop_without_events),
		CASE(epoll_storm_that_never_starts_leaves_nothing),
		CASE(cohorts_work_in_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
