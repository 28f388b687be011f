/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>

#include <ktstr/cgroup.h>

#include "cgroup/cgroup_knob.h"

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
	/* text as the kernel reads it; "" empties the knob. */
	int (*write_knob)(struct ktstr_cgroups *cgroups, const char *name, enum cgroup_knob knob,
			  const char *text, struct ktstr_error *error);
	/* Without the line break at its end, cut to size. -ENOENT: no such cgroup, or no knob. */
	int (*read_knob)(struct ktstr_cgroups *cgroups, const char *name, enum cgroup_knob knob,
			 char *buffer, size_t size, struct ktstr_error *error);
	int (*move_tasks)(struct ktstr_cgroups *cgroups, const char *name, const pid_t *pids,
			  size_t count, struct ktstr_error *error);
	int (*place_task)(struct ktstr_cgroups *cgroups, const char *name, pid_t pid,
			  struct ktstr_error *error);
	/* The caller frees *ret_pids. */
	int (*read_procs)(struct ktstr_cgroups *cgroups, const char *name, pid_t **ret_pids,
			  size_t *ret_count, struct ktstr_error *error);
	int (*drain_tasks)(struct ktstr_cgroups *cgroups, const char *name,
			   struct ktstr_error *error);
	int (*clear_subtree_control)(struct ktstr_cgroups *cgroups, const char *name,
				     struct ktstr_error *error);
	int (*remove)(struct ktstr_cgroups *cgroups, const char *name, struct ktstr_error *error);
	void (*cleanup)(struct ktstr_cgroups *cgroups);
	void (*free)(struct ktstr_cgroups *cgroups);
};

/* The first member of whatever implements it. */
struct ktstr_cgroups {
	const struct cgroup_ops *ops;
};
