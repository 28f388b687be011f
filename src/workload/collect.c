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
#include "workload/process.h"
#include "workload/report_codec.h"

/* How often the wait for ready workers looks whether one has died instead. */
#define LIVENESS_NS (20 * NS_PER_MS)

static size_t count_ready_or_dead(const struct ktstr_workload *workload)
{
	size_t count = 0;

	for (size_t i = 0; i < workload->count; i++)
		count += atomic_load(&workload->area.slots[i].ready) ||
			 process_ended(workload->pids[i]);
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

static void stop_all(struct ktstr_workload *workload)
{
	/* First every flag, so that all stop at the same time; then those that sleep. */
	for (size_t i = 0; i < workload->count; i++)
		atomic_store(&workload->area.slots[i].stop, 1);
	for (size_t i = 0; i < workload->count; i++) {
		process_signal(workload->pids[i], SIGUSR1);
		slot_wake_stopped(&workload->area.slots[i]);
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

	process_kill_group(pid);
	if (process_reap(pid, &exit_info)) {
		if (!deadlines->reap_ns)
			deadlines->reap_ns = clock_deadline_ms(workload->timeouts.reap_ms);
		process_wait(pid, deadlines->reap_ns);
		process_reap(pid, &exit_info);
	}
	group_deadline_ns = deadlines->reap_ns;
	if (!group_deadline_ns)
		group_deadline_ns = clock_deadline_ms(workload->timeouts.reap_ms);
	process_wait_group_gone(pid, group_deadline_ns);
	return exit_info;
}

static int collect_one(struct ktstr_workload *workload, size_t index, struct deadlines *deadlines,
		       struct ktstr_worker_report *ret_report)
{
	pid_t pid = workload->pids[index];
	bool timed_out = process_wait(pid, deadlines->collect_ns) == -ETIMEDOUT;
	struct ktstr_exit_info exit_info = clear_away(workload, pid, deadlines);
	int err = take_report(workload, index, ret_report);

	workload->pids[index] = 0;
	if (!err || err == -ENOMEM)
		return err;
	if (timed_out)
		exit_info = (struct ktstr_exit_info){ .kind = KTSTR_EXIT_TIMED_OUT };
	*ret_report = (struct ktstr_worker_report){
		.tid = pid,
		.group_index = workload_group_of(workload, index)->index,
		.exit_info = exit_info,
	};
	return 0;
}

static int collect_all(struct ktstr_workload *workload, struct ktstr_reports *reports,
		       struct ktstr_error *error)
{
	struct deadlines deadlines;

	if (!workload->started) {
		ktstr_workload_start(workload);
		await_ready(workload);
	}
	stop_all(workload);
	deadlines = (struct deadlines){
		.collect_ns = clock_deadline_ms(workload->timeouts.collect_ms),
	};
	for (size_t i = 0; i < workload->count; i++) {
		int err = collect_one(workload, i, &deadlines, &reports->reports[i]);

		if (err)
			return ktstr_error_set(error, err, "no memory for the report of worker %zu",
					       i);
		reports->count = i + 1;
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
