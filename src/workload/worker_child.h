/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <ktstr/error.h>

/*
 * What the child does once it is a process like any worker's: it leads its process group, dies
 * with the thread that forked it, has no handler of its parent's, and *signalled is set by SIGUSR1.
 * Ends in _exit(2); a body that returns is status 0.
 */
typedef void worker_child_body(void *argument, const _Atomic int *signalled);

/*
 * Fork such a child. What argument points to must stay as it is until this returns: the child has
 * its own copy then.
 */
int worker_child_fork(worker_child_body *body, void *argument, pid_t *ret_pid,
		      struct ktstr_error *error) KTSTR_MUST_CHECK;
