// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stop the workers and turn each into a report: its own, or a sentinel that says how it ended.
 * Whether a worker reported is decided by its frame alone, never by its exit status.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "workload/futex.h"
#include "workload/handle.h"
#include "workload/leader.h"
#include "workload/report_codec.h"

/* How often the wait for ready workers looks whether one has died instead. */
#define LIVENESS_NS (20 * NS_PER_MS)

/* A thread that is not ready has not run yet; there is no other way for it to be dead. */
static bool is_dead(const struct ktstr_workload *workload, size_t worker)
{
	switch (workload->sort) {
	case WORKER_PROCESS:
		return leader_ended(workload->pids[worker]);
	case WORKER_IN_CONTAINER:
		return leader_ended(workload->pids[0]);
	case WORKER_THREAD:
		break;
	}
	return false;
}

static size_t count_ready_or_dead(const struct ktstr_workload *workload)
{
	size_t count = 0;

	for (size_t i = 0; i < workload->count; i++)
		count += atomic_load(&workload->area.slots[i].ready) || is_dead(workload, i);
	return count;
}

/* Until every worker is past the gate or dead. */
static void await_ready(const struct ktstr_workload *workload)
{
	uint64_t deadline_ns = clock_deadline_ms(workload->timeouts.ready_ms);
	_Atomic uint32_t *ready = &workload->area.control->ready;
	uint64_t look_ns = clock_now_ns() + LIVENESS_NS;

	for (;;) {
		uint32_t seen = atomic_load(ready);
		uint64_t now_ns = clock_now_ns();

		if (seen >= workload->count || now_ns >= deadline_ns)
			return;
		if (now_ns >= look_ns) {
			if (count_ready_or_dead(workload) == workload->count)
				return;
			look_ns = now_ns + LIVENESS_NS;
		}
		futex_wait(ready, seen, look_ns < deadline_ns ? look_ns : deadline_ns);
	}
}

/* -ENODATA: there is no frame; else as report_decode(). */
static int take_report(const struct ktstr_workload *workload, size_t index,
		       struct ktstr_worker_report *ret_report)
{
	const struct worker_slot *slot = &workload->area.slots[index];
	uint32_t size = atomic_load_explicit(&slot->frame_size, memory_order_acquire);
	int err;

	if (!size || size > workload->area.frame_capacity)
		return -ENODATA;
	err = report_decode(shared_area_frame(&workload->area, index), size, ret_report, NULL);
	shared_area_drop_frame(&workload->area, index);
	return err;
}

struct deadlines {
	uint64_t collect_ns;
	uint64_t reap_ns; /* 0: no killed worker has needed waiting for yet */
};

/* Kill what is left of the worker and its group, and reap. How it ended, killed by us or not. */
static struct ktstr_exit_info clear_away(const struct ktstr_workload *workload, pid_t pid,
					 struct deadlines *deadlines)
{
	struct ktstr_exit_info exit_info = { .kind = KTSTR_EXIT_TIMED_OUT };
	uint64_t group_deadline_ns;

	leader_kill_group(pid);
	if (leader_reap(pid, &exit_info)) {
		if (!deadlines->reap_ns)
			deadlines->reap_ns = clock_deadline_ms(workload->timeouts.reap_ms);
		leader_wait(pid, deadlines->reap_ns);
		leader_reap(pid, &exit_info);
	}
	group_deadline_ns = deadlines->reap_ns;
	if (!group_deadline_ns)
		group_deadline_ns = clock_deadline_ms(workload->timeouts.reap_ms);
	leader_wait_group_gone(pid, group_deadline_ns);
	return exit_info;
}

/* The report of a worker, or what stands for it. */
static int take(struct ktstr_workload *workload, size_t worker, pid_t tid,
		struct ktstr_exit_info exit_info, struct ktstr_reports *reports)
{
	struct ktstr_worker_report *report = &reports->reports[worker];
	int err = take_report(workload, worker, report);

	if (err == -ENOMEM)
		return err;
	if (err)
		*report = (struct ktstr_worker_report){
			.tid = tid,
			.group_index = workload_group_of(workload, worker)->index,
			.exit_info = exit_info,
		};
	reports->count = worker + 1;
	return 0;
}

/* A process, and the reports of its workers. */
static int collect_process(struct ktstr_workload *workload, size_t index,
			   struct deadlines *deadlines, struct ktstr_reports *reports)
{
	bool container = workload->sort == WORKER_IN_CONTAINER;
	size_t worker = container ? 0 : index, end = container ? workload->count : index + 1;
	pid_t pid = workload->pids[index];
	bool timed_out = leader_wait(pid, deadlines->collect_ns) == -ETIMEDOUT;
	struct ktstr_exit_info exit_info = clear_away(workload, pid, deadlines);
	int err = 0;

	workload->pids[index] = 0;
	if (timed_out)
		exit_info = (struct ktstr_exit_info){ .kind = KTSTR_EXIT_TIMED_OUT };
	for (; !err && worker < end; worker++)
		err = take(workload, worker, pid, exit_info, reports);
	return err;
}

static int collect_thread(struct ktstr_workload *workload, size_t index,
			  struct deadlines *deadlines, struct ktstr_reports *reports)
{
	bool ended = worker_thread_join(&workload->crew.threads[index], deadlines->collect_ns);

	return take(workload, index, workload->pids[index],
		    (struct ktstr_exit_info){ .kind = ended ? KTSTR_EXIT_PANICKED
							    : KTSTR_EXIT_TIMED_OUT },
		    reports);
}

static int collect_all(struct ktstr_workload *workload, struct ktstr_reports *reports,
		       struct ktstr_error *error)
{
	struct deadlines deadlines;

	if (!workload->started) {
		ktstr_workload_start(workload);
		await_ready(workload);
	}
	workload_stop_all(workload);
	deadlines = (struct deadlines){
		.collect_ns = clock_deadline_ms(workload->timeouts.collect_ms),
	};
	for (size_t i = 0; i < workload->num_pids; i++) {
		int err = workload->sort == WORKER_THREAD
				  ? collect_thread(workload, i, &deadlines, reports)
				  : collect_process(workload, i, &deadlines, reports);

		if (err)
			return ktstr_error_set(error, err, "no memory for the report of worker %zu",
					       reports->count);
	}
	return 0;
}

int ktstr_workload_stop_and_collect(struct ktstr_workload **workload,
				    struct ktstr_reports **ret_reports, struct ktstr_error *error)
{
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *owned = take_pointer(*workload);
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	int err;

	if (!owned)
		return ktstr_error_set(error, -EINVAL,
				       "no workload to collect: not spawned, or collected before");
	if (owned->owner != getpid())
		return ktstr_error_set(error, -ECHILD,
				       "these workers belong to process %d, this is %d",
				       owned->owner, getpid());
	reports = calloc(1, sizeof(*reports));
	if (reports && owned->count)
		reports->reports = calloc(owned->count, sizeof(*reports->reports));
	if (!reports || (owned->count && !reports->reports))
		return ktstr_error_set(error, -ENOMEM, "no memory for the reports of %zu workers",
				       owned->count);
	if (owned->count) {
		err = collect_all(owned, reports, error);
		if (err)
			return err;
	}
	*ret_reports = take_pointer(reports);
	return 0;
}
