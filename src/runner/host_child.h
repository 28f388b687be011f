/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sys/types.h>

#include <ktstr/error.h>

/* A test's process on this machine. It dies with the thread that started it. */
struct host_child {
	pid_t pid;
	int pidfd;
	int channel_fd; /* its messages; does not block */
	int output_fd;	/* what it prints; does not block */
};

/*
 * Start BINARY --ktstr-run TEST in the cgroup whose cgroup.procs is procs_fd, with the RUN message
 * in the environment. That it could not execute shows as exit status 127 and in its output.
 */
int host_child_start(const char *binary, const char *test, const char *request, int procs_fd,
		     struct host_child *ret_child, struct ktstr_error *error) KTSTR_MUST_CHECK;
