/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sched.h>
#include <stdbool.h>

#include <ktstr/scenario.h>
#include <ktstr/workload.h>

#include "scenario/ctx.h"

/*
 * From what a test declares to what will be made, on the machine at hand. Creates nothing; the
 * same question has the same answer each time.
 */

/* A group of workers: how many, of which kind, where. */
struct planned_work {
	struct ktstr_work_spec spec; /* complete: a number of workers, an affinity without intent */
	cpu_set_t cpus;		     /* what spec.affinity refers to */
};

/* A cgroup. */
struct planned_cgroup {
	const struct ktstr_cgroup_def *def; /* borrowed */
	bool has_cpuset;
	cpu_set_t cpus; /* when has_cpuset: not empty, and all of them exist */
	struct planned_work *works;
	size_t works_count; /* at least 1 */
};

int plan_cgroup(const struct ktstr_ctx *ctx, const struct ktstr_cgroup_def *def,
		struct planned_cgroup *ret_plan, struct ktstr_error *error) KTSTR_MUST_CHECK;
void plan_cgroup_release(struct planned_cgroup *plan);

static inline void auto_plan_fn(struct planned_cgroup *plan)
{
	plan_cgroup_release(plan);
}
#define auto_plan __attribute__((cleanup(auto_plan_fn)))

/*
 * One group of workers in a cgroup that has these CPUs (NULL: it inherits). label names the cgroup
 * in errors.
 */
int plan_work(const struct ktstr_ctx *ctx, const char *label, const cpu_set_t *cpuset,
	      const struct ktstr_work_spec *spec, struct planned_work *ret_work,
	      struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * The groups of workers of a definition, its defaults filled in: at least one. Fresh memory, to be
 * freed by the caller; NULL: there is none.
 */
struct ktstr_work_spec *plan_merged_works(const struct ktstr_cgroup_def *def, size_t *ret_count);

/* What cpuset means here; an empty set or one that cannot be meant is an error. */
int plan_cpuset(const struct ktstr_ctx *ctx, const struct ktstr_cpuset *cpuset, const char *what,
		const char *advice, cpu_set_t *ret_cpus,
		struct ktstr_error *error) KTSTR_MUST_CHECK;

/* What workers of a cgroup ask of NUMA nodes has to fit its cpuset (NULL: none). */
int plan_mem_policy(const struct ktstr_ctx *ctx, const char *label, const cpu_set_t *cpuset,
		    const struct ktstr_mem_policy *policy,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Refuse a declaration that cannot work on this machine, before anything of it exists. -EINVAL or
 * -ERANGE; the text begins with the step or the backdrop.
 */
int plan_check(struct ktstr_ctx *ctx, const struct ktstr_scenario *scenario,
	       struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The controllers (enum ktstr_controllers) that the scenario needs, and no more. */
unsigned plan_controllers(struct ktstr_ctx *ctx, const struct ktstr_scenario *scenario);
unsigned plan_def_controllers(const struct ktstr_cgroup_def *def);

/* How many workers spec asks for: the constant for "none" reads better as 0. */
unsigned plan_shown_workers(const struct ktstr_work_spec *spec);

/* The cgroups that a step begins with. */
struct ktstr_defs plan_setup(struct ktstr_ctx *ctx, const struct ktstr_step *step);
