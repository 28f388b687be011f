// SPDX-License-Identifier: GPL-2.0-only
/* Work that never blocks: SpinWait, YieldHeavy, Mixed. None has a parameter. */
#include <sched.h>

#include "workload/work.h"
#include "workload/worker.h"

#define BURST_UNITS 1024

static enum work_next spin_wait_iterate(struct ktstr_worker *worker)
{
	worker_spin(worker, BURST_UNITS);
	return WORK_NEXT;
}

static enum work_next yield_heavy_iterate(struct ktstr_worker *worker)
{
	worker->work_units++;
	sched_yield();
	return WORK_NEXT;
}

static enum work_next mixed_iterate(struct ktstr_worker *worker)
{
	worker_spin(worker, BURST_UNITS);
	sched_yield();
	return WORK_NEXT;
}

const struct ktstr_work_ops ktstr_work_spin_wait = {
	.name = "SpinWait",
	.summary = "computes all the time and never gives the CPU away",
	.iterate = spin_wait_iterate,
};

const struct ktstr_work_ops ktstr_work_yield_heavy = {
	.name = "YieldHeavy",
	.summary = "gives the CPU away after every unit of work (sched_yield)",
	.iterate = yield_heavy_iterate,
};

const struct ktstr_work_ops ktstr_work_mixed = {
	.name = "Mixed",
	.summary = "computes in bursts and yields between them",
	.iterate = mixed_iterate,
};
