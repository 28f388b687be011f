/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>

#include <ktstr/cgroup.h>

/*
 * What stands behind a ktstr_cgroups: cgroupfs.c for real cgroups, a recorder in the tests of the
 * scenario engine. Names have passed cgroup_name_check(). Errors say which cgroup.
 */
struct cgroup_ops {
	int (*setup)(struct ktstr_cgroups *cgroups, unsigned controllers,
		     struct ktstr_error *error);
	/* *ret_created tells a fresh cgroup from one that was there already. */
	int (*create)(struct ktstr_cgroups *cgroups, const char *name, bool *ret_created,
		      struct ktstr_error *error);
	int (*set_cpuset)(struct ktstr_cgroups *cgroups, const char *name, const cpu_set_t *cpus,
			  struct ktstr_error *error);
	int (*clear_cpuset)(struct ktstr_cgroups *cgroups, const char *name,
			    struct ktstr_error *error);
	int (*move_tasks)(struct ktstr_cgroups *cgroups, const char *name, const pid_t *pids,
			  size_t count, struct ktstr_error *error);
	int (*set_frozen)(struct ktstr_cgroups *cgroups, const char *name, bool frozen,
			  struct ktstr_error *error);
	int (*remove)(struct ktstr_cgroups *cgroups, const char *name, struct ktstr_error *error);
	void (*cleanup)(struct ktstr_cgroups *cgroups);
	void (*free)(struct ktstr_cgroups *cgroups);
};

/* The first member of whatever implements it. */
struct ktstr_cgroups {
	const struct cgroup_ops *ops;
};
