// SPDX-License-Identifier: GPL-2.0-only
/*
 * From what a test declares to what will be made: CPUs and worker counts. All that can be known
 * to be wrong without creating anything is found here.
 */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include <ktstr/workload.h>

#include "cgroup/cgroup_name.h"
#include "scenario/hold.h"
#include "scenario/plan.h"
#include "topology/cpuset.h"

/* workers as a number: the constant for "none" reads better as 0. */
static unsigned shown_workers(const struct ktstr_cgroup_def *def)
{
	return def->workers == KTSTR_WORKERS_NONE ? 0 : def->workers;
}

static int refuse_empty(const struct ktstr_ctx *ctx, const struct ktstr_cgroup_def *def,
			struct ktstr_error *error)
{
	char cpuset[CPUSET_TEXT_MAX];
	struct ktstr_error why = { 0 };

	cpuset_format(&def->cpuset, cpuset);
	if (def->workers && def->workers_pct)
		return ktstr_error_set(
			error, -EINVAL,
			"cgroup '%s': BOTH workers(%u) and workers_pct(%g) are set, pick "
			"one; its cpuset %s has 0 cpus, which would hide the conflict",
			def->name, shown_workers(def), def->workers_pct, cpuset);
	if (def->workers_pct)
		return ktstr_error_set(
			error, -EINVAL,
			"cgroup '%s': cpuset %s has 0 cpus here, so workers_pct(%g) makes "
			"0 workers; change the cpuset or its fractions, or say how many "
			"with workers(N)",
			def->name, cpuset, def->workers_pct);
	if (ktstr_cpuset_check(&def->cpuset, ctx->machine, &why))
		return ktstr_error_set(error, -EINVAL,
				       "cgroup '%s': cpuset %s has 0 cpus (%.400s); adjust it",
				       def->name, cpuset, why.text);
	return ktstr_error_set(
		error, -EINVAL,
		"cgroup '%s': cpuset %s has 0 cpus on this machine (%u cpus); adjust it, "
		"or ask for more cpus in .topology",
		def->name, cpuset, ktstr_machine_num_cpus(ctx->machine));
}

static int plan_cpus(const struct ktstr_ctx *ctx, struct planned_cgroup *plan,
		     struct ktstr_error *error)
{
	const struct ktstr_cgroup_def *def = plan->def;
	char cpuset[CPUSET_TEXT_MAX];
	int err;

	plan->has_cpuset = def->cpuset.kind != KTSTR_CPUSET_INHERIT;
	if (!plan->has_cpuset)
		return 0;
	ktstr_cpuset_resolve(&def->cpuset, ctx->machine, &plan->cpus);
	if (!CPU_COUNT(&plan->cpus))
		return refuse_empty(ctx, def, error);
	err = ktstr_cpuset_check(&def->cpuset, ctx->machine, error);
	if (err)
		return ktstr_error_wrap(error, err, "cgroup '%s': cpuset %s", def->name,
					cpuset_format(&def->cpuset, cpuset));
	return 0;
}

/* CPUs that a share of workers refers to: the cgroup's, or those that cpusets are cut from. */
static unsigned num_cpus(const struct ktstr_ctx *ctx, const struct planned_cgroup *plan)
{
	cpu_set_t usable;

	if (plan->has_cpuset)
		return (unsigned)CPU_COUNT(&plan->cpus);
	ktstr_machine_usable_cpus(ctx->machine, &usable);
	return (unsigned)CPU_COUNT(&usable);
}

static int plan_workers(const struct ktstr_ctx *ctx, struct planned_cgroup *plan,
			struct ktstr_error *error)
{
	const struct ktstr_cgroup_def *def = plan->def;
	unsigned cpus = num_cpus(ctx, plan);

	if (def->workers && def->workers_pct)
		return ktstr_error_set(
			error, -EINVAL,
			"cgroup '%s': BOTH workers(%u) and workers_pct(%g) are set, pick "
			"one",
			def->name, shown_workers(def), def->workers_pct);
	if (def->workers_pct) {
		double workers = ceil(cpus * def->workers_pct);

		if (workers > INT_MAX)
			return ktstr_error_set(error, -EINVAL,
					       "cgroup '%s': workers_pct(%g) of %u cpus makes %g "
					       "workers; 1.0 is one for each cpu",
					       def->name, def->workers_pct, cpus, workers);
		/* Rounded up from more than nothing: at least 1. */
		plan->workers = (unsigned)workers;
		return 0;
	}
	plan->workers = def->workers ? shown_workers(def) : ctx->workers_per_cgroup;
	if (!plan->workers)
		return ktstr_error_set(
			error, -EINVAL,
			"cgroup '%s': num_workers=0, nothing would run in it; use at "
			"least 1 or drop the cgroup",
			def->name);
	return 0;
}

int plan_cgroup(const struct ktstr_ctx *ctx, const struct ktstr_cgroup_def *def,
		struct planned_cgroup *ret_plan, struct ktstr_error *error)
{
	struct planned_cgroup plan = { .def = def };
	int err = cgroup_name_check(def->name, error);

	if (err)
		return err;
	if (!isfinite(def->workers_pct) || def->workers_pct < 0)
		return ktstr_error_set(error, -EINVAL,
				       "cgroup '%s': workers_pct(%g) must be finite and > 0",
				       def->name, def->workers_pct);
	err = plan_cpus(ctx, &plan, error);
	if (!err)
		err = plan_workers(ctx, &plan, error);
	if (err)
		return err;
	*ret_plan = plan;
	return 0;
}

static int check_defs(const struct ktstr_ctx *ctx, const struct ktstr_defs *defs,
		      struct ktstr_error *error)
{
	for (size_t i = 0; i < defs->count; i++) {
		struct planned_cgroup plan;
		int err = plan_cgroup(ctx, &defs->defs[i], &plan, error);

		if (err)
			return err;
		for (size_t j = 0; j < i; j++)
			if (!strcmp(defs->defs[j].name, defs->defs[i].name))
				return ktstr_error_set(
					error, -EINVAL,
					"cgroup '%s': already tracked by an earlier "
					"definition of this step; declare it once or "
					"use a fresh name",
					defs->defs[i].name);
	}
	return 0;
}

int plan_check(const struct ktstr_ctx *ctx, struct ktstr_steps steps, struct ktstr_error *error)
{
	for (size_t k = 0; k < steps.count; k++) {
		int err = hold_check(&steps.steps[k].hold, error);

		if (!err)
			err = check_defs(ctx, &steps.steps[k].setup, error);
		if (err)
			return ktstr_error_wrap(error, err, "step %zu", k);
	}
	return 0;
}

unsigned plan_controllers(struct ktstr_steps steps)
{
	unsigned controllers = 0;

	for (size_t k = 0; k < steps.count; k++)
		for (size_t i = 0; i < steps.steps[k].setup.count; i++)
			if (steps.steps[k].setup.defs[i].cpuset.kind != KTSTR_CPUSET_INHERIT)
				controllers |= KTSTR_CONTROLLER_CPUSET;
	return controllers;
}
