/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sys/types.h>

#include "wire/frame.h"

/* The process of a test binary and our ends of what leads to it. Numbers of -1: not there. */
struct test_process {
	pid_t pid;	/* 0: none */
	int channel_fd; /* frames; for a process that waits in both directions */
	int output_fd;	/* what it prints */
	int exec_fd;	/* see child_start() */
};

#define TEST_PROCESS_NONE                                                                          \
	((struct test_process){ .channel_fd = -1, .output_fd = -1, .exec_fd = -1 })

/*
 * Start binary to run test; request is the RUN message. -E2BIG when it is too long for an
 * environment. On failure *ret_process has what is to be released all the same.
 */
int test_process_start(const char *binary, const char *test, const struct frame *request,
		       struct test_process *ret_process,
		       struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Start binary to wait: it reads PREPARE, answers READY and reads RUN. */
int test_process_start_waiting(const char *binary, const struct frame *prepare,
			       struct test_process *ret_process,
			       struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Kill it with its group. Safe after it has ended, as long as it was not reaped. */
void test_process_kill(const struct test_process *process);

/* Close what is open. The process is left alone. */
void test_process_close(struct test_process *process);
