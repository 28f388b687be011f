// SPDX-License-Identifier: GPL-2.0-only
/* What one does with live workers: name them, start them, pin them, look at them, drop them. */
#include <ktstr/workload.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "workload/affinity.h"
#include "workload/handle.h"
#include "workload/leader.h"

const pid_t *ktstr_workload_pids(const struct ktstr_workload *workload, size_t *ret_count)
{
	*ret_count = workload->num_pids;
	return workload->pids;
}

int ktstr_workload_pids_for_cgroup_procs(const struct ktstr_workload *workload,
					 const pid_t **ret_pids, size_t *ret_count,
					 struct ktstr_error *error)
{
	if (workload->sort == WORKER_THREAD && workload->count)
		return ktstr_error_set(error, -EINVAL,
				       "these workers are threads of process %d, which "
				       "cgroup.procs would move as a whole; write their ids to "
				       "cgroup.threads, or spawn with KTSTR_CLONE_FORK",
				       workload->owner);
	*ret_pids = ktstr_workload_pids(workload, ret_count);
	return 0;
}

void ktstr_workload_start(struct ktstr_workload *workload)
{
	workload->started = true;
	if (workload->count)
		gate_open(workload->area.control);
}

void ktstr_workload_set_phase(struct ktstr_workload *workload, uint32_t epoch)
{
	if (workload->count)
		atomic_store_explicit(&workload->area.control->epoch, epoch, memory_order_relaxed);
}

int ktstr_workload_set_affinity(struct ktstr_workload *workload, size_t index,
				const cpu_set_t *cpus, struct ktstr_error *error)
{
	int err;

	if (workload->sort == WORKER_IN_CONTAINER)
		return ktstr_error_set(error, -EINVAL,
				       "set affinity: the ids of a container's threads are not "
				       "known here; set the affinity of struct ktstr_work_spec "
				       "(WorkSpec::affinity) before the spawn");
	if (index >= workload->count)
		return ktstr_error_set(error, -EINVAL, "set affinity: no worker %zu, there are %zu",
				       index, workload->count);
	err = affinity_apply(workload->pids[index], cpus, error);
	if (err)
		return ktstr_error_wrap(error, err, "worker %zu", index);
	return 0;
}

size_t ktstr_workload_snapshot_iterations(const struct ktstr_workload *workload,
					  uint64_t *ret_iterations, size_t capacity)
{
	for (size_t i = 0; i < workload->count && i < capacity; i++)
		ret_iterations[i] = atomic_load_explicit(&workload->area.slots[i].iterations,
							 memory_order_relaxed);
	return workload->count;
}

const struct work_group *workload_group_of(const struct ktstr_workload *workload, size_t worker)
{
	const struct work_group *group = workload->groups;

	for (; worker >= group->count; group++)
		worker -= group->count;
	return group;
}

void workload_stop_all(struct ktstr_workload *workload)
{
	/* First every flag, so that all stop at the same time; then those that sleep. */
	for (size_t i = 0; i < workload->count; i++)
		atomic_store(&workload->area.slots[i].stop, 1);
	if (workload->sort != WORKER_THREAD)
		for (size_t i = 0; i < workload->num_pids; i++)
			leader_signal(workload->pids[i], SIGUSR1);
	for (size_t i = 0; i < workload->count; i++)
		slot_wake_stopped(&workload->area.slots[i]);
}

/* False: a thread of this process may still use the memory of the workload. */
static bool end_threads(struct ktstr_workload *workload)
{
	if (workload->sort != WORKER_THREAD || workload->owner != getpid())
		return true;
	return thread_crew_release(&workload->crew,
				   clock_deadline_ms(workload->timeouts.collect_ms));
}

/* Stays for ever, and in sight: this is no leak that anybody should look for. */
static void abandon(struct ktstr_workload *workload)
{
	static _Atomic(struct ktstr_workload *) abandoned;

	workload->next_abandoned = atomic_load(&abandoned);
	while (!atomic_compare_exchange_weak(&abandoned, &workload->next_abandoned, workload))
		;
}

void workload_dispose(struct ktstr_workload *workload)
{
	if (!end_threads(workload)) {
		abandon(workload);
		return;
	}
	shared_area_unmap(&workload->area);
	work_groups_free(workload->groups, workload->num_groups);
	free(workload->pids);
	free(workload);
}

static void kill_processes(const struct ktstr_workload *workload)
{
	for (size_t i = 0; i < workload->num_pids; i++)
		if (workload->pids[i])
			leader_kill_group(workload->pids[i]);
}

static void reap_processes(const struct ktstr_workload *workload)
{
	struct ktstr_exit_info ignored;
	uint64_t deadline_ns = clock_deadline_ms(workload->timeouts.reap_ms);

	for (size_t i = 0; i < workload->num_pids; i++) {
		if (!workload->pids[i])
			continue;
		/* Whoever is not gone by the deadline stays a zombie: nothing more can be done. */
		leader_wait(workload->pids[i], deadline_ns);
		leader_reap(workload->pids[i], &ignored);
		leader_wait_group_gone(workload->pids[i], deadline_ns);
	}
}

void ktstr_workload_kill(struct ktstr_workload *workload)
{
	if (workload->owner != getpid() || !workload->count)
		return;
	if (workload->sort == WORKER_THREAD)
		workload_stop_all(workload);
	else
		kill_processes(workload);
}

void ktstr_workload_free(struct ktstr_workload *workload)
{
	if (!workload)
		return;
	if (workload->owner == getpid() && workload->area.control) {
		gate_lock(workload->area.control);
		ktstr_workload_kill(workload);
		if (workload->sort != WORKER_THREAD)
			reap_processes(workload);
	}
	workload_dispose(workload);
}
