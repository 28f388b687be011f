/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_CGROUP_H
#define KTSTR_CGROUP_H

#include <sched.h>
#include <stddef.h>
#include <stdint.h>
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

/*
 * Settings. Each call writes one file and returns when the kernel has taken it: 0, -ENOENT when
 * there is no such cgroup or the kernel has no such file, -ERANGE for a number that no kernel
 * takes, else the kernel's errno. A refusal is explained: the value, the file, which controller it
 * needs, and how far the controllers reach. Enable the controller with ktstr_cgroups_setup()
 * before; to cgroups inside cgroups only cpuset is passed on.
 */

/* For limits: none. Written as "max". */
#define KTSTR_UNLIMITED UINT64_MAX

/* cpuset.cpus. An empty set is -EINVAL: the kernel would take it for "clear". */
KTSTR_API int ktstr_cgroup_set_cpuset(struct ktstr_cgroups *cgroups, const char *name,
				      const cpu_set_t *cpus,
				      struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Empty cpuset.cpus: the cgroup uses its parent's CPUs again. */
KTSTR_API int ktstr_cgroup_clear_cpuset(struct ktstr_cgroups *cgroups, const char *name,
					struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Read cpuset.cpus: the CPUs given to the cgroup itself, the empty set when there are none, also
 * because the cgroup or the file does not exist.
 */
KTSTR_API int ktstr_cgroup_read_cpuset(struct ktstr_cgroups *cgroups, const char *name,
				       cpu_set_t *ret_cpus,
				       struct ktstr_error *error) KTSTR_MUST_CHECK;

/* cpuset.mems: NUMA nodes by number, as a set; an empty one is -EINVAL. */
KTSTR_API int ktstr_cgroup_set_cpuset_mems(struct ktstr_cgroups *cgroups, const char *name,
					   const cpu_set_t *nodes,
					   struct ktstr_error *error) KTSTR_MUST_CHECK;

/* cpu.weight: the share among siblings, 1 to 10000; the kernel begins with 100. */
KTSTR_API int ktstr_cgroup_set_cpu_weight(struct ktstr_cgroups *cgroups, const char *name,
					  unsigned weight,
					  struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * cpu.max: at most quota_us (KTSTR_UNLIMITED: no limit) of CPU time in each period_us, over all
 * CPUs, so a quota may exceed its period. Neither may be 0.
 */
KTSTR_API int ktstr_cgroup_set_cpu_max(struct ktstr_cgroups *cgroups, const char *name,
				       uint64_t quota_us, uint64_t period_us,
				       struct ktstr_error *error) KTSTR_MUST_CHECK;

/* memory.max: above it the kernel reclaims, then kills. memory.high: above it it throttles. */
KTSTR_API int ktstr_cgroup_set_memory_max(struct ktstr_cgroups *cgroups, const char *name,
					  uint64_t bytes,
					  struct ktstr_error *error) KTSTR_MUST_CHECK;
KTSTR_API int ktstr_cgroup_set_memory_high(struct ktstr_cgroups *cgroups, const char *name,
					   uint64_t bytes,
					   struct ktstr_error *error) KTSTR_MUST_CHECK;

/* memory.low: below it the kernel reclaims elsewhere first; 0 protects nothing. */
KTSTR_API int ktstr_cgroup_set_memory_low(struct ktstr_cgroups *cgroups, const char *name,
					  uint64_t bytes,
					  struct ktstr_error *error) KTSTR_MUST_CHECK;

/* memory.swap.max. Kernels that do not account swap have no such file: -ENOENT. */
KTSTR_API int ktstr_cgroup_set_memory_swap_max(struct ktstr_cgroups *cgroups, const char *name,
					       uint64_t bytes,
					       struct ktstr_error *error) KTSTR_MUST_CHECK;

/* io.weight: the share among siblings, 1 to 10000; needs the kernel's io cost controller. */
KTSTR_API int ktstr_cgroup_set_io_weight(struct ktstr_cgroups *cgroups, const char *name,
					 unsigned weight,
					 struct ktstr_error *error) KTSTR_MUST_CHECK;

/* pids.max: tasks, threads included, beyond which fork(2) fails with EAGAIN. Not 0. */
KTSTR_API int ktstr_cgroup_set_pids_max(struct ktstr_cgroups *cgroups, const char *name,
					uint64_t max, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* cgroup.freeze: asynchronous, cgroup.events says when it is done. */
KTSTR_API int ktstr_cgroup_freeze(struct ktstr_cgroups *cgroups, const char *name,
				  struct ktstr_error *error) KTSTR_MUST_CHECK;
KTSTR_API int ktstr_cgroup_unfreeze(struct ktstr_cgroups *cgroups, const char *name,
				    struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Move processes by writing cgroup.procs. A pid that is gone is passed over, all of them gone is
 * -ESRCH; EBUSY is tried three times, 100 ms apart.
 */
KTSTR_API int ktstr_cgroup_move_tasks(struct ktstr_cgroups *cgroups, const char *name,
				      const pid_t *pids, size_t count,
				      struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Place one process that waits for it before it executes anything: a single write, without the
 * retries and the look at the cpuset of ktstr_cgroup_move_tasks(), so that it does not wait long.
 */
KTSTR_API int ktstr_cgroup_place_task(struct ktstr_cgroups *cgroups, const char *name, pid_t pid,
				      struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * The processes in the cgroup itself (thread group leaders, not those of its children), in the
 * kernel's order: *ret_count of them, none is no error. The caller frees *ret_pids with free(3).
 * -ENOENT: no such cgroup.
 */
KTSTR_API int ktstr_cgroup_read_procs(struct ktstr_cgroups *cgroups, const char *name,
				      pid_t **ret_pids, size_t *ret_count,
				      struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Move every process of the cgroup to the walk root. Those that are gone do not count; all are
 * tried before the first other failure is returned. A cgroup that does not exist is fine.
 */
KTSTR_API int ktstr_cgroup_drain_tasks(struct ktstr_cgroups *cgroups, const char *name,
				       struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Stop passing controllers on to the cgroup's children. One that passes memory or io on takes no
 * processes of its own (-EBUSY). A cgroup that passes none on, or does not exist, is fine.
 */
KTSTR_API int ktstr_cgroup_clear_subtree_control(struct ktstr_cgroups *cgroups, const char *name,
						 struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Thaw, move what lives there to the walk root, wait up to 1 s for the cgroup to be empty,
 * remove it. A cgroup that does not exist is fine. With more than ten failures that no success has
 * made up for, -EBUSY without touching any file: something holds on to the machine's cgroups.
 */
KTSTR_API int ktstr_cgroup_remove(struct ktstr_cgroups *cgroups, const char *name,
				  struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Remove every cgroup below the parent, deepest first; what cannot be removed stays. */
KTSTR_API void ktstr_cgroups_cleanup(struct ktstr_cgroups *cgroups);

#endif
