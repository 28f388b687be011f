// SPDX-License-Identifier: GPL-2.0-only
/* What one does with live workers: name them, start them, pin them, look at them, drop them. */
#include <ktstr/workload.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "workload/affinity.h"
#include "workload/handle.h"
#include "workload/process.h"

const pid_t *ktstr_workload_pids(const struct ktstr_workload *workload, size_t *ret_count)
{
	*ret_count = workload->count;
	return workload->pids;
}

void ktstr_workload_start(struct ktstr_workload *workload)
{
	workload->started = true;
	if (workload->count)
		gate_open(workload->area.control);
}

int ktstr_workload_set_affinity(struct ktstr_workload *workload, size_t index,
				const cpu_set_t *cpus, struct ktstr_error *error)
{
	int err;

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

void workload_dispose(struct ktstr_workload *workload)
{
	shared_area_unmap(&workload->area);
	for (size_t i = 0; i < workload->num_groups; i++)
		work_group_release(&workload->groups[i]);
	free(workload->groups);
	free(workload->pids);
	free(workload);
}

static void kill_and_reap(const struct ktstr_workload *workload)
{
	struct ktstr_exit_info ignored;
	uint64_t deadline_ns;

	for (size_t i = 0; i < workload->count; i++)
		if (workload->pids[i])
			process_kill_group(workload->pids[i]);
	deadline_ns = clock_deadline_ms(workload->timeouts.reap_ms);
	for (size_t i = 0; i < workload->count; i++) {
		if (!workload->pids[i])
			continue;
		/* Whoever is not gone by the deadline stays a zombie: nothing more can be done. */
		process_wait(workload->pids[i], deadline_ns);
		process_reap(workload->pids[i], &ignored);
		process_wait_group_gone(workload->pids[i], deadline_ns);
	}
}

void ktstr_workload_free(struct ktstr_workload *workload)
{
	if (!workload)
		return;
	if (workload->owner == getpid())
		kill_and_reap(workload);
	workload_dispose(workload);
}
