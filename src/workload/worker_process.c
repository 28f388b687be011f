// SPDX-License-Identifier: GPL-2.0-only
/* A forked worker: it has the two pipe ends that are its own, and nothing else to look after. */
#include "workload/worker_process.h"

#include <unistd.h>

#include "workload/worker_child.h"
#include "workload/worker_life.h"

static void live(void *argument, const _Atomic int *signalled)
{
	struct worker_process *process = argument;
	struct ktstr_worker worker;

	work_pipes_keep(process->pipes, process->position);
	if (!worker_live(&worker, &process->plan, signalled))
		_exit(WORKER_NEVER_STARTED_STATUS);
}

int worker_process_fork(struct worker_process *process, pid_t *ret_pid, struct ktstr_error *error)
{
	return worker_child_fork(live, process, ret_pid, error);
}
