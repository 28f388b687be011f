/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <limits.h>

#include <ktstr/error.h>

/*
 * Cgroups of tests that run on this machine itself. Each test has one of its own, which it cannot
 * get out of unnoticed: <walk root>/ktstr/run-XXXXXX, with "runner" in it for the test's process
 * and "scenario" for the cgroups that it makes. The runner holds a lock on it (flock(2)) for as
 * long as it lives; one without a lock is what a killed runner left.
 */
struct host_cgroups {
	char walk_root[PATH_MAX]; /* whose cgroup.subtree_control may be written */
	char parent[PATH_MAX];	  /* walk_root/ktstr */
	int fd;			  /* of the parent */
};

#define HOST_WALK_ROOT_ENV "KTSTR_CGROUP_WALK_ROOT"

/*
 * Find where cgroups may be made, KTSTR_CGROUP_WALK_ROOT, for root /sys/fs/cgroup, else what is
 * delegated to the user, and prepare it as host_cgroups_prepare() does. -ENOTSUP: no cgroup v2;
 * -EACCES: no privilege. The text says what to do.
 */
int host_cgroups_open(struct host_cgroups *ret_cgroups, struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Pass the controllers on from walk_root to its child "ktstr", making it, and remove what runners
 * that were killed left in there. -ENOTSUP: a controller is missing, it is named.
 */
int host_cgroups_prepare(const char *walk_root, struct host_cgroups *ret_cgroups,
			 struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Remove the parent, too, unless others use it. Safe on a zeroed one whose fd is -1. */
void host_cgroups_close(struct host_cgroups *cgroups);

/* The cgroup of one test. */
struct host_cgroup {
	char name[16];		 /* in the parent */
	char scenario[PATH_MAX]; /* the parent of the test's own cgroups */
	int fd;			 /* of the cgroup; holds the lock */
	int procs_fd;		 /* cgroup.procs of "runner", to be joined by writing 0 */
};

int host_cgroup_make(const struct host_cgroups *cgroups, struct host_cgroup *ret_cgroup,
		     struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Kill all that lives in it. */
void host_cgroup_kill(const struct host_cgroup *cgroup);

/*
 * Kill what lives in it, wait up to two seconds for its end, remove it. -EBUSY: something cannot be
 * killed; the next run tries again.
 */
int host_cgroup_remove(const struct host_cgroups *cgroups, struct host_cgroup *cgroup,
		       struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The path of the caller's cgroup in the text of /proc/self/cgroup; NULL: not in cgroup v2. */
const char *host_cgroup_own(char *text);
