/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sched.h>

#include "base/clock.h"
#include "workload/worker.h"

/* Give the CPU away; how long that took is a wake sample. */
static inline void yield_and_sample(struct ktstr_worker *worker)
{
	uint64_t start_ns = clock_now_ns();

	sched_yield();
	worker_sample_wake(worker, clock_now_ns() - start_ns);
}
