/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_CHURN_H
#define KTSTR_WORK_CHURN_H

/*
 * Work that changes what the scheduler knows about a task: births and deaths, nice, policy,
 * affinity. The wake samples are the durations of the yields, ForkExit's those of waitpid(2); none
 * of them is taken out of the gaps.
 */

#define KTSTR_WORK_TYPES_CHURN(X)                                                                  \
	X(fork_exit, "ForkExit")                                                                   \
	X(nice_sweep, "NiceSweep")                                                                 \
	X(policy_churn, "PolicyChurn")                                                             \
	X(affinity_churn, "AffinityChurn")                                                         \
	X(cross_affinity_churn, "CrossAffinityChurn")

/* ForkExit: fork a child that exits at once, and wait for it. Not for threads. */
struct ktstr_work_fork_exit_params {
	char none; /* has no parameters */
};

/*
 * NiceSweep: spin 512 times, take the next nice value, yield. From -20 to 19 with CAP_SYS_NICE;
 * else from 0 on, and there is no way back down without RLIMIT_NICE: the worker stays at 19 and
 * says so (work_error). In the end it takes the value back that it began with.
 */
struct ktstr_work_nice_sweep_params {
	char none;
};

/*
 * PolicyChurn: spin, take the next policy of OTHER, BATCH, IDLE and, where the worker may, FIFO 1
 * and RR 1, yield. Leaving IDLE takes CAP_SYS_NICE or RLIMIT_NICE, too; a worker that is refused
 * says so (work_error). Ends in OTHER.
 */
struct ktstr_work_policy_churn_params {
	unsigned spin_iters; /* default 1024 */
};

/* AffinityChurn: spin, go to a random CPU of those it had at the start, yield. */
struct ktstr_work_affinity_churn_params {
	unsigned spin_iters; /* default 1024 */
};

/*
 * CrossAffinityChurn: spin, set the affinity of every other process that was in the worker's cgroup
 * when it started, to the worker's CPUs and to all but the last of them in turn, yield. Needs a
 * cgroup that is not the root and two CPUs; without, it leaves others alone and says so
 * (work_error). The masks of the others stay as they are in the end.
 */
struct ktstr_work_cross_affinity_churn_params {
	unsigned spin_iters; /* default 1024 */
};

#endif
