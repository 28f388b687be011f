// SPDX-License-Identifier: GPL-2.0-only
/* Children whose whole life is to be born and to die. */
#include "workload/work/child.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

pid_t child_fork(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return child;
}

bool child_reap(const struct ktstr_worker *worker, pid_t child, uint64_t *ret_waited_ns)
{
	uint64_t start_ns = clock_now_ns();

	/* The stop signal interrupts: a child that the scheduler starves holds nobody up. */
	while (waitpid(child, NULL, 0) < 0)
		if (errno != EINTR || worker_stopping(worker))
			return false;
	*ret_waited_ns = clock_now_ns() - start_ns;
	return true;
}
