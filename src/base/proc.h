/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What /proc says about a task, see proc(5). A tid stands for its thread, also when not listed. */

/*
 * The content of /proc/TID/NAME without white space at its end, cut to size - 1 bytes; false, and
 * the reason in brackets as text, when there is none. Only the stack is used.
 */
bool proc_read(pid_t tid, const char *name, char *text, size_t size);

/* What follows the name in a stat file, that is from the state on; NULL when it is none. */
const char *proc_stat_fields(const char *stat);
