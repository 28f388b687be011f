/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>
#include <ktstr/optional.h>
#include <ktstr/work_spec.h>

#include "workload/nursery.h"

/* One process that hosts all workers of a workload as its threads. */
struct container {
	const char *comm; /* of the process */
	struct ktstr_optional uid, gid;
	struct nursery nursery;
};

/*
 * Fork the process. It exits with status 1 when it cannot make every one of its threads, or when
 * they are never started.
 */
int container_fork(struct container *container, pid_t *ret_pid,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;
