/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_FUTEX_H
#define KTSTR_WORK_FUTEX_H

/* Workers that wait for each other on a shared word (futex). */

#define KTSTR_WORK_TYPES_FUTEX(X)                                                                  \
	X(futex_ping_pong, "FutexPingPong")                                                        \
	X(futex_fan_out, "FutexFanOut")                                                            \
	X(fan_out_compute, "FanOutCompute")                                                        \
	X(thundering_herd, "ThunderingHerd")

/*
 * FutexPingPong: pairs that compute, hand a word over to each other and wait to get it back.
 * Cohorts of 2.
 *
 * spin_iters units an iteration. wake_latencies: from handing over to having the word again; no
 * gap.
 */
struct ktstr_work_futex_ping_pong_params {
	unsigned spin_iters; /* units of computing per hand-over; default 1024 */
};

/*
 * FutexFanOut: one messenger wakes all the others at once, again and again, without waiting for
 * them. Cohorts of fan_out + 1.
 *
 * The messenger does spin_iters + 256 units an iteration, a receiver spin_iters. wake_latencies:
 * a receiver's wait for the next message; no gap. The messenger has none.
 */
struct ktstr_work_futex_fan_out_params {
	unsigned fan_out;    /* receivers; default 4 */
	unsigned spin_iters; /* units of computing per message; default 1024 */
};

/*
 * FanOutCompute: as FutexFanOut, and each receiver then sleeps and multiplies matrices that fill
 * cache_footprint_kib. Cohorts of fan_out + 1.
 *
 * The messenger does 256 units an iteration, a receiver one for each operation. wake_latencies:
 * from the messenger's time stamp to the receiver running; waiting and sleeping are no gap.
 */
struct ktstr_work_fan_out_compute_params {
	unsigned fan_out;	      /* receivers; default 4 */
	unsigned cache_footprint_kib; /* KiB of three matrices; default 256 */
	unsigned operations;	      /* products per message; default 5 */
	unsigned sleep_us;	      /* us of sleep before them; default 100 */
};

/*
 * ThunderingHerd: one waker, and waiters that it wakes all at once every inter_batch_ms.
 * Cohorts of waiters + 1.
 *
 * An iteration of the waker is batches rounds with 256 units each, one of a waiter is a wake-up
 * and no unit. wake_latencies: the waker's sleeps, the waiters' waits; no gap.
 */
struct ktstr_work_thundering_herd_params {
	unsigned waiters;	 /* default 7 */
	unsigned batches;	 /* wake-ups per iteration of the waker; default 1000 */
	unsigned inter_batch_ms; /* ms between two of them; default 5 */
};

#endif
