// SPDX-License-Identifier: GPL-2.0-only
/* Bursty: compute for a while, then sleep. */
#include "base/clock.h"
#include "workload/work.h"
#include "workload/worker.h"

#define BURST_MS_DEFAULT 50
#define SLEEP_MS_DEFAULT 100
#define SPIN_UNITS 1024 /* between two looks at the clock */

static struct ktstr_work_bursty_params resolve(const struct ktstr_work_bursty_params *params)
{
	struct ktstr_work_bursty_params resolved = { 0 };

	if (params)
		resolved = *params;
	if (!resolved.burst_ms)
		resolved.burst_ms = BURST_MS_DEFAULT;
	if (!resolved.sleep_ms)
		resolved.sleep_ms = SLEEP_MS_DEFAULT;
	return resolved;
}

static void bursty_iterate(struct ktstr_worker *worker, const void *params)
{
	struct ktstr_work_bursty_params bursty = resolve(params);
	uint64_t burst_end_ns = clock_now_ns() + bursty.burst_ms * NS_PER_MS;
	uint64_t asleep_ns;

	while (!worker_stopping(worker) && clock_now_ns() < burst_end_ns)
		worker_spin(worker, SPIN_UNITS);
	/* A sleep that the stop cuts short says nothing about wake-ups: no sample. */
	if (worker_sleep(worker, bursty.sleep_ms * NS_PER_MS, &asleep_ns))
		reservoir_offer(&worker->wake_latencies, asleep_ns);
}

const struct ktstr_work_ops ktstr_work_bursty = {
	.name = "Bursty",
	.iterate = bursty_iterate,
};
