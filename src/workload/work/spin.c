// SPDX-License-Identifier: GPL-2.0-only
/* Work that never blocks: SpinWait, YieldHeavy, Mixed. None has a parameter. */
#include <sched.h>

#include "workload/work.h"
#include "workload/worker.h"

#define BURST_UNITS 1024

static void spin_wait_iterate(struct ktstr_worker *worker, const void *params)
{
	(void)params;
	worker_spin(worker, BURST_UNITS);
}

static void yield_heavy_iterate(struct ktstr_worker *worker, const void *params)
{
	(void)params;
	worker->work_units++;
	sched_yield();
}

static void mixed_iterate(struct ktstr_worker *worker, const void *params)
{
	(void)params;
	worker_spin(worker, BURST_UNITS);
	sched_yield();
}

const struct ktstr_work_ops ktstr_work_spin_wait = {
	.name = "SpinWait",
	.iterate = spin_wait_iterate,
};

const struct ktstr_work_ops ktstr_work_yield_heavy = {
	.name = "YieldHeavy",
	.iterate = yield_heavy_iterate,
};

const struct ktstr_work_ops ktstr_work_mixed = {
	.name = "Mixed",
	.iterate = mixed_iterate,
};
