/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What CrossAffinityChurn finds out before it begins. */

/* All of cpus but the last, and all of cpus. False, and no masks: there is one at most. */
bool cross_affinity_masks(const cpu_set_t *cpus, cpu_set_t ret_masks[2]);

struct cross_affinity_pids {
	pid_t *items; /* borrowed: capacity of them */
	size_t count, capacity;
};

/* Add the processes of an open cgroup.procs, but own. 0 or -errno. Needs no heap. */
int cross_affinity_read_pids(int fd, pid_t own, struct cross_affinity_pids *pids);
