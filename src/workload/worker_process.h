/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>

#include "workload/worker.h"

/* A worker as a process of its own. */
struct worker_process {
	struct worker_plan plan;
	struct work_pipes *pipes; /* of its cohort: it keeps the two ends of its position */
	unsigned position;
};

/*
 * Fork a process that waits at the gate, works, publishes its report and exits. Everything in
 * process, and what it points to, must stay as it is until this returns.
 */
int worker_process_fork(struct worker_process *process, pid_t *ret_pid,
			struct ktstr_error *error) KTSTR_MUST_CHECK;
