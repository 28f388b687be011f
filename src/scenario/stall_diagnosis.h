/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sys/types.h>

#include "scenario/stall_window.h"

/*
 * What /proc says about a task that gets nowhere, as text of several lines: counters, state, where
 * it waits, its cgroup, the machine's load. What cannot be read says so. Fresh memory; NULL: none.
 */
char *stall_diagnose(pid_t pid, const struct stall_window *window);
