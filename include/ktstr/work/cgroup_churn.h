/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_CGROUP_CHURN_H
#define KTSTR_WORK_CGROUP_CHURN_H

/* Work that moves tasks between cgroups (v2). Root, or a delegated hierarchy; processes only. */

#define KTSTR_WORK_TYPES_CGROUP_CHURN(X)                                                           \
	X(cgroup_churn, "CgroupChurn")                                                             \
	X(cgroup_attach_storm, "CgroupAttachStorm")

/*
 * CgroupChurn: move to the next of the cgroups wt-cgroup-churn-0, wt-cgroup-churn-1, ..., which the
 * worker makes where there is none, sleep for cycle_ms, which is no gap, spin 256 times. In the end
 * the worker goes back to where it was, and the last one removes the cgroups. What does not work is
 * left undone, and the report says so (work_error).
 */
struct ktstr_work_cgroup_churn_params {
	unsigned groups;    /* default 2, at most 1024 */
	unsigned cycle_ms;  /* default 100 */
	const char *parent; /* of the cgroups, default KTSTR_CGROUP_PARENT */
};

/* What becomes of the children of CgroupAttachStorm. */
enum ktstr_reap_mode {
	KTSTR_REAP_SIG_IGN, /* the kernel reaps: SIGCHLD is ignored */
	KTSTR_REAP_WAITPID, /* the worker reaps; the time that takes is the wake sample */
};

/*
 * CgroupAttachStorm: fork a child that exits at once, and move it, dying or dead, to the cgroup
 * dest beside the worker's own; a unit each. Where dest cannot be used the worker only yields (0
 * units), and the report says why (work_error).
 */
struct ktstr_work_cgroup_attach_storm_params {
	const char *dest; /* relative to the parent of the worker's cgroup; must be given */
	enum ktstr_reap_mode reap;
};

#endif
