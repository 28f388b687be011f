// SPDX-License-Identifier: GPL-2.0-only
/* Kinds of work whose workers have a scheduling class by position: with the privilege for it. */
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "expect.h"

#define DEADLINE_CLASS 6 /* SCHED_DEADLINE and SCHED_EXT, which glibc does not name everywhere */
#define EXT_CLASS 7
#define PATIENCE_MS 5000

struct row {
	struct ktstr_work work;
	unsigned workers;
	struct {
		int policy, priority;
	} positions[3];
};

static bool has_class(pid_t pid, int policy, int priority)
{
	struct sched_param param;

	return sched_getscheduler(pid) == policy && !sched_getparam(pid, &param) &&
	       param.sched_priority == priority;
}

static bool all_have_their_classes(const struct row *row, const pid_t *pids)
{
	for (unsigned i = 0; i < row->workers; i++)
		if (!has_class(pids[i], row->positions[i].policy, row->positions[i].priority))
			return false;
	return true;
}

static int run_row(struct ktstr_ctx *ctx, const struct row *row)
{
	struct ktstr_workload_config config = { .num_workers = row->workers, .work = row->work };
	struct ktstr_error error = { 0 };
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	const char *name = ktstr_work_name(&row->work);
	const pid_t *pids;
	size_t count;

	TRY(ctx, ktstr_workload_spawn(&config, &workload, &error));
	pids = ktstr_workload_pids(workload, &count);
	ktstr_workload_start(workload);
	for (unsigned ms = 0; ms < PATIENCE_MS && !all_have_their_classes(row, pids); ms += 10)
		usleep(10 * 1000);
	for (unsigned i = 0; i < row->workers; i++)
		EXPECT(ctx, has_class(pids[i], row->positions[i].policy, row->positions[i].priority),
		       "%s: position %u has policy %d", name, i, sched_getscheduler(pids[i]));
	TRY(ctx, ktstr_workload_stop_and_collect(&workload, &reports, &error));
	for (size_t i = 0; i < reports->count; i++) {
		EXPECT(ctx, reports->reports[i].completed, "%s: position %zu gave no report", name, i);
		EXPECT(ctx, !reports->reports[i].sched_policy_error[0], "%s: %s", name,
		       reports->reports[i].sched_policy_error);
	}
	return 0;
}

KTSTR_TEST(positions_get_their_classes, .topology = { .cores = 2 })
{
	const struct row rows[] = {
		{ KTSTR_WORK(rt_starvation, 0), 2, { { SCHED_FIFO, 50 }, { SCHED_OTHER, 0 } } },
		{ KTSTR_WORK(rt_starvation, .rt_priority = KTSTR_ZERO), 2,
		  { { SCHED_FIFO, 1 }, { SCHED_OTHER, 0 } } },
		{ KTSTR_WORK(rt_starvation, .rt_priority = 500), 2,
		  { { SCHED_FIFO, 99 }, { SCHED_OTHER, 0 } } },
		{ KTSTR_WORK(preempt_storm, 0), 3,
		  { { SCHED_FIFO, 1 }, { SCHED_OTHER, 0 }, { SCHED_OTHER, 0 } } },
		{ KTSTR_WORK(priority_inversion, 0), 3,
		  { { SCHED_FIFO, 70 }, { SCHED_FIFO, 50 }, { SCHED_FIFO, 30 } } },
		{ KTSTR_WORK(asymmetric_waker, .waker_class = KTSTR_CLASS_RT, .wakee_class = KTSTR_CLASS_IDLE),
		  2, { { SCHED_FIFO, 50 }, { SCHED_IDLE, 0 } } },
		{ KTSTR_WORK(asymmetric_waker, .waker_class = KTSTR_CLASS_BATCH,
			     .wakee_class = KTSTR_CLASS_DEADLINE),
		  2, { { SCHED_BATCH, 0 }, { DEADLINE_CLASS, 0 } } },
		{ KTSTR_WORK(asymmetric_waker, .waker_class = KTSTR_CLASS_EXT), 2,
		  { { EXT_CLASS, 0 }, { SCHED_OTHER, 0 } } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int err = run_row(ctx, &rows[i]);

		if (err)
			return err;
	}
	return 0;
}

/* Claims 28 and 30: a group's own policy and nice, with the privilege for all of them. */
KTSTR_TEST(specs_get_their_policy_and_nice, .topology = { .cores = 2 })
{
	const struct {
		struct ktstr_sched_policy policy;
		int class, priority;
	} policies[] = {
		{ KTSTR_POLICY_FIFO(0), SCHED_FIFO, 1 },
		{ KTSTR_POLICY_FIFO(42), SCHED_FIFO, 42 },
		{ KTSTR_POLICY_FIFO(500), SCHED_FIFO, 99 },
		{ KTSTR_POLICY_RR(7), SCHED_RR, 7 },
		{ KTSTR_POLICY_BATCH(), SCHED_BATCH, 0 },
		{ KTSTR_POLICY_IDLE(), SCHED_IDLE, 0 },
		{ KTSTR_POLICY_DEADLINE(2000000, 20000000, 0), DEADLINE_CLASS, 0 },
		{ KTSTR_POLICY_EXT(), EXT_CLASS, 0 },
	};

	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		struct ktstr_workload_config config = {
			.work = KTSTR_WORK(bursty, .burst_ms = 1, .sleep_ms = 5),
			.policy = policies[i].policy,
			.nice = KTSTR_SOME(-7),
		};
		struct ktstr_error error = { 0 };
		KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
		KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
		const struct ktstr_worker_report *report;
		pid_t pid;

		TRY(ctx, ktstr_workload_spawn(&config, &workload, &error));
		pid = ktstr_workload_pids(workload, &(size_t){ 0 })[0];
		EXPECT(ctx, has_class(pid, SCHED_OTHER, 0), "policy %d before the start", sched_getscheduler(pid));
		ktstr_workload_start(workload);
		for (unsigned ms = 0; ms < PATIENCE_MS && getpriority(PRIO_PROCESS, (id_t)pid) != -7; ms += 10)
			usleep(10 * 1000);
		EXPECT(ctx, has_class(pid, policies[i].class, policies[i].priority), "row %zu: policy %d", i,
		       sched_getscheduler(pid));
		EXPECT(ctx, getpriority(PRIO_PROCESS, (id_t)pid) == -7, "row %zu: nice %d", i,
		       getpriority(PRIO_PROCESS, (id_t)pid));
		TRY(ctx, ktstr_workload_stop_and_collect(&workload, &reports, &error));
		report = &reports->reports[0];
		EXPECT(ctx, report->completed && !report->sched_policy_error[0] && !report->setup_error[0],
		       "row %zu: '%s', '%s'", i, report->sched_policy_error, report->setup_error);
	}
	return 0;
}

/* One CPU for both: what the FIFO worker leaves is 5 % (the kernel's reserve), not a half. */
KTSTR_TEST(rt_worker_starves_its_neighbour, .topology = { .cores = 1 })
{
	struct ktstr_workload_config config = { .num_workers = 2, .work = KTSTR_WORK(rt_starvation, 0) };
	struct ktstr_error error = { 0 };
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	const struct ktstr_worker_report *rt, *cfs;

	TRY(ctx, ktstr_workload_spawn(&config, &workload, &error));
	ktstr_workload_start(workload);
	usleep(1500 * 1000);
	TRY(ctx, ktstr_workload_stop_and_collect(&workload, &reports, &error));
	rt = &reports->reports[0];
	cfs = &reports->reports[1];
	EXPECT(ctx, rt->completed && cfs->completed, "reports missing");
	EXPECT(ctx, rt->work_units > 4 * cfs->work_units, "%llu units of the FIFO worker, %llu of the other",
	       (unsigned long long)rt->work_units, (unsigned long long)cfs->work_units);
	return 0;
}

/*
 * The inversion itself, on one CPU: the low worker has the lock (all but 16 of its 20016 units),
 * then the medium one comes and never blocks, then the high one wants the lock. It gets it only
 * when the low one inherits its priority. *ret_turns: of the high one.
 */
static int invert(struct ktstr_ctx *ctx, enum ktstr_futex_lock_mode mode, uint64_t *ret_turns)
{
	struct ktstr_workload_config config = {
		.num_workers = 3,
		.work = KTSTR_WORK(priority_inversion, .pi_mode = mode, .hold_iters = 20000, .work_iters = 16),
	};
	struct ktstr_error error = { 0 };
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	uint64_t iterations[3];
	const pid_t *pids;
	size_t count;

	TRY(ctx, ktstr_workload_spawn(&config, &workload, &error));
	pids = ktstr_workload_pids(workload, &count);
	kill(pids[0], SIGSTOP);
	kill(pids[1], SIGSTOP);
	ktstr_workload_start(workload);
	usleep(200 * 1000);
	kill(pids[1], SIGCONT);
	usleep(200 * 1000);
	kill(pids[0], SIGCONT);
	usleep(600 * 1000);
	ktstr_workload_snapshot_iterations(workload, iterations, 3);
	TRY(ctx, ktstr_workload_stop_and_collect(&workload, &reports, &error));
	for (size_t i = 0; i < count; i++)
		EXPECT(ctx, reports->reports[i].completed && !reports->reports[i].work_error[0], "worker %zu: %s", i,
		       reports->reports[i].work_error);
	*ret_turns = iterations[0];
	return 0;
}

KTSTR_TEST(pi_lock_ends_the_inversion, .topology = { .cores = 1 })
{
	uint64_t plain = 0, pi = 0;
	int err = invert(ctx, KTSTR_FUTEX_LOCK_PLAIN, &plain);

	if (!err)
		err = invert(ctx, KTSTR_FUTEX_LOCK_PI, &pi);
	if (err)
		return err;
	EXPECT(ctx, plain == 0, "%llu turns with the plain lock", (unsigned long long)plain);
	EXPECT(ctx, pi > 0, "%llu turns with the PI lock", (unsigned long long)pi);
	return 0;
}
