// SPDX-License-Identifier: GPL-2.0-only
/* What workers become before they work, and groups that differ in it. */
#include <sys/prctl.h>

#include "workload/node_cpus.h"

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

/* Claims 30 and 31. */
static void worker_gets_its_nice_and_name(void **state)
{
	static const struct {
		struct ktstr_optional nice;
		int result;
	} rows[] = { { { 0 }, 3 }, { KTSTR_SOME(5), 5 }, { KTSTR_SOME(99), 19 } };
	int before = getpriority(PRIO_PROCESS, 0);
	pid_t child;
	int status;

	(void)state;
	/* In a child, since nobody may lower the nice value again. */
	child = fork();
	if (!child) {
		if (before != 0 || setpriority(PRIO_PROCESS, 0, 3))
			_exit(2);
		for (size_t i = 0; i < COUNT(rows); i++) {
			struct ktstr_workload *workload = NULL;
			struct ktstr_reports *reports = NULL;
			char name[17] = "";
			pid_t pid;

			if (ktstr_workload_spawn(
				    &(struct ktstr_workload_config){ .nice = rows[i].nice,
								     .comm = "fifteen bytes.." },
				    &workload, NULL))
				_exit(3);
			pid = ktstr_workload_pids(workload, &(size_t){ 0 })[0];
			ktstr_workload_start(workload);
			await_iterations(workload, 1);
			read_comm(pid, name);
			if (getpriority(PRIO_PROCESS, (id_t)pid) != rows[i].result)
				_exit(4);
			if (strcmp(name, "fifteen bytes..") != 0)
				_exit(5);
			if (ktstr_workload_stop_and_collect(&workload, &reports, NULL) ||
			    *reports->reports[0].setup_error)
				_exit(6);
			ktstr_reports_free(reports);
		}
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Claim 30: 0 is a value. Without privilege the call that it makes is refused, in words. */
static void nice_of_zero_is_set(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	if (!child) {
		KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
		struct ktstr_reports *reports = NULL;
		int nice_seen;

		if (setpriority(PRIO_PROCESS, 0, 3) ||
		    ktstr_workload_spawn(&(struct ktstr_workload_config){ .nice = KTSTR_SOME(0) },
					 &workload, NULL))
			_exit(2);
		ktstr_workload_start(workload);
		await_iterations(workload, 1);
		nice_seen = getpriority(PRIO_PROCESS,
					(id_t)ktstr_workload_pids(workload, &(size_t){ 0 })[0]);
		if (ktstr_workload_stop_and_collect(&workload, &reports, NULL))
			_exit(3);
		if (nice_seen == 3 && strstr(reports->reports[0].setup_error, "nice 0: "))
			_exit(0);
		_exit(nice_seen == 0 && !*reports->reports[0].setup_error ? 0 : 4);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* Claim 28 by who runs it; the rest of the soft failures, each in its own field. */
static void what_is_refused_is_told_and_the_work_goes_on(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
		.policy = { .kind = KTSTR_POLICY_DEADLINE, .runtime_ns = 1 },
		.numa_node = KTSTR_SOME(1023),
		.mem_policy = KTSTR_MEM_BIND(1023) });
	struct ktstr_reports *reports;
	const struct ktstr_worker_report *report;

	(void)state;
	ktstr_workload_start(workload);
	await_iterations(workload, 1);
	reports = collect(&workload);
	report = &reports->reports[0];
	assert_true(report->completed && report->work_units > 0);
	assert_contains(report->sched_policy_error, "deadline_ns must be > 0");
	/* The memory policy is set before the node, and the first failure is kept. */
	assert_contains(report->setup_error, "memory policy 'bind'");
	assert_string_equal(report->affinity_error, "");
	ktstr_reports_free(reports);
}

/* 8.6, step 8: after all else, the affinity included. */
static void node_is_what_a_worker_is_pinned_to_in_the_end(void **state)
{
	cpu_set_t nodes, node, allowed, one, mask;
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;
	unsigned first = 0;
	int cpu = 0;

	(void)state;
	node_cpus_list_nodes(&nodes);
	while (first < CPU_SETSIZE && !CPU_ISSET(first, &nodes))
		first++;
	if (first == CPU_SETSIZE)
		skip_because("needs a kernel with NUMA nodes in /sys");
	node_cpus_read(first, &node);
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	CPU_AND(&node, &node, &allowed);
	while (cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &node))
		cpu++;
	if (CPU_COUNT(&node) < 2)
		skip_because("needs two CPUs of one node that it may use");
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	workload = spawn(&(struct ktstr_workload_config){ .affinity = KTSTR_AFFINITY_EXACT(&one),
							  .numa_node = KTSTR_SOME(first) });
	ktstr_workload_start(workload);
	await_iterations(workload, 1);
	sched_getaffinity(ktstr_workload_pids(workload, &(size_t){ 0 })[0], sizeof(mask), &mask);
	CPU_AND(&mask, &mask, &allowed);
	assert_true(CPU_EQUAL(&mask, &node));
	reports = collect(&workload);
	assert_string_equal(reports->reports[0].setup_error, "");
	ktstr_reports_free(reports);
}

static enum work_next look_at_death_signal(struct ktstr_worker *worker)
{
	int number = 0;

	prctl(PR_GET_PDEATHSIG, &number);
	worker->work_units = (uint64_t)number;
	return WORK_NEXT;
}

/* The kernel forgets the signal for the parent's death when ids change. */
static void worker_with_other_ids_still_dies_with_its_parent(void **state)
{
	uid_t uid = geteuid() ? geteuid() : 65534;
	gid_t gid = geteuid() ? getegid() : 65534;
	struct ktstr_workload *workload = spawn(
		&(struct ktstr_workload_config){ .work = TEST_WORK(look_at_death_signal),
						 .uid = KTSTR_SOME(uid),
						 .gid = KTSTR_SOME(gid) });
	struct ktstr_reports *reports;

	(void)state;
	ktstr_workload_start(workload);
	await_iterations(workload, 1);
	assert_int_equal(read_uid(ktstr_workload_pids(workload, &(size_t){ 0 })[0]), uid);
	reports = collect(&workload);
	assert_string_equal(reports->reports[0].setup_error, "");
	assert_int_equal(reports->reports[0].work_units, SIGKILL);
	ktstr_reports_free(reports);
}

#define COMPOSED(...)                                                                              \
	.composed = (const struct ktstr_work_spec[]){ __VA_ARGS__ },                               \
	.num_composed = sizeof((const struct ktstr_work_spec[]){ __VA_ARGS__ }) /                  \
			sizeof(struct ktstr_work_spec)

/* Claim 24. */
static void composed_groups_are_reported_by_their_index(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
		.num_workers = 2,
		COMPOSED({ .workers = 4, .work = KTSTR_WORK(pipe_io) },
			 { .workers = KTSTR_WORKERS_NONE },
			 { .workers = 1, .work = KTSTR_WORK(yield_heavy) }) });
	static const unsigned groups[] = { 0, 0, 1, 1, 1, 1, 3 };
	struct ktstr_reports *reports;
	size_t count;
	pid_t last;

	(void)state;
	last = ktstr_workload_pids(workload, &count)[6];
	assert_int_equal(count, 7);
	ktstr_workload_start(workload);
	await_iterations(workload, 2);
	kill(last, SIGKILL);
	reports = collect(&workload);
	assert_int_equal(reports->count, COUNT(groups));
	for (size_t i = 0; i < reports->count; i++)
		assert_int_equal(reports->reports[i].group_index, groups[i]);
	/* Claim 35, for the sentinel of a composed group. */
	assert_false(reports->reports[6].completed);
	assert_int_equal(reports->reports[6].tid, last);
	assert_int_equal(reports->reports[6].exit_info.code, SIGKILL);
	ktstr_reports_free(reports);
}

/* Claims 19, 20, 21, 23, 25 and 31: refused before anything is made. */
static void spawn_names_the_place_of_what_it_refuses(void **state)
{
	static const struct ktstr_work_ops never = { .name = "Never" };
	const struct {
		struct ktstr_workload_config config;
		const char *says;
	} rows[] = {
		{ { .affinity = KTSTR_AFFINITY_SINGLE_CPU() },
		  "config.affinity (group 0): affinity 'single cpu' requires scenario context" },
		{ { .affinity = KTSTR_AFFINITY_LLC_ALIGNED() }, "requires scenario context" },
		{ { .affinity = KTSTR_AFFINITY_CROSS_CGROUP() }, "requires scenario context" },
		{ { COMPOSED({ .workers = 1 },
			     { .workers = 1, .affinity = KTSTR_AFFINITY_SMT_SIBLING_PAIR() }) },
		  "composed[1].affinity (group 2): affinity 'smt sibling pair' requires scenario "
		  "context; workers that are spawned directly take inherit, exact or random "
		  "subset" },
		{ { .affinity = { .kind = KTSTR_AFFINITY_RANDOM_SUBSET } }, "'random subset'" },
		{ { COMPOSED({ .work = KTSTR_WORK(mixed) }) },
		  "composed[0].workers (group 1): 0; only a scenario has a workers_per_cgroup" },
		{ { COMPOSED({ .workers_pct = 1.5, .workers = 1 }) }, "composed[0].workers_pct" },
		{ { COMPOSED({ .workers = 1, .pcomm = "host" }) },
		  "composed[0].pcomm (group 1): 'host' is the name of a process" },
		{ { COMPOSED({ .workers = 1, .pcomm = "host" }) }, "ktstr_workload_spawn_pcomm()" },
		{ { COMPOSED({ .workers = 1 },
			     { .workers = 1, .mem_policy = { .kind = KTSTR_MEM_INTERLEAVE } }) },
		  "composed[1].mem_policy (group 2): memory policy 'interleave': needs at least" },
		{ { .mem_policy = { .kind = KTSTR_MEM_BIND } }, "config.mem_policy (group 0)" },
		{ { .comm = "" }, "comm '': 0 bytes" },
		{ { .comm = "sixteen bytes .." }, "comm 'sixteen bytes ..': 16 bytes" },
		{ { .uid = KTSTR_SOME(-1) }, "uid -1: not from 0 to 4294967294" },
		{ { .gid = KTSTR_SOME(4294967295) }, "gid 4294967295" },
		{ { .numa_node = KTSTR_SOME(1024) }, "numa_node 1024" },
		{ { .work = { .ops = &never },
		    COMPOSED({ .workers = 3, .work = KTSTR_WORK(pipe_io) }) },
		  "PipeIo (group 1) requires num_workers divisible by 2, got 3" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_workload *workload = NULL;
		struct ktstr_error error = { 0 };

		assert_int_equal(ktstr_workload_spawn(&rows[i].config, &workload, &error), -EINVAL);
		assert_contains(error.text, rows[i].says);
		assert_null(workload);
		assert_int_equal(count_children(), 0);
	}
}

/* All at once and without a wait; what they were is collected afterwards. */
static void kill_ends_workers_that_are_reaped_later(void **state)
{
	struct ktstr_workload *workload = spawn(
		&(struct ktstr_workload_config){ .num_workers = 3 });
	const pid_t *pids = ktstr_workload_pids(workload, &(size_t){ 0 });
	struct ktstr_reports *reports;

	(void)state;
	ktstr_workload_start(workload);
	await_iterations(workload, 1);
	kill(pids[1], SIGSTOP);
	ktstr_workload_kill(workload);
	for (size_t i = 0; i < 3; i++)
		await_state(pids[i], 'Z');
	reports = collect(&workload);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(reports->reports[i].exit_info.kind, KTSTR_EXIT_SIGNALED);
		assert_int_equal(reports->reports[i].exit_info.code, SIGKILL);
	}
	ktstr_reports_free(reports);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, remember, compare)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(worker_gets_its_nice_and_name),
		CASE(nice_of_zero_is_set),
		CASE(what_is_refused_is_told_and_the_work_goes_on),
		CASE(node_is_what_a_worker_is_pinned_to_in_the_end),
		CASE(worker_with_other_ids_still_dies_with_its_parent),
		CASE(composed_groups_are_reported_by_their_index),
		CASE(spawn_names_the_place_of_what_it_refuses),
		CASE(kill_ends_workers_that_are_reaped_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
