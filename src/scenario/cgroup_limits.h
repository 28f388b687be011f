/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/cgroup.h>
#include <ktstr/cgroup_def.h>

/*
 * The limits of a definition: what is wrong with them before anything exists, and writing them
 * into a cgroup that does, in the order memory nodes, cpu, memory, io, pids.
 */
int limits_check(const struct ktstr_cgroup_def *def, struct ktstr_error *error) KTSTR_MUST_CHECK;
int limits_write(struct ktstr_cgroups *cgroups, const struct ktstr_cgroup_def *def,
		 struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The controllers (enum ktstr_controllers) whose files limits_write() would write. */
unsigned limits_controllers(const struct ktstr_cgroup_def *def);
