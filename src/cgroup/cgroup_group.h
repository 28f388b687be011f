/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cgroup/cgroup_ops.h"

/*
 * The cgroups that somebody made and has to take away again. {.cgroups = x} is an empty group.
 *
 * A nested name makes the cgroups above it too. Those that did not exist before belong to the
 * group as well, so that nothing is left of it; but nobody asked for them, so their names are free.
 */
struct cgroup_group {
	struct ktstr_cgroups *cgroups;
	struct cgroup_group_entry {
		char *name;
		bool asked_for;
	} * entries; /* in the order of creation */
	size_t count;
};

/* Whether the group was asked for name. */
bool cgroup_group_has(const struct cgroup_group *group, const char *name);

/* Create cgroup name and answer for it. */
int cgroup_group_add(struct cgroup_group *group, const char *name,
		     struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Answer for cgroup name no more; it is left as it is. */
void cgroup_group_forget(struct cgroup_group *group, const char *name);

/*
 * Remove the cgroups, the last one first. What cannot be removed is told to warn, one line each;
 * the group is empty afterwards.
 */
void cgroup_group_release(struct cgroup_group *group, void (*warn)(void *data, const char *text),
			  void *data);
