/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include <ktstr/workload.h>

#include "workload/admission.h"
#include "workload/shared.h"
#include "workload/thread_crew.h"
#include "workload/timeouts.h"
#include "workload/work_group.h"

/* What spawn.c builds, workload.c operates and collect.c takes apart. */
struct ktstr_workload {
	pid_t owner; /* the process that made the workers: nobody else may wait for them */
	enum worker_sort sort;
	struct workload_timeouts timeouts;
	struct shared_area area;
	struct work_group *groups;
	size_t num_groups;
	unsigned max_phases;
	bool started;
	size_t count; /* workers, each with a slot of the area */
	/*
	 * What there is to wait for, in spawn order: a process or thread for each worker, or the
	 * one process of a container. 0: collected.
	 */
	pid_t *pids;
	size_t num_pids;
	struct thread_crew crew; /* WORKER_THREAD */
	struct ktstr_workload *next_abandoned;
};

/* The group of a worker: those of the first group come first. */
const struct work_group *workload_group_of(const struct ktstr_workload *workload, size_t worker);

/* As the public calls, with other timeouts than the default ones. */
int workload_spawn(const struct ktstr_workload_config *config,
		   const struct workload_timeouts *timeouts, struct ktstr_workload **ret_workload,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;
int workload_spawn_pcomm(const struct ktstr_pcomm_config *config,
			 const struct workload_timeouts *timeouts,
			 struct ktstr_workload **ret_workload,
			 struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Forget the workers (they are gone, or somebody else's) and free what the handle owns. Of a thread
 * that does not end, everything it may touch stays.
 */
void workload_dispose(struct ktstr_workload *workload);

/* Tell the workers that they are to stop, all at the same time, and wake those that sleep. */
void workload_stop_all(struct ktstr_workload *workload);
