// SPDX-License-Identifier: GPL-2.0-only
/* Workers as threads of one forked process. */
#include <fcntl.h>

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

static struct ktstr_workload *spawn_pcomm(const struct ktstr_pcomm_config *config)
{
	struct ktstr_workload *workload = NULL;
	struct ktstr_error error = { 0 };

	if (ktstr_workload_spawn_pcomm(config, &workload, &error))
		fail_msg("spawn_pcomm: %s", error.text);
	return workload;
}

#define WORKS(...)                                                                                 \
	.works = (const struct ktstr_work_spec[]){ __VA_ARGS__ },                                  \
	.num_works = sizeof((const struct ktstr_work_spec[]){ __VA_ARGS__ }) /                     \
		     sizeof(struct ktstr_work_spec)

/* Claim 42. */
static void container_hosts_its_groups_as_threads(void **state)
{
	struct ktstr_workload *workload = spawn_pcomm(
		&(struct ktstr_pcomm_config){ .pcomm = "a-container",
					      WORKS({ .workers = 3, .comm = "first" },
						    { .workers = 2, .nice = KTSTR_SOME(3) }) });
	struct ktstr_error error = { 0 };
	struct ktstr_reports *reports;
	cpu_set_t cpus;
	const pid_t *pids;
	size_t count;
	char name[17];
	pid_t leader;

	(void)state;
	assert_int_equal(ktstr_workload_pids_for_cgroup_procs(workload, &pids, &count, &error), 0);
	assert_int_equal(count, 1);
	leader = pids[0];
	assert_int_equal(getpgid(leader), leader);
	ktstr_workload_start(workload);
	await_iterations(workload, 2);
	assert_int_equal(ktstr_workload_snapshot_iterations(workload, NULL, 0), 5);
	read_comm(leader, name);
	assert_string_equal(name, "a-container");
	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	assert_int_equal(ktstr_workload_set_affinity(workload, 0, &cpus, &error), -EINVAL);
	assert_contains(error.text, "WorkSpec::affinity");
	reports = collect(&workload);
	assert_int_equal(reports->count, 5);
	for (size_t i = 0; i < reports->count; i++) {
		assert_true(reports->reports[i].completed);
		assert_int_equal(reports->reports[i].group_index, i < 3 ? 0 : 1);
		assert_true(reports->reports[i].tid != leader);
		assert_string_equal(reports->reports[i].setup_error, "");
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(reports->reports[i].tid, reports->reports[k].tid);
	}
	ktstr_reports_free(reports);
}

static int inherited_fd = -1; /* of the test */

static enum work_next look_around(struct ktstr_worker *worker)
{
	char name[17];

	read_comm(gettid(), name);
	/* Bits of what it has found: its own name, and nothing that its parent had open. */
	worker->work_units = (unsigned)!strcmp(name, "ktstr-pcomm-g1-") |
			     (fcntl(inherited_fd, F_GETFD) < 0 && errno == EBADF ? 2u : 0);
	return WORK_NEXT;
}

/* 8.5: threads are called by group and number (15 bytes of that), and descriptors do not leak. */
static void container_has_names_for_threads_and_no_descriptors(void **state)
{
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;

	(void)state;
	inherited_fd = fcntl(STDIN_FILENO, F_DUPFD, 60);
	if (inherited_fd < 0)
		inherited_fd = open("/dev/null", O_RDONLY);
	assert_true(inherited_fd >= 0);
	workload = spawn_pcomm(&(struct ktstr_pcomm_config){
		.pcomm = "look",
		WORKS({ .workers = 1 }, { .workers = 2, .work = TEST_WORK(look_around) }) });
	ktstr_workload_start(workload);
	await_iterations(workload, 1);
	reports = collect(&workload);
	close(inherited_fd);
	assert_int_equal(reports->reports[1].work_units, 3);
	assert_int_equal(reports->reports[2].work_units, 3);
	ktstr_reports_free(reports);
}

/* Pipes of a cohort inside the container, although it closes all it has inherited. */
static void container_hosts_cohorts(void **state)
{
	struct ktstr_workload *workload = spawn_pcomm(&(struct ktstr_pcomm_config){
		.pcomm = "pairs", WORKS({ .workers = 4, .work = KTSTR_WORK(pipe_io) }) });
	struct ktstr_reports *reports;

	(void)state;
	ktstr_workload_start(workload);
	await_iterations(workload, 3);
	reports = collect(&workload);
	assert_int_equal(reports->count, 4);
	for (size_t i = 0; i < reports->count; i++)
		assert_true(reports->reports[i].completed);
	ktstr_reports_free(reports);
}

/* Claim 43. */
static void container_without_workers_is_an_empty_handle(void **state)
{
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;
	size_t count = 7;

	(void)state;
	for (unsigned empty = 0; empty < 2; empty++) {
		workload = empty ? spawn_pcomm(&(struct ktstr_pcomm_config){ .pcomm = "none" })
				 : spawn_pcomm(&(struct ktstr_pcomm_config){
					   .pcomm = "none",
					   WORKS({ .workers = KTSTR_WORKERS_NONE },
						 { .workers = KTSTR_WORKERS_NONE }) });
		ktstr_workload_pids(workload, &count);
		assert_int_equal(count, 0);
		assert_int_equal(count_children(), 0);
		ktstr_workload_start(workload);
		reports = collect(&workload);
		assert_int_equal(reports->count, 0);
		ktstr_reports_free(reports);
	}
}

/* The ids are the process's, so every thread has them; what is refused is told by each worker. */
static void container_has_the_ids_it_is_given(void **state)
{
	long uid = geteuid() ? geteuid() : 65534;
	struct ktstr_workload *workload = spawn_pcomm(
		&(struct ktstr_pcomm_config){ .pcomm = "ids",
					      .uid = KTSTR_SOME(uid),
					      .gid = KTSTR_SOME(geteuid() ? getegid() : 65534),
					      WORKS({ .workers = 2 }) });
	pid_t leader = ktstr_workload_pids(workload, &(size_t){ 0 })[0];
	struct ktstr_reports *reports;

	(void)state;
	ktstr_workload_start(workload);
	await_iterations(workload, 1);
	assert_int_equal(read_uid(leader), uid);
	reports = collect(&workload);
	for (size_t i = 0; i < 2; i++) {
		assert_true(reports->reports[i].completed);
		assert_string_equal(reports->reports[i].setup_error, "");
	}
	ktstr_reports_free(reports);
}

static enum work_next crash(struct ktstr_worker *worker)
{
	if (worker->iterations < 3) {
		worker->work_units++;
		return WORK_NEXT;
	}
	raise(SIGSEGV);
	return WORK_END;
}

static enum work_next end_at_once(struct ktstr_worker *worker)
{
	(void)worker;
	return WORK_END;
}

/* 9.5, 9.6: what has been reported stays, the rest are sentinels with the leader's pid and end. */
static void crash_in_a_container_keeps_the_reports_that_exist(void **state)
{
	struct ktstr_workload *workload = spawn_pcomm(&(struct ktstr_pcomm_config){
		.pcomm = "crash",
		WORKS({ .workers = 1, .work = TEST_WORK(end_at_once) }, { .workers = 2 }) });
	pid_t leader = ktstr_workload_pids(workload, &(size_t){ 0 })[0];
	struct ktstr_reports *reports;

	(void)state;
	ktstr_workload_start(workload);
	await_report(workload, 0);
	kill(leader, SIGKILL);
	reports = collect(&workload);
	assert_int_equal(reports->count, 3);
	assert_true(reports->reports[0].completed);
	for (size_t i = 1; i < 3; i++) {
		assert_false(reports->reports[i].completed);
		assert_int_equal(reports->reports[i].tid, leader);
		assert_int_equal(reports->reports[i].group_index, 1);
		assert_int_equal(reports->reports[i].exit_info.kind, KTSTR_EXIT_SIGNALED);
		assert_int_equal(reports->reports[i].exit_info.code, SIGKILL);
	}
	ktstr_reports_free(reports);
	workload = spawn_pcomm(&(struct ktstr_pcomm_config){
		.pcomm = "crash", WORKS({ .workers = 2, .work = TEST_WORK(crash) }) });
	leader = ktstr_workload_pids(workload, &(size_t){ 0 })[0];
	ktstr_workload_start(workload);
	await_state(leader, 'Z');
	reports = collect(&workload);
	assert_int_equal(reports->reports[0].exit_info.kind, KTSTR_EXIT_SIGNALED);
	assert_int_equal(reports->reports[0].exit_info.code, SIGSEGV);
	ktstr_reports_free(reports);
}

/* Claim 39 for a container, with 30 ms for 30 s. */
static void container_that_is_never_started_exits(void **state)
{
	struct workload_timeouts timeouts = WORKLOAD_TIMEOUTS_DEFAULT;
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;

	(void)state;
	timeouts.gate_ms = 30;
	assert_int_equal(
		workload_spawn_pcomm(&(struct ktstr_pcomm_config){ .pcomm = "late",
								   WORKS({ .workers = 2 }) },
				     &timeouts, &workload, NULL),
		0);
	await_state(ktstr_workload_pids(workload, &(size_t){ 0 })[0], 'Z');
	reports = collect(&workload);
	assert_int_equal(reports->reports[1].exit_info.kind, KTSTR_EXIT_EXITED);
	assert_int_equal(reports->reports[1].exit_info.code, 1);
	ktstr_reports_free(reports);
}

/* Claim 34 for containers. */
static void free_leaves_no_container(void **state)
{
	(void)state;
	for (unsigned started = 0; started < 2; started++) {
		struct ktstr_workload *workload = spawn_pcomm(
			&(struct ktstr_pcomm_config){ .pcomm = "free", WORKS({ .workers = 3 }) });
		pid_t leader = ktstr_workload_pids(workload, &(size_t){ 0 })[0];

		if (started) {
			ktstr_workload_start(workload);
			await_iterations(workload, 1);
		}
		ktstr_workload_free(workload);
		assert_int_equal(kill(leader, 0), -1);
	}
}

/* Claim 18, and what else has no meaning. */
static void spawn_pcomm_refuses_what_cannot_be(void **state)
{
	static const struct ktstr_work_ops no_container = { .name = "Forker",
							    .iterate = end_at_once,
							    .not_in_container = "it forks" };
	const struct {
		struct ktstr_pcomm_config config;
		const char *says;
	} rows[] = {
		{ { WORKS({ .workers = 1 }) }, "pcomm: the container needs a name" },
		{ { .pcomm = "", WORKS({ .workers = 1 }) }, "pcomm: the container needs a name" },
		{ { .pcomm = "sixteen bytes ..", WORKS({ .workers = 1 }) }, "16 bytes" },
		{ { .pcomm = "x", .uid = KTSTR_SOME(-1), WORKS({ .workers = 1 }) }, "uid -1" },
		{ { .pcomm = "x", WORKS({ .workers = 1 }, { .comm = "y" }) },
		  "works[1].workers (group 1)" },
		{ { .pcomm = "x",
		    WORKS({ .workers = 1, .affinity = KTSTR_AFFINITY_LLC_ALIGNED() }) },
		  "works[0].affinity (group 0): affinity 'llc aligned' requires scenario context" },
		{ { .pcomm = "x",
		    WORKS({ .workers = 1, .mem_policy = { .kind = KTSTR_MEM_BIND } }) },
		  "works[0].mem_policy (group 0)" },
		{ { .pcomm = "x", WORKS({ .workers = 1, .work = { .ops = &no_container } }) },
		  "Forker (group 0) cannot run in a pcomm container: it forks" },
		{ { .pcomm = "x", WORKS({ .workers = 1, .work = KTSTR_WORK(fork_exit) }) },
		  "ForkExit (group 0) cannot run in a pcomm container: it forks" },
		{ { .pcomm = "x", WORKS({ .workers = 1, .work = KTSTR_WORK(cgroup_churn) }) },
		  "CgroupChurn (group 0) cannot run in a pcomm container: a write" },
		{ { .pcomm = "x",
		    WORKS({ .workers = 1,
			    .work = KTSTR_WORK(cgroup_attach_storm, .dest = "dest") }) },
		  "use ktstr_workload_spawn() with clone_mode fork" },
		{ { .pcomm = "x", WORKS({ .workers = 3, .work = KTSTR_WORK(pipe_io) }) },
		  "PipeIo (group 0) requires num_workers divisible by 2, got 3" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_workload *workload = NULL;
		struct ktstr_error error = { 0 };

		assert_int_equal(ktstr_workload_spawn_pcomm(&rows[i].config, &workload, &error),
				 -EINVAL);
		assert_contains(error.text, rows[i].says);
		assert_null(workload);
	}
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, remember, compare)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(container_hosts_its_groups_as_threads),
		CASE(container_has_names_for_threads_and_no_descriptors),
		CASE(container_hosts_cohorts),
		CASE(container_without_workers_is_an_empty_handle),
		CASE(container_has_the_ids_it_is_given),
		CASE(crash_in_a_container_keeps_the_reports_that_exist),
		CASE(container_that_is_never_started_exits),
		CASE(free_leaves_no_container),
		CASE(spawn_pcomm_refuses_what_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
