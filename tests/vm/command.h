/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Running the ktstr tool from a test, as a user would, and looking for what it leaves behind. */

struct command_result {
	int exit_code; /* -1: killed by a signal */
	int signal;
	char output[1 << 18]; /* stdout and stderr as they came, cut at the end */
};

/*
 * Run argv and wait for it, at most timeout_s; then it is killed and signal says so. When
 * kill_after_ms is not negative, victim(pid) is called that long after the start.
 */
void command_run(const char *const *argv, int timeout_s, int kill_after_ms, void (*victim)(pid_t pid),
		 struct command_result *result);

/* Pid of a living descendant of pid whose comm starts with name; 0: none. */
pid_t command_descendant(pid_t pid, const char *name);

/* How many living descendants pid has whose comm starts with name. */
unsigned command_descendants(pid_t pid, const char *name);

/*
 * From now on this process inherits every orphan of its descendants, and they work in a fresh
 * folder that is their TMPDIR too: so what a run leaves behind is ours to see, and ours alone
 * however many other tests run on the machine. Call once, first thing.
 */
void leftovers_watch(void);

/*
 * Processes and files that the last run has left, once they have had a moment to go: QEMU dies
 * with its runner, but not in the same instant. Those processes are killed and reaped, the files
 * removed.
 */
struct leftovers {
	unsigned processes;
	unsigned files;
	char names[256]; /* of both */
};
struct leftovers leftovers_take(void);
