// SPDX-License-Identifier: GPL-2.0-only
/* From spawn to the first iteration, and what a live handle answers. */
#include <sys/resource.h>

#include "test_workload.h"

static int remember(void **state)
{
	struct leftovers *before = malloc(sizeof(*before));

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

/* Claims 1, 2, 32. */
static void spawn_of_the_zero_config_is_one_spinner(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){ 0 });
	struct ktstr_reports *reports;
	size_t count;
	const pid_t *pids = ktstr_workload_pids(workload, &count);
	cpu_set_t cpus, own_cpus;
	char name[17], own_name[17];
	pid_t pid;

	(void)state;
	assert_int_equal(count, 1);
	pid = pids[0];
	assert_int_equal(getpgid(pid), pid);
	ktstr_workload_start(workload);
	await_iterations(workload, 1);
	/* Nothing is changed of what it inherits. */
	sched_getaffinity(0, sizeof(own_cpus), &own_cpus);
	sched_getaffinity(pid, sizeof(cpus), &cpus);
	assert_true(CPU_EQUAL(&cpus, &own_cpus));
	assert_int_equal(sched_getscheduler(pid), sched_getscheduler(0));
	assert_int_equal(getpriority(PRIO_PROCESS, (id_t)pid), getpriority(PRIO_PROCESS, 0));
	read_comm(getpid(), own_name);
	read_comm(pid, name);
	assert_string_equal(name, own_name);
	reports = collect(&workload);
	assert_int_equal(reports->count, 1);
	assert_true(reports->reports[0].completed);
	assert_int_equal(reports->reports[0].exit_info.kind, KTSTR_EXIT_NONE);
	assert_int_equal(reports->reports[0].tid, pid);
	assert_int_equal(reports->reports[0].group_index, 0);
	assert_true(reports->reports[0].iterations > 0);
	assert_int_equal(reports->reports[0].work_units, 1024 * reports->reports[0].iterations);
	ktstr_reports_free(reports);
}

/* Claim 10. */
static void spawn_of_none_is_an_empty_handle(void **state)
{
	struct ktstr_workload *workload = spawn(
		&(struct ktstr_workload_config){ .num_workers = KTSTR_WORKERS_NONE });
	struct ktstr_reports *reports;
	uint64_t untouched = 77;
	size_t count = 5;

	(void)state;
	ktstr_workload_pids(workload, &count);
	assert_int_equal(count, 0);
	assert_int_equal(ktstr_workload_snapshot_iterations(workload, &untouched, 1), 0);
	assert_int_equal(untouched, 77);
	ktstr_workload_start(workload);
	reports = collect(&workload);
	assert_int_equal(reports->count, 0);
	ktstr_reports_free(reports);
}

/* Claims 6 and 7. */
static void start_is_what_lets_workers_run_and_counts_once(void **state)
{
	struct ktstr_workload *workload = spawn(
		&(struct ktstr_workload_config){ .num_workers = 3 });
	struct ktstr_reports *reports;
	size_t count;
	const pid_t *pids = ktstr_workload_pids(workload, &count);
	uint64_t iterations[3] = { 9, 9, 9 };

	(void)state;
	for (size_t i = 0; i < count; i++)
		await_state(pids[i], 'S');
	hold(20);
	assert_int_equal(ktstr_workload_snapshot_iterations(workload, iterations, 3), 3);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(iterations[i], 0);
	ktstr_workload_start(workload);
	ktstr_workload_start(workload);
	await_iterations(workload, 2);
	ktstr_workload_start(workload);
	reports = collect(&workload);
	assert_int_equal(reports->count, 3);
	for (size_t i = 0; i < reports->count; i++)
		assert_true(reports->reports[i].completed);
	ktstr_reports_free(reports);
}

static void assert_snapshot_rises(struct ktstr_work work)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){ .work = work });
	pid_t pid = ktstr_workload_pids(workload, &(size_t){ 0 })[0];
	uint64_t first = 0, last = 0;
	struct ktstr_reports *reports;

	ktstr_workload_start(workload);
	await_iterations(workload, 1);
	ktstr_workload_snapshot_iterations(workload, &first, 1);
	await_iterations(workload, first + 1);
	assert_int_equal(ktstr_workload_snapshot_iterations(workload, NULL, 0), 1);
	kill(pid, SIGUSR1);
	await_state(pid, 'Z');
	ktstr_workload_snapshot_iterations(workload, &last, 1);
	assert_true(last > first);
	reports = collect(&workload);
	assert_true(reports->reports[0].completed);
	assert_int_equal(reports->reports[0].iterations, last);
	ktstr_reports_free(reports);
}

/* Claim 9; SIGUSR1 ends the work (2.4). The last pass of TimerLatency is not like the others. */
static void snapshot_rises_and_ends_at_the_reported_value(void **state)
{
	(void)state;
	assert_snapshot_rises((struct ktstr_work){ 0 });
	assert_snapshot_rises(KTSTR_WORK(timer_latency));
}

/* 8.4, step 9: a stop before the start survives it. */
static void stop_before_the_start_is_not_lost(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){ 0 });
	pid_t pid = ktstr_workload_pids(workload, &(size_t){ 0 })[0];
	struct ktstr_reports *reports;

	(void)state;
	kill(pid, SIGUSR1);
	ktstr_workload_start(workload);
	await_state(pid, 'Z');
	reports = collect(&workload);
	assert_true(reports->reports[0].completed);
	assert_int_equal(reports->reports[0].iterations, 0);
	ktstr_reports_free(reports);
}

/* A caller that blocks SIGUSR1 gets its mask back and workers that stop. */
static void spawn_keeps_the_callers_signal_mask(void **state)
{
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;
	sigset_t blocked, before, after;

	(void)state;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGWINCH);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	workload = spawn(&(struct ktstr_workload_config){ 0 });
	sigprocmask(SIG_SETMASK, NULL, &after);
	for (int number = 1; number < 32; number++)
		assert_int_equal(sigismember(&after, number),
				 sigismember(&before, number) || sigismember(&blocked, number));
	kill(ktstr_workload_pids(workload, &(size_t){ 0 })[0], SIGUSR1);
	ktstr_workload_start(workload);
	await_state(ktstr_workload_pids(workload, &(size_t){ 0 })[0], 'Z');
	reports = collect(&workload);
	assert_true(reports->reports[0].completed);
	ktstr_reports_free(reports);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* Claim 39, with 30 ms for 30 s. */
static void worker_that_is_never_started_exits(void **state)
{
	struct workload_timeouts timeouts = WORKLOAD_TIMEOUTS_DEFAULT;
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;

	(void)state;
	assert_int_equal(timeouts.gate_ms, 30000);
	assert_int_equal(timeouts.ready_ms, 5000);
	assert_int_equal(timeouts.reap_ms, 3000);
	timeouts.gate_ms = 30;
	assert_int_equal(workload_spawn(&(struct ktstr_workload_config){ 0 }, &timeouts, &workload,
					NULL),
			 0);
	await_state(ktstr_workload_pids(workload, &(size_t){ 0 })[0], 'Z');
	reports = collect(&workload);
	assert_false(reports->reports[0].completed);
	assert_int_equal(reports->reports[0].exit_info.kind, KTSTR_EXIT_EXITED);
	assert_int_equal(reports->reports[0].exit_info.code, 1);
	ktstr_reports_free(reports);
}

/* Claim 21 at the door, and the SIGCHLD rule: refused before anything exists. */
static void spawn_refuses_bad_configs(void **state)
{
	struct ktstr_workload *workload = NULL;
	struct ktstr_error error = { 0 };
	struct sigaction before;
	cpu_set_t none;

	(void)state;
	CPU_ZERO(&none);
	assert_int_equal(
		ktstr_workload_spawn(
			&(struct ktstr_workload_config){ .num_workers = KTSTR_WORKERS_NONE,
							 .affinity = KTSTR_AFFINITY_EXACT(&none) },
			&workload, &error),
		-EINVAL);
	assert_contains(error.text, "'exact'");
	assert_null(workload);
	sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = SIG_IGN }, &before);
	assert_int_equal(ktstr_workload_spawn(&(struct ktstr_workload_config){ 0 }, &workload,
					      &error),
			 -EINVAL);
	sigaction(SIGCHLD, &before, NULL);
	assert_contains(error.text, "SIGCHLD");
	assert_null(workload);
}

/* Claim 22: every worker has its own draw. */
static void spawn_draws_a_subset_for_each_worker(void **state)
{
	struct ktstr_workload *workload;
	cpu_set_t allowed, mask, seen;
	const pid_t *pids;
	size_t count;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	if (CPU_COUNT(&allowed) < 2)
		skip_because("needs two CPUs that it may use");
	workload = spawn(&(struct ktstr_workload_config){
		.num_workers = 24, .affinity = KTSTR_AFFINITY_RANDOM_SUBSET(&allowed, 1) });
	pids = ktstr_workload_pids(workload, &count);
	ktstr_workload_start(workload);
	await_iterations(workload, 1);
	CPU_ZERO(&seen);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(sched_getaffinity(pids[i], sizeof(mask), &mask), 0);
		assert_int_equal(CPU_COUNT(&mask), 1);
		CPU_OR(&seen, &seen, &mask);
	}
	assert_true(CPU_COUNT(&seen) > 1); /* all the same: less than once in 2^23 */
	ktstr_workload_free(workload);
}

/* Claim 27. */
static void affinity_off_the_machine_is_reported_and_work_goes_on(void **state)
{
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;
	cpu_set_t far;

	(void)state;
	if (sysconf(_SC_NPROCESSORS_CONF) > 1000)
		skip_because("needs a machine with at most 1000 CPUs");
	CPU_ZERO(&far);
	CPU_SET(1001, &far);
	workload = spawn(&(struct ktstr_workload_config){ .affinity = KTSTR_AFFINITY_EXACT(&far) });
	ktstr_workload_start(workload);
	await_iterations(workload, 1);
	reports = collect(&workload);
	assert_true(reports->reports[0].completed);
	assert_contains(reports->reports[0].affinity_error, "1001");
	ktstr_reports_free(reports);
}

/* Claim 41, fork mode. */
static void set_affinity_moves_exactly_one_worker(void **state)
{
	struct ktstr_workload *workload = spawn(
		&(struct ktstr_workload_config){ .num_workers = 2 });
	const pid_t *pids = ktstr_workload_pids(workload, &(size_t){ 0 });
	struct ktstr_error error = { 0 };
	cpu_set_t allowed, one, mask;
	int cpu = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	while (!CPU_ISSET(cpu, &allowed))
		cpu++;
	CPU_ZERO(&one);
	assert_int_equal(ktstr_workload_set_affinity(workload, 1, &one, &error), -EINVAL);
	assert_contains(error.text, "worker 1: ");
	CPU_SET(cpu, &one);
	assert_int_equal(ktstr_workload_set_affinity(workload, 1, &one, &error), 0);
	assert_int_equal(sched_getaffinity(pids[1], sizeof(mask), &mask), 0);
	assert_true(CPU_EQUAL(&mask, &one));
	assert_int_equal(sched_getaffinity(pids[0], sizeof(mask), &mask), 0);
	assert_true(CPU_EQUAL(&mask, &allowed));
	assert_int_equal(ktstr_workload_set_affinity(workload, 2, &one, &error), -EINVAL);
	assert_contains(error.text, "no worker 2, there are 2");
	ktstr_workload_free(workload);
}

/* Claim 34. */
static void free_leaves_no_worker_whatever_it_was_doing(void **state)
{
	(void)state;
	for (unsigned started = 0; started < 2; started++) {
		struct ktstr_workload *workload = spawn(
			&(struct ktstr_workload_config){ .num_workers = 4 });
		size_t count;
		const pid_t *pids = ktstr_workload_pids(workload, &count);
		pid_t copy[4];

		memcpy(copy, pids, sizeof(copy));
		if (started)
			ktstr_workload_start(workload);
		kill(copy[1], SIGSTOP);
		kill(copy[2], SIGKILL);
		ktstr_workload_free(workload);
		for (size_t i = 0; i < COUNT(copy); i++) {
			assert_int_equal(kill(copy[i], 0), -1);
			assert_int_equal(kill(-copy[i], 0), -1);
		}
	}
	ktstr_workload_free(NULL);
}

static void die_after_spawn(int pipe_out)
{
	struct ktstr_workload *workload = NULL;
	size_t count;

	if (ktstr_workload_spawn(&(struct ktstr_workload_config){ .num_workers = 3 }, &workload,
				 NULL) ||
	    write(pipe_out, ktstr_workload_pids(workload, &count), 3 * sizeof(pid_t)) !=
		    3 * sizeof(pid_t))
		_exit(2);
	ktstr_workload_start(workload);
	for (;;)
		pause();
}

/* Claim 38. */
static void workers_die_with_the_process_that_spawned_them(void **state)
{
	pid_t harness, pids[3];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	harness = fork();
	if (!harness)
		die_after_spawn(ends[1]);
	close(ends[1]);
	assert_int_equal(read(ends[0], pids, sizeof(pids)), sizeof(pids));
	close(ends[0]);
	kill(harness, SIGKILL);
	assert_int_equal(waitpid(harness, NULL, 0), harness);
	for (size_t i = 0; i < COUNT(pids); i++) {
		uint64_t deadline_ns = clock_deadline_ms(PATIENCE_MS);

		while (process_is_alive(pids[i]) && clock_now_ns() < deadline_ns)
			hold(1);
		assert_false(process_is_alive(pids[i]));
	}
}

/* A copy of the handle in a forked process is only memory. */
static void free_in_a_forked_process_leaves_the_workers_alone(void **state)
{
	struct ktstr_workload *workload = spawn(
		&(struct ktstr_workload_config){ .num_workers = 2 });
	struct ktstr_reports *reports = NULL;
	int status;
	pid_t child;

	(void)state;
	child = fork();
	if (!child) {
		int err = 0;

		if (ktstr_workload_stop_and_collect(&workload, &reports, NULL) != -ECHILD)
			err = 1;
		_exit(err);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	ktstr_workload_start(workload);
	await_iterations(workload, 1);
	reports = collect(&workload);
	assert_true(reports->reports[0].completed && reports->reports[1].completed);
	ktstr_reports_free(reports);
}

/* No descriptor left: nothing here needs one. */
static void workloads_live_without_descriptors(void **state)
{
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;
	struct rlimit before, none;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	workload = spawn(&(struct ktstr_workload_config){ .num_workers = 3 });
	ktstr_workload_start(workload);
	await_iterations(workload, 1);
	reports = collect(&workload);
	setrlimit(RLIMIT_NOFILE, &before);
	for (size_t i = 0; i < reports->count; i++)
		assert_true(reports->reports[i].completed);
	ktstr_reports_free(reports);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, remember, compare)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(spawn_of_the_zero_config_is_one_spinner),
		CASE(spawn_of_none_is_an_empty_handle),
		CASE(start_is_what_lets_workers_run_and_counts_once),
		CASE(snapshot_rises_and_ends_at_the_reported_value),
		CASE(stop_before_the_start_is_not_lost),
		CASE(spawn_keeps_the_callers_signal_mask),
		CASE(worker_that_is_never_started_exits),
		CASE(spawn_refuses_bad_configs),
		CASE(spawn_draws_a_subset_for_each_worker),
		CASE(affinity_off_the_machine_is_reported_and_work_goes_on),
		CASE(set_affinity_moves_exactly_one_worker),
		CASE(free_leaves_no_worker_whatever_it_was_doing),
		CASE(workers_die_with_the_process_that_spawned_them),
		CASE(free_in_a_forked_process_leaves_the_workers_alone),
		CASE(workloads_live_without_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
