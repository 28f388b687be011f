// SPDX-License-Identifier: GPL-2.0-only
/* Bursty: compute for a while, then sleep. */
#include "base/clock.h"
#include "workload/work.h"
#include "workload/worker.h"

#define SPIN_UNITS 1024 /* between two looks at the clock */

static enum work_next bursty_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_bursty_params *bursty = worker->params;
	uint64_t burst_end_ns = clock_now_ns() + bursty->burst_ms * NS_PER_MS;
	uint64_t asleep_ns;

	while (!worker_stopping(worker) && clock_now_ns() < burst_end_ns)
		worker_spin(worker, SPIN_UNITS);
	/* A sleep that the stop cuts short says nothing about wake-ups: no sample. */
	if (worker_sleep(worker, bursty->sleep_ms * NS_PER_MS, &asleep_ns))
		worker_sample_wake(worker, asleep_ns);
	return WORK_NEXT;
}

const struct ktstr_work_ops ktstr_work_bursty = {
	.name = "Bursty",
	.summary = "computes for burst_ms, then sleeps for sleep_ms",
	.params_size = sizeof(struct ktstr_work_bursty_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_bursty_params, burst_ms, 50,
				    "ms of computing"),
			WORK_NUMBER(struct ktstr_work_bursty_params, sleep_ms, 100, "ms of sleep"),
			{ 0 },
		},
	.iterate = bursty_iterate,
};
