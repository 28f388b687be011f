/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "cgroup/cgroup_group.h"
#include "scenario/plan.h"

/* What a step has brought into being, until step_collect() takes it away. */
struct step_state {
	struct ktstr_ctx *ctx;
	struct cgroup_group group;
	struct step_workers {
		struct planned_cgroup plan;
		struct ktstr_workload *workload;
	} * workers; /* in the order in which they were started */
	size_t count;
};

/*
 * Make the cgroups of defs one after another, each with its cpuset and its workers running in it.
 * On failure state holds what was made until then, for step_collect().
 */
int step_setup(struct step_state *state, struct ktstr_ctx *ctx, const struct ktstr_defs *defs,
	       struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Stop the workers, judge what they report, remove the cgroups in reverse order. Whatever fails
 * on the way is in the verdict, and the rest is done all the same.
 */
void step_collect(struct step_state *state);
