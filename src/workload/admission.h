/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include <ktstr/error.h>
#include <ktstr/work_spec.h>

#include "workload/work_group.h"

/* What the workers of a workload are. */
enum worker_sort {
	WORKER_PROCESS,	     /* KTSTR_CLONE_FORK */
	WORKER_THREAD,	     /* KTSTR_CLONE_THREAD */
	WORKER_IN_CONTAINER, /* a thread of a forked process, pcomm */
};

/*
 * Turn specs into groups, fresh memory that the caller releases with work_groups_free(). -EINVAL
 * for what cannot work, with the place in the caller's configuration, the group and the way out;
 * on failure *ret_groups is left alone.
 */
int work_groups_admit(const struct ktstr_work_spec *specs, size_t count, enum worker_sort sort,
		      struct work_group **ret_groups, struct ktstr_error *error) KTSTR_MUST_CHECK;
void work_groups_free(struct work_group *groups, size_t count); /* NULL-safe */
