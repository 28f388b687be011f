/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdint.h>

#include <ktstr/error.h>

/* Children and orphans: the duties of an init. */

/* Block SIGCHLD and return a signalfd that tells of it; the caller closes it. Ignores SIGPIPE. */
int reap_setup(int *ret_fd, struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * SIGKILL every process but this one and reap them, until deadline_ns. Whatever a test started,
 * moved to other groups or sessions and forgot is gone then. -EPERM unless we are process 1 of our
 * pid namespace, where "every process" means those of the VM; -ETIMEDOUT when one resists.
 */
int reap_everything(int signal_fd, uint64_t deadline_ns,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;
