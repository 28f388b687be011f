/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdio.h>
#include <sys/types.h>

/*
 * What the processes of a test are doing, for the report of one that has to be ended: a line per
 * thread with its state, CPU, times and where in the kernel it is.
 */

/* The threads of one process, at most lines of them; how many lines there were. */
unsigned processes_describe(pid_t pid, unsigned lines, FILE *out);

/* All processes of this guest but the caller and the kernel's own. Fresh text; NULL: no memory. */
char *processes_text(void);
