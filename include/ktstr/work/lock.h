/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_LOCK_H
#define KTSTR_WORK_LOCK_H

/* Workers that compete for a lock. */

#define KTSTR_WORK_TYPES_LOCK(X)                                                                   \
	X(mutex_contention, "MutexContention")                                                     \
	X(priority_inversion, "PriorityInversion")

/*
 * MutexContention: all workers of a cohort compute on their own, then take the one lock and
 * compute while they hold it. Cohorts of contenders.
 *
 * work_iters + hold_iters units an iteration. wake_latencies: each wait for the lock, one that
 * timed out after 100 ms included; no gap.
 */
struct ktstr_work_mutex_contention_params {
	unsigned contenders; /* default 4 */
	unsigned hold_iters; /* units of computing with the lock; default 256 */
	unsigned work_iters; /* units of computing without it; default 1024 */
};

enum ktstr_futex_lock_mode {
	KTSTR_FUTEX_LOCK_PLAIN, /* a word and FUTEX_WAIT: the kernel knows of no owner */
	KTSTR_FUTEX_LOCK_PI,	/* FUTEX_LOCK_PI2: the owner inherits the priority of who waits */
};

/*
 * PriorityInversion: FIFO workers of three priorities. Those of high (70) and low (30) priority
 * compete for a lock; those of medium priority (50) compute without it and keep the low ones, and
 * so the high ones, from running. The first high_count workers of a cohort are the high ones, then
 * come the medium ones, then the low ones.
 *
 * FIFO needs CAP_SYS_NICE: without it all have the priority they inherit (sched_policy_error).
 *
 * work_iters units an iteration, and those with the lock: hold_iters (PI, and low ones), or
 * work_iters again (high ones with the plain lock). wake_latencies: each wait for a plain lock;
 * none with PI. No gaps.
 */
struct ktstr_work_priority_inversion_params {
	unsigned high_count;		    /* default 1 */
	unsigned medium_count;		    /* default 1 */
	unsigned low_count;		    /* default 1 */
	unsigned hold_iters;		    /* units of computing with the lock; default 4096 */
	unsigned work_iters;		    /* units of computing without it; default 1024 */
	enum ktstr_futex_lock_mode pi_mode; /* default: plain */
};

#endif
