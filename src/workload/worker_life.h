/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <signal.h>
#include <stdbool.h>

#include "workload/worker.h"

/* How a process ends whose workers were never started. */
#define WORKER_NEVER_STARTED_STATUS 1

/*
 * The life of a worker, whatever it is a process or a thread of: prepare, wait at the gate, work,
 * publish the report. False: the gate did not open in time, or never will; there is no report.
 */
bool worker_live(struct ktstr_worker *worker, const struct worker_plan *plan,
		 const _Atomic int *signalled);
