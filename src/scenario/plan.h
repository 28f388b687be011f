/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sched.h>
#include <stdbool.h>

#include <ktstr/scenario.h>

#include "scenario/ctx.h"

/* What a declared cgroup comes to on the machine at hand. */
struct planned_cgroup {
	const struct ktstr_cgroup_def *def; /* borrowed */
	bool has_cpuset;
	cpu_set_t cpus;	  /* when has_cpuset: not empty, and all of them exist */
	unsigned workers; /* at least 1 */
};

/* Work out one cgroup. Creates nothing; the same question always has the same answer. */
int plan_cgroup(const struct ktstr_ctx *ctx, const struct ktstr_cgroup_def *def,
		struct planned_cgroup *ret_plan, struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Refuse a declaration that cannot work on this machine, before anything of it exists: holds,
 * names, cpusets, worker counts. -EINVAL; the text begins with the step.
 */
int plan_check(const struct ktstr_ctx *ctx, struct ktstr_steps steps,
	       struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The controllers (enum ktstr_controllers) that the steps need, and no more. */
unsigned plan_controllers(struct ktstr_steps steps);
