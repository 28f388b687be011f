/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_CGROUP_H
#define KTSTR_CGROUP_H

#include <sched.h>
#include <stddef.h>
#include <sys/types.h>

#include <ktstr/error.h>
#include <ktstr/export.h>

/*
 * The cgroup v2 directories of a scenario, all below one parent. Names are relative to the
 * parent and may be nested ("cg_0/sub"). Needs write access to the cgroup file system: root, or
 * a delegated subtree (Documentation/admin-guide/cgroup-v2.rst, "Delegation").
 */
struct ktstr_cgroups;

/* Controllers, as in cgroup.controllers; written to subtree_control in this order. */
enum ktstr_controllers {
	KTSTR_CONTROLLER_CPUSET = 1 << 0,
	KTSTR_CONTROLLER_CPU = 1 << 1,
	KTSTR_CONTROLLER_MEMORY = 1 << 2,
	KTSTR_CONTROLLER_PIDS = 1 << 3,
	KTSTR_CONTROLLER_IO = 1 << 4,
};

#define KTSTR_CGROUP_ROOT "/sys/fs/cgroup"
#define KTSTR_CGROUP_PARENT KTSTR_CGROUP_ROOT "/ktstr"

/*
 * A manager for the cgroups below parent (NULL: KTSTR_CGROUP_PARENT), which lies at or below
 * walk_root (NULL: KTSTR_CGROUP_ROOT), the highest directory whose subtree_control may be
 * written. Touches no file. -EINVAL when parent is not below walk_root or either contains "..".
 */
KTSTR_API int ktstr_cgroups_new(const char *parent, const char *walk_root,
				struct ktstr_cgroups **ret_cgroups,
				struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Forget the manager. Cgroups that exist stay: remove them first. NULL-safe. */
KTSTR_API void ktstr_cgroups_free(struct ktstr_cgroups *cgroups);

/*
 * Create the parent and enable controllers (enum ktstr_controllers, or-ed) from the walk root
 * down to it. An empty set does nothing. -EACCES without the privilege, -ENOTSUP naming the
 * controller that the kernel does not offer and those it does.
 */
KTSTR_API int ktstr_cgroups_setup(struct ktstr_cgroups *cgroups, unsigned controllers,
				  struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Create a cgroup; one that exists is fine. Intermediate directories get +cpuset. */
KTSTR_API int ktstr_cgroup_create(struct ktstr_cgroups *cgroups, const char *name,
				  struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Write cpuset.cpus. A refusal says which CPUs, which file, and the state of the controllers. */
KTSTR_API int ktstr_cgroup_set_cpuset(struct ktstr_cgroups *cgroups, const char *name,
				      const cpu_set_t *cpus,
				      struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Empty cpuset.cpus: the cgroup uses its parent's CPUs again. */
KTSTR_API int ktstr_cgroup_clear_cpuset(struct ktstr_cgroups *cgroups, const char *name,
					struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Move processes by writing cgroup.procs. A pid that is gone is passed over, all of them gone is
 * -ESRCH; EBUSY is tried three times, 100 ms apart.
 */
KTSTR_API int ktstr_cgroup_move_tasks(struct ktstr_cgroups *cgroups, const char *name,
				      const pid_t *pids, size_t count,
				      struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Write cgroup.freeze: asynchronous, cgroup.events says when it is done. */
KTSTR_API int ktstr_cgroup_freeze(struct ktstr_cgroups *cgroups, const char *name,
				  struct ktstr_error *error) KTSTR_MUST_CHECK;
KTSTR_API int ktstr_cgroup_unfreeze(struct ktstr_cgroups *cgroups, const char *name,
				    struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Thaw, move what lives there to the walk root, wait up to 1 s for the cgroup to be empty,
 * remove it. A cgroup that does not exist is fine.
 */
KTSTR_API int ktstr_cgroup_remove(struct ktstr_cgroups *cgroups, const char *name,
				  struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Remove every cgroup below the parent, deepest first; what cannot be removed stays. */
KTSTR_API void ktstr_cgroups_cleanup(struct ktstr_cgroups *cgroups);

#endif
