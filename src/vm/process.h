/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <ktstr/error.h>

/*
 * A program that cannot outlive us: SIGKILL when the thread that started it ends, however that
 * happens. It has its own session, so that a terminal's Ctrl-C reaches us first, a minimal
 * environment, default signal handling, and no descriptor but those it is given.
 */
struct process {
	pid_t pid; /* 0: none, or reaped */
	int pidfd; /* readable when the program has ended; -1: none */
};

#define PROCESS_NONE ((struct process){ .pidfd = -1 })

struct process_spec {
	const char *const *argv; /* argv[0] is searched in PATH when it has no slash */
	const int *inherited;	 /* stay open under their own numbers, all above 2 */
	size_t inherited_count;
	int stdout_fd; /* 0: /dev/null */
	int stderr_fd; /* 0: /dev/null */
};

/* How it ended: exactly one of the two is meaningful. */
struct process_end {
	bool signaled;
	int value; /* exit code or signal number; -1 when another part of the process reaped it */
};

/* Returns once the program has been executed; the code is execve's own when it could not be. */
int process_spawn(const struct process_spec *spec, struct process *ret_process,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Wait until it ends and reap it. -ETIMEDOUT leaves it running. */
int process_wait(struct process *process, uint64_t deadline_ns,
		 struct process_end *ret_end) KTSTR_MUST_CHECK;

/*
 * SIGKILL and reap. The kernel may hold a killed process in an uninterruptible sleep: we give up
 * waiting after PROCESS_KILL_MS and leave the corpse to init. Does nothing to PROCESS_NONE.
 */
void process_kill(struct process *process);
#define PROCESS_KILL_MS 5000
