// SPDX-License-Identifier: GPL-2.0-only
/* ForkExit: tasks that come and go. */
#include "workload/work.h"
#include "workload/work/child.h"
#include "workload/worker.h"

static enum work_next fork_exit_iterate(struct ktstr_worker *worker)
{
	pid_t child = child_fork();
	uint64_t waited_ns;

	if (child > 0 && child_reap(worker, child, &waited_ns))
		worker_sample_wake(worker, waited_ns);
	worker->work_units++;
	return WORK_NEXT;
}

const struct ktstr_work_ops ktstr_work_fork_exit = {
	.name = "ForkExit",
	.summary = "forks children that exit at once and waits for them",
	.not_as_thread = CHILD_NOT_AS_THREAD,
	.not_in_container = CHILD_NOT_AS_THREAD,
	.iterate = fork_exit_iterate,
};
