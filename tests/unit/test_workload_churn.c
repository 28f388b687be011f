// SPDX-License-Identifier: GPL-2.0-only
/* ForkExit, NiceSweep, PolicyChurn, AffinityChurn, CrossAffinityChurn. */
#include <sys/resource.h>
#include <sys/time.h>

#include "workload/work/affinity_churn.h"
#include "workload/work/child.h"
#include "workload/work/own_cgroup.h"

#include "test_work.h"

#define NOBODY 65534

static bool may_raise_priority(void)
{
	bool may = !setpriority(PRIO_PROCESS, 0, -20);

	setpriority(PRIO_PROCESS, 0, 0);
	return may && geteuid() == 0;
}

/* Claims 4, 5; the vectors of 7.9. */
static void churn_counts_units_and_samples(void **state)
{
	const struct {
		struct ktstr_work work;
		uint64_t units;
	} rows[] = {
		{ { .ops = &ktstr_work_fork_exit }, 1 },
		{ { .ops = &ktstr_work_nice_sweep }, 512 },
		{ { .ops = &ktstr_work_policy_churn }, 1024 },
		{ KTSTR_WORK(policy_churn, .spin_iters = 3), 3 },
		{ { .ops = &ktstr_work_affinity_churn }, 1024 },
		{ KTSTR_WORK(affinity_churn, .spin_iters = KTSTR_ZERO), 0 },
		{ { .ops = &ktstr_work_cross_affinity_churn }, 1024 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		/* Each policy twice: among busy neighbours one pass under IDLE takes its time. */
		struct ktstr_reports *reports = run_work(rows[i].work, 1, 10);
		const struct ktstr_worker_report *report = reports->reports;

		print_message("row: %s\n", ktstr_work_name(&rows[i].work));
		assert_int_equal(report->work_units, rows[i].units * report->iterations);
		assert_int_equal(filled_vectors(report), WAKE);
		/* A stop may interrupt the wait for the last child. */
		assert_in_range(report->wake_latencies.total, report->iterations - 1,
				report->iterations);
		ktstr_reports_free(reports);
	}
}

/* Claim 4. */
static void fork_exit_samples_every_child(void **state)
{
	struct solo *solo = solo_new(KTSTR_WORK(fork_exit));

	(void)state;
	for (int pass = 0; pass < 10; pass++)
		assert_int_equal(solo_pass(solo), WORK_NEXT);
	assert_int_equal(solo->worker.work_units, 10);
	assert_int_equal(solo->worker.wake_latencies.total, 10);
	assert_int_equal(count_children(), 0);
	assert_int_equal(solo->worker.checkpoint.last_ns, 0); /* waiting may be a gap */
	solo_free(solo);
}

/* A fork that fails is a unit all the same, and no sample. */
static void fork_exit_goes_on_without_processes(void **state)
{
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;
	struct rlimit before, none;

	(void)state;
	if (geteuid() != 0)
		skip_because("needs root: the worker itself could not be forked");
	assert_int_equal(getrlimit(RLIMIT_NPROC, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NPROC, &none), 0);
	workload = spawn(&(struct ktstr_workload_config){ .work = KTSTR_WORK(fork_exit),
							  .uid = KTSTR_SOME(NOBODY) });
	setrlimit(RLIMIT_NPROC, &before);
	ktstr_workload_start(workload);
	await_iterations(workload, 20);
	reports = collect(&workload);
	assert_int_equal(reports->reports[0].work_units, reports->reports[0].iterations);
	assert_int_equal(reports->reports[0].wake_latencies.total, 0);
	ktstr_reports_free(reports);
}

static struct solo *stopped_by_alarm;

static void stop_it(int number)
{
	(void)number;
	solo_stop(stopped_by_alarm);
}

/* A child that does not come to its end, as under a scheduler that starves it. */
static void wait_for_a_child_ends_with_the_stop(void **state)
{
	struct sigaction action = { .sa_handler = stop_it }, before;
	struct itimerval soon = { .it_value = { .tv_usec = 20000 } };
	struct solo *solo = solo_new(KTSTR_WORK(fork_exit));
	uint64_t waited_ns = 77;
	pid_t child = fork();

	(void)state;
	if (!child)
		for (;;)
			pause();
	stopped_by_alarm = solo;
	sigaction(SIGALRM, &action, &before);
	setitimer(ITIMER_REAL, &soon, NULL);
	assert_false(child_reap(&solo->worker, child, &waited_ns));
	assert_int_equal(waited_ns, 77);
	sigaction(SIGALRM, &before, NULL);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	solo_free(solo);
}

/* Claim 67, with the privilege: all values in turn, and the first one back in the end. */
static void nice_sweep_walks_and_comes_back(void **state)
{
	struct solo *solo;

	(void)state;
	if (!may_raise_priority())
		skip_because("needs the privilege to raise priority");
	setpriority(PRIO_PROCESS, 0, 3);
	solo = solo_new(KTSTR_WORK(nice_sweep));
	assert_int_equal(getpriority(PRIO_PROCESS, 0), 3); /* nothing is left of the probe */
	for (int pass = 0; pass < 45; pass++) {
		assert_int_equal(solo_pass(solo), WORK_NEXT);
		assert_int_equal(getpriority(PRIO_PROCESS, 0), -20 + pass % 40);
	}
	assert_string_equal(solo->worker.work_error, "");
	solo_free(solo);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), 3);
	setpriority(PRIO_PROCESS, 0, 0);
}

/* Claim 67, without it. */
static void nice_sweep_of_nobody_stays_above_zero(void **state)
{
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;
	uint64_t iterations = 0;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip_because("needs root, to become another user");
	workload = spawn(&(struct ktstr_workload_config){ .work = KTSTR_WORK(nice_sweep),
							  .uid = KTSTR_SOME(NOBODY) });
	pid = ktstr_workload_pids(workload, &(size_t){ 0 })[0];
	ktstr_workload_start(workload);
	while (iterations < 60) {
		int nice = getpriority(PRIO_PROCESS, (id_t)pid);

		assert_in_range(nice, 0, 19);
		ktstr_workload_snapshot_iterations(workload, &iterations, 1);
	}
	assert_int_equal(getpriority(PRIO_PROCESS, (id_t)pid), 19);
	reports = collect(&workload);
	assert_int_equal(reports->reports[0].work_units, 512 * reports->reports[0].iterations);
	assert_contains(reports->reports[0].work_error, "nice 0: ");
	ktstr_reports_free(reports);
}

/* Claim 67. */
static void policy_churn_walks_and_ends_in_other(void **state)
{
	static const int expected[] = { SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, SCHED_FIFO,
					SCHED_RR };
	struct solo *solo;

	(void)state;
	if (!may_raise_priority())
		skip_because("needs the privilege to raise priority");
	solo = solo_new(KTSTR_WORK(policy_churn));
	assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
	for (int pass = 0; pass < 12; pass++) {
		struct sched_param param;
		int policy;

		assert_int_equal(solo_pass(solo), WORK_NEXT);
		policy = sched_getscheduler(0);
		assert_int_equal(policy, expected[pass % 5]);
		sched_getparam(0, &param);
		assert_int_equal(param.sched_priority, pass % 5 > 2);
	}
	assert_string_equal(solo->worker.work_error, "");
	solo_free(solo);
	assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
}

static void policy_churn_of_nobody_has_no_realtime(void **state)
{
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;
	uint64_t iterations = 0;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip_because("needs root, to become another user");
	workload = spawn(&(struct ktstr_workload_config){ .work = KTSTR_WORK(policy_churn),
							  .uid = KTSTR_SOME(NOBODY) });
	pid = ktstr_workload_pids(workload, &(size_t){ 0 })[0];
	ktstr_workload_start(workload);
	while (iterations < 60) {
		int policy = sched_getscheduler(pid);

		assert_true(policy != SCHED_FIFO && policy != SCHED_RR);
		ktstr_workload_snapshot_iterations(workload, &iterations, 1);
	}
	reports = collect(&workload);
	assert_true(reports->reports[0].completed);
	ktstr_reports_free(reports);
}

static void affinity_churn_pins_to_cpus_of_the_start(void **state)
{
	cpu_set_t before, seen;
	struct solo *solo;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	CPU_ZERO(&seen);
	solo = solo_new(KTSTR_WORK(affinity_churn, .spin_iters = 1));
	for (int pass = 0; pass < 64; pass++) {
		cpu_set_t mask;

		assert_int_equal(solo_pass(solo), WORK_NEXT);
		sched_getaffinity(0, sizeof(mask), &mask);
		assert_int_equal(CPU_COUNT(&mask), 1);
		CPU_OR(&seen, &seen, &mask);
	}
	solo_free(solo);
	sched_setaffinity(0, sizeof(before), &before);
	CPU_AND(&before, &before, &seen);
	assert_true(CPU_EQUAL(&before, &seen)); /* no CPU that it did not have */
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		assert_true(CPU_COUNT(&seen) > 1);
}

/* Claim 68. */
static void cross_affinity_masks_differ_by_one_cpu(void **state)
{
	cpu_set_t cpus, masks[2], difference;

	(void)state;
	CPU_ZERO(&cpus);
	assert_false(cross_affinity_masks(&cpus, masks));
	CPU_SET(5, &cpus);
	assert_false(cross_affinity_masks(&cpus, masks));
	CPU_SET(1000, &cpus);
	CPU_SET(7, &cpus);
	assert_true(cross_affinity_masks(&cpus, masks));
	assert_true(CPU_EQUAL(&masks[1], &cpus));
	CPU_XOR(&difference, &masks[0], &masks[1]);
	assert_int_equal(CPU_COUNT(&difference), 1);
	assert_true(CPU_ISSET(1000, &difference));
}

static struct cross_affinity_pids read_pids(const char *text, pid_t own, pid_t *items,
					    size_t capacity)
{
	struct cross_affinity_pids pids = { .items = items, .capacity = capacity };
	int fd = memfd_create("procs", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(cross_affinity_read_pids(fd, own, &pids), 0);
	close(fd);
	return pids;
}

/* Claim 68: without itself, and without those that have no pid here. */
static void cross_affinity_pids_leave_itself_out(void **state)
{
	struct cross_affinity_pids pids;
	pid_t items[3000];
	char text[3000 * 8 + 1];
	size_t length = 0;

	(void)state;
	pids = read_pids("12\n0\n345\n7\n", 345, items, COUNT(items));
	assert_int_equal(pids.count, 2);
	assert_int_equal(items[0], 12);
	assert_int_equal(items[1], 7);
	assert_int_equal(read_pids("", 1, items, COUNT(items)).count, 0);
	/* More than one read: lines are cut in two. */
	for (int pid = 1; pid <= 3000; pid++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%d\n", pid);
	pids = read_pids(text, 1500, items, COUNT(items));
	assert_int_equal(pids.count, 2999);
	for (size_t i = 0; i < pids.count; i++)
		assert_int_equal(items[i], i < 1499 ? i + 1 : i + 2);
	assert_int_equal(read_pids(text, 1500, items, 10).count, 10);
}

static void own_cgroup_parse_finds_version_2(void **state)
{
	static const struct {
		const char *text, *path;
	} rows[] = {
		{ "0::/ktstr/cg_0\n", "/ktstr/cg_0" },
		{ "0::/\n", "/" },
		{ "12:cpu,cpuacct:/a\n1:name=systemd:/b\n0::/c d\n", "/c d" },
		{ "10::/no\n", NULL },
		{ "12:cpu:/a\n", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[128];
		const char *path;

		snprintf(text, sizeof(text), "%s", rows[i].text);
		path = own_cgroup_parse(text);
		if (rows[i].path)
			assert_string_equal(path, rows[i].path);
		else
			assert_null(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(churn_counts_units_and_samples),
		cmocka_unit_test(fork_exit_samples_every_child),
		cmocka_unit_test(fork_exit_goes_on_without_processes),
		cmocka_unit_test(wait_for_a_child_ends_with_the_stop),
		cmocka_unit_test(nice_sweep_walks_and_comes_back),
		cmocka_unit_test(nice_sweep_of_nobody_stays_above_zero),
		cmocka_unit_test(policy_churn_walks_and_ends_in_other),
		cmocka_unit_test(policy_churn_of_nobody_has_no_realtime),
		cmocka_unit_test(affinity_churn_pins_to_cpus_of_the_start),
		cmocka_unit_test(cross_affinity_masks_differ_by_one_cpu),
		cmocka_unit_test(cross_affinity_pids_leave_itself_out),
		cmocka_unit_test(own_cgroup_parse_finds_version_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
