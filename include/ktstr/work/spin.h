/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_SPIN_H
#define KTSTR_WORK_SPIN_H

/* Work that computes, yields and sleeps, each worker for itself. */

#define KTSTR_WORK_TYPES_SPIN(X)                                                                   \
	X(spin_wait, "SpinWait")                                                                   \
	X(yield_heavy, "YieldHeavy")                                                               \
	X(mixed, "Mixed")                                                                          \
	X(bursty, "Bursty")

/* SpinWait: 1024 rounds of a counted pause loop an iteration, never blocks. */
struct ktstr_work_spin_wait_params {
	char none; /* has no parameters */
};

/* YieldHeavy: one unit of work, then sched_yield(2). */
struct ktstr_work_yield_heavy_params {
	char none;
};

/* Mixed: a spin burst of 1024, then sched_yield(2). */
struct ktstr_work_mixed_params {
	char none;
};

/* Bursty: spin for burst_ms, sleep for sleep_ms. */
struct ktstr_work_bursty_params {
	unsigned burst_ms; /* default 50 */
	unsigned sleep_ms; /* default 100 */
};

#endif
