/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_CHECK_H
#define KTSTR_CHECK_H

#include <stdint.h>

/* A yes or no that can also be left to somebody else. */
enum ktstr_tristate {
	KTSTR_UNSET,
	KTSTR_YES,
	KTSTR_NO,
};

/*
 * What is demanded of the workers. A field left 0 is not judged by this layer: the scheduler's
 * checks apply, then the test's on top, field by field; KTSTR_NO in the test switches off what the
 * scheduler asked for. Nothing set anywhere asserts nothing. A value equal to its limit passes.
 */
struct ktstr_check {
	/*
	 * Every worker did some work (one that died did none), and the spread of off-CPU time
	 * within a cgroup and the longest gap of every worker stay within the built-in limits: 15
	 * percentage points and 2000 ms; 35 and 3000 ms where libktstr was built without
	 * optimisation.
	 */
	enum ktstr_tristate not_stuck;
	/* No worker was seen on a CPU outside its cgroup's cpuset; nothing where it has none. */
	enum ktstr_tristate isolation;
	/* Limit for each worker's longest gap; needs no not_stuck and replaces its limit. */
	uint64_t max_gap_ms;
	/*
	 * Limit for the spread: the largest minus the smallest share of wall time that workers of
	 * one cgroup spent off the CPU, in percentage points. Needs no not_stuck and replaces its
	 * limit. Finite and not negative.
	 */
	double max_spread_pct;
	/*
	 * Limit for how unevenly the workers of one cgroup get on: standard deviation over mean of
	 * their work units per second of CPU time. Judged when two of them used any. At least 0.
	 */
	double max_throughput_cv;
	/*
	 * Limit for how uneven wake-ups in one cgroup are: standard deviation over mean of the wake
	 * latencies of all its workers together, of two at least. At least 0.
	 */
	double max_wake_latency_cv;
};

/* The limits that are a double, for those who go through all of them. */
#define KTSTR_CHECK_DOUBLES(X) X(max_spread_pct) X(max_throughput_cv) X(max_wake_latency_cv)

#endif
