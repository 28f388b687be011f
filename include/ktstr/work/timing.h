/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_TIMING_H
#define KTSTR_WORK_TIMING_H

#include <stdbool.h>

/* Work that is about going idle and coming back in time, each worker for itself. */

#define KTSTR_WORK_TYPES_TIMING(X)                                                                 \
	X(idle_churn, "IdleChurn")                                                                 \
	X(timer_latency, "TimerLatency")

/*
 * IdleChurn: spin for burst_us, sleep for sleep_us, so the CPU goes idle again and again. The wake
 * samples are what a sleep took beyond sleep_us. Neither time may be 0.
 */
struct ktstr_work_idle_churn_params {
	unsigned burst_us;   /* default 1000 */
	unsigned sleep_us;   /* default 5000 */
	bool precise_timing; /* timer slack of 1 ns instead of the inherited 50 us */
};

/*
 * TimerLatency: sleep until the next of a row of deadlines, interval_us apart, that is laid out
 * once and never moved: a worker that was away for ten intervals has ten late samples. Does no
 * work (0 units); the timer samples are the time from a deadline to running again.
 */
struct ktstr_work_timer_latency_params {
	unsigned interval_us; /* default 1000, not 0 */
};

#endif
