/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include <ktstr/cgroup.h>

/* A program about to be started. */
struct payload_process {
	const char *path;  /* looked for in PATH when it has no slash */
	char *const *argv; /* NULL-ended */
	struct ktstr_cgroups *cgroups;
	const char *cgroup; /* NULL: none */
	bool own_group;
	int out_fd, err_fd; /* above STDERR_FILENO */
	unsigned step_ms;   /* for the child to run, and again to execute */
};

#define PAYLOAD_STEP_MS 5000

/*
 * Fork, wait until the child runs, place it in its cgroup, let it execute, and see that it did.
 * A failure leaves no child behind. Texts do not name the payload.
 */
int payload_process_start(const struct payload_process *process, pid_t *ret_pid,
			  struct ktstr_error *error) KTSTR_MUST_CHECK;
