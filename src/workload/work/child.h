/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "workload/worker.h"

/* Why work that forks cannot be a thread. */
#define CHILD_NOT_AS_THREAD "it forks, and a fork out of a process with threads is not safe"

/* A child that exits with status 0 as the first thing it does. Its pid, or -1. */
pid_t child_fork(void);

/*
 * Wait until the child is gone: true, and the time that took. False when the stop came first; what
 * is left of the child then goes with the worker's process group.
 */
bool child_reap(const struct ktstr_worker *worker, pid_t child, uint64_t *ret_waited_ns);
