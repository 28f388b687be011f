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
 * checks apply, then the test's on top, field by field (ktstr_check_merge). Nothing set anywhere
 * asserts nothing. A value equal to its limit passes.
 */
struct ktstr_check {
	/*
	 * Every worker did some work, the spread of off-CPU time within a cgroup and the longest
	 * gap of every worker stay within the built-in limits (15 points and 2000 ms; 35 points
	 * and 3000 ms in a build without optimisation).
	 */
	enum ktstr_tristate not_stuck;
	/* No worker was seen on a CPU outside its cgroup's cpuset. */
	enum ktstr_tristate isolation;
	/* Limit for each worker's longest gap; replaces the built-in one. */
	uint64_t max_gap_ms;
	/* Limit for max - min of off-CPU time in a cgroup, percentage points of wall time. */
	double max_spread_pct;
};

#endif
