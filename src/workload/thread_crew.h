/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>

#include "workload/nursery.h"
#include "workload/worker_thread.h"

/*
 * All the workers of a workload as threads of this process, with the pipes of their cohorts. In the
 * order of the groups, as everywhere.
 */
struct thread_crew {
	_Atomic uint32_t muster; /* enum muster */
	struct process_pages process_pages;
	struct worker_thread *threads;
	size_t count; /* of the threads that were planned */
	struct work_pipes *pipes;
	size_t num_pipes;
};

/*
 * Plan and start them; what they are called begins with name_prefix. On failure those that
 * exist end by themselves, and the crew is to be released all the same.
 */
int thread_crew_start(struct thread_crew *crew, struct nursery *nursery, const char *name_prefix,
		      const _Atomic int *signalled, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The kernel's ids of all threads. -ETIMEDOUT: one has not run within 2 s. */
int thread_crew_await_tids(struct thread_crew *crew, pid_t *ret_tids,
			   struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Join whoever is not joined, and give back what the crew has. False: a thread still runs at
 * deadline_ns. Then what it may touch stays, and the caller must leave alone what it has lent.
 */
bool thread_crew_release(struct thread_crew *crew, uint64_t deadline_ns);
