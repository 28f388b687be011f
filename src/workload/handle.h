/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include <ktstr/workload.h>

#include "workload/shared.h"
#include "workload/timeouts.h"
#include "workload/work_group.h"

/* What spawn.c builds, workload.c operates and collect.c takes apart. */
struct ktstr_workload {
	pid_t owner; /* the process that forked the workers: nobody else may wait for them */
	struct workload_timeouts timeouts;
	struct shared_area area;
	struct work_group *groups;
	size_t num_groups;
	bool started;
	size_t count;
	pid_t *pids; /* count of them, in spawn order; 0: collected */
};

/* The group of a worker: those of the first group come first. */
const struct work_group *workload_group_of(const struct ktstr_workload *workload, size_t worker);

/* As the public call, with other timeouts than the default ones. */
int workload_spawn(const struct ktstr_workload_config *config,
		   const struct workload_timeouts *timeouts, struct ktstr_workload **ret_workload,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Forget the processes (they are dead, or somebody else's) and free what the handle owns. */
void workload_dispose(struct ktstr_workload *workload);
