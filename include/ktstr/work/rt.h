/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_RT_H
#define KTSTR_WORK_RT_H

/*
 * Workers of different scheduling classes beside each other. The classes are applied as each
 * worker begins; one that the kernel refuses (most need CAP_SYS_NICE) leaves the worker in the
 * class that it inherits, see sched_policy_error.
 */

#define KTSTR_WORK_TYPES_RT(X)                                                                     \
	X(rt_starvation, "RtStarvation")                                                           \
	X(preempt_storm, "PreemptStorm")                                                           \
	X(asymmetric_waker, "AsymmetricWaker")

/*
 * RtStarvation: FIFO workers that never block beside normal ones. The first rt_workers of a cohort
 * of rt_workers + cfs_workers are the FIFO ones.
 *
 * burst_iters units an iteration; no samples, no gap.
 */
struct ktstr_work_rt_starvation_params {
	unsigned rt_workers;  /* default 1 */
	unsigned cfs_workers; /* default 1 */
	unsigned rt_priority; /* 1 to 99, what lies outside becomes the nearest; default 50 */
	unsigned burst_iters; /* units of computing an iteration; default 1024 */
};

/*
 * PreemptStorm: one FIFO worker (priority 1) that wakes up, computes and sleeps again, beside
 * normal ones that always compute. Cohorts of cfs_workers + 1, of which it is the first.
 *
 * rt_burst_iters units an iteration, of all; no samples, no gap.
 */
struct ktstr_work_preempt_storm_params {
	unsigned cfs_workers;	 /* default 2 */
	unsigned rt_burst_iters; /* units of computing an iteration; default 1024 */
	unsigned rt_sleep_us;	 /* us of sleep of the FIFO worker after each; default 1000 */
};

enum ktstr_sched_class {
	KTSTR_CLASS_CFS, /* changes nothing */
	KTSTR_CLASS_BATCH,
	KTSTR_CLASS_IDLE,
	KTSTR_CLASS_RT,	      /* FIFO, priority 50 */
	KTSTR_CLASS_DEADLINE, /* 500 us within 1 ms, every 10 ms */
	KTSTR_CLASS_EXT,
};

/*
 * AsymmetricWaker: one worker wakes the other, which is of another scheduling class, and goes on
 * without waiting for it. Cohorts of 2: first the waker, then the wakee.
 *
 * burst_iters units an iteration. wake_latencies: the wakee's waits; no gap. The waker has none.
 */
struct ktstr_work_asymmetric_waker_params {
	enum ktstr_sched_class waker_class; /* default: CFS */
	enum ktstr_sched_class wakee_class; /* default: CFS */
	unsigned burst_iters;		    /* units of computing an iteration; default 1024 */
};

#endif
