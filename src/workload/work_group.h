/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include <ktstr/error.h>
#include <ktstr/work.h>

#include "workload/work.h"
#include "workload/worker_setup.h"

/*
 * The workers of one kind of work within a workload, and what they share: complete parameters, and
 * for each cohort memory and pipes. A group is made before its first worker and given back with
 * the workload.
 */
struct work_group {
	unsigned index; /* in the workload: 0 for the primary one */
	const struct ktstr_work_ops *ops;
	void *params; /* owned, complete */
	struct worker_setup setup;
	unsigned count;	     /* workers */
	unsigned group_size; /* of a cohort; 0: the workers are on their own */
	struct work_plumbing plumbing;
	char *shared;	     /* of all cohorts, one after the other; NULL: none */
	size_t cohort_bytes; /* of each of them there */
	char *buffer;	     /* what a worker has as its own once it is forked; NULL: none */
};

/*
 * Admission and resources of a group with count workers. -EINVAL names the kind, the group and
 * what is wrong; on failure *group is empty.
 */
int work_group_init(struct work_group *group, unsigned index, const struct ktstr_work *work,
		    unsigned count, struct ktstr_error *error) KTSTR_MUST_CHECK;
void work_group_release(struct work_group *group);

/* Of these only the admission, for a group with ops, params and count; sets group_size. */
int work_group_admit(struct work_group *group, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The memory that the cohort of worker shares; NULL: none. */
void *work_group_shared(const struct work_group *group, unsigned worker);

/* The pipes of one cohort; both ends of each. {0} and count 0: none. */
struct work_pipes {
	int (*fds)[2];
	unsigned count;
};

int work_pipes_open(struct work_pipes *pipes, unsigned count,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;
void work_pipes_close(struct work_pipes *pipes);

/* Which ends the worker at position has: writes its own pipe, reads the one before it. */
int work_pipes_read_end(const struct work_pipes *pipes, unsigned position);
int work_pipes_write_end(const struct work_pipes *pipes, unsigned position);

/* In a forked worker: close all ends but its own two. */
void work_pipes_keep(struct work_pipes *pipes, unsigned position);

/* Called as the last thing that is done to a workload's pipes, NULL-safe as all destructors. */
static inline void auto_work_pipes_fn(struct work_pipes *pipes)
{
	work_pipes_close(pipes);
}
#define auto_work_pipes __attribute__((cleanup(auto_work_pipes_fn)))
