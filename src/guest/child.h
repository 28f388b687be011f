/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sys/types.h>

#include <ktstr/error.h>

/*
 * A program of the guest, started in a session of its own with default signals, environment env
 * and, behind 0, 1 and 2, no descriptor but keep_fd.
 */
struct child_config {
	const char *path;
	char *const *argv;
	char *const *env;
	int stdin_fd;  /* -1: /dev/null */
	int output_fd; /* stdout and stderr */
	int keep_fd;   /* passed on under the same number; -1: none */
	int tty_fd;    /* becomes the controlling terminal and all of 0, 1, 2; -1: none */
};

/* A pipe from a program: our end does not block, and is the only one to read from. */
int child_pipe(int *ret_ours, int *ret_theirs, struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Returns without waiting for exec, which under a starving scheduler may take arbitrarily long. If
 * exec fails the child exits with 127, and *ret_exec_fd, which the caller closes, has the errno:
 * child_exec_failure() reads it.
 */
int child_start(const struct child_config *config, pid_t *ret_pid, int *ret_exec_fd,
		struct ktstr_error *error) KTSTR_MUST_CHECK;

/* 0, or the errno that exec gave. Ask when the child has ended. */
int child_exec_failure(int exec_fd);
