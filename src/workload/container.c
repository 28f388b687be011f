// SPDX-License-Identifier: GPL-2.0-only
/*
 * The process behind pcomm. Its threads exist before the gate opens, so that they start together as
 * forked workers do.
 */
#include "workload/container.h"

#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "workload/thread_crew.h"
#include "workload/worker_child.h"
#include "workload/worker_life.h"
#include "workload/worker_setup.h"

#define FIRST_FREE_FD 3

static bool any_started(const struct thread_crew *crew)
{
	for (size_t i = 0; i < crew->count; i++)
		if (crew->threads[i].has_started)
			return true;
	return false;
}

static void live(void *argument, const _Atomic int *signalled)
{
	struct container *container = argument;
	char setup_error[KTSTR_REPORT_TEXT_MAX] = "";
	struct thread_crew crew = { 0 };

	/* The memory shared with the parent is all this process needs of what it inherited. */
	closefrom(FIRST_FREE_FD);
	prctl(PR_SET_NAME, container->comm);
	worker_setup_ids(container->gid, container->uid, setup_error);
	if (*setup_error)
		container->nursery.setup_error = setup_error;
	if (thread_crew_start(&crew, &container->nursery, "ktstr-pcomm", signalled, NULL))
		_exit(EXIT_FAILURE);
	/* No deadline of its own: whoever stops the workers kills this process when they do not. */
	for (size_t i = 0; i < crew.count; i++)
		worker_thread_join(&crew.threads[i], UINT64_MAX);
	if (!any_started(&crew))
		_exit(WORKER_NEVER_STARTED_STATUS);
}

int container_fork(struct container *container, pid_t *ret_pid, struct ktstr_error *error)
{
	return worker_child_fork(live, container, ret_pid, error);
}
