/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_SPEC_H
#define KTSTR_WORK_SPEC_H

#include <limits.h>

#include <ktstr/affinity.h>
#include <ktstr/mem_policy.h>
#include <ktstr/optional.h>
#include <ktstr/policy.h>
#include <ktstr/work.h>

/* A number of workers for "none at all", where 0 takes the default. */
#define KTSTR_WORKERS_NONE UINT_MAX

/* The longest name that the kernel keeps of a task. */
#define KTSTR_COMM_MAX 15

/*
 * One group of workers that do the same work and are set up alike. Zero means default; the struct
 * and all it points to is borrowed for the call that takes it.
 */
struct ktstr_work_spec {
	struct ktstr_work work; /* zero: SpinWait */
	unsigned workers;	/* 0: ktstr_ctx_workers_per_cgroup(); KTSTR_WORKERS_NONE */
	double workers_pct;	/* workers per CPU of the cpuset, rounded up; not with workers */
	struct ktstr_affinity affinity;
	struct ktstr_sched_policy policy;
	struct ktstr_mem_policy mem_policy;
	struct ktstr_optional nice; /* none: inherited; the kernel clamps to -20..19 */
	struct ktstr_optional uid, gid;
	struct ktstr_optional numa_node; /* pin to the CPUs of this node, after all else */
	const char *comm;  /* of each worker, 1 to KTSTR_COMM_MAX bytes; NULL: inherited */
	const char *pcomm; /* of the one process that hosts the group's workers as threads */
};

#endif
