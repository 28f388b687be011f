// SPDX-License-Identifier: GPL-2.0-only
/* A whole declaration before anything of it exists: what is wrong with it, what it needs. */
#include <errno.h>
#include <string.h>

#include "scenario/hold.h"
#include "scenario/cgroup_limits.h"
#include "scenario/op.h"
#include "scenario/plan.h"

static int check_defs(const struct ktstr_ctx *ctx, const struct ktstr_defs *defs,
		      struct ktstr_error *error)
{
	for (size_t i = 0; i < defs->count; i++) {
		auto_plan struct planned_cgroup plan = { 0 };
		int err = plan_cgroup(ctx, &defs->defs[i], &plan, error);

		if (err)
			return err;
		for (size_t j = 0; j < i; j++)
			if (!strcmp(defs->defs[j].name, defs->defs[i].name))
				return ktstr_error_set(
					error, -EINVAL,
					"cgroup '%s': already tracked by an earlier "
					"definition of this list; declare it once or "
					"use a fresh name",
					defs->defs[i].name);
	}
	return 0;
}

struct ktstr_defs plan_setup(struct ktstr_ctx *ctx, const struct ktstr_step *step)
{
	return step->setup_with ? step->setup_with(ctx) : step->setup;
}

static int check_step(struct ktstr_ctx *ctx, const struct ktstr_step *step,
		      struct ktstr_error *error)
{
	struct ktstr_defs setup;
	int err = hold_check(&step->hold, error);

	if (err)
		return err;
	if (step->setup.count && step->setup_with)
		return ktstr_error_set(error, -EINVAL,
				       "both setup and setup_with are set, pick one");
	setup = plan_setup(ctx, step);
	if (setup.count && !setup.defs)
		return ktstr_error_set(error, -ENOMEM, "setup_with gives %zu cgroups and no memory",
				       setup.count);
	err = check_defs(ctx, &setup, error);
	return err ? err
		   : ops_check(ctx, &step->ops, step->hold.kind == KTSTR_HOLD_KIND_LOOP, error);
}

static int check_backdrop(struct ktstr_ctx *ctx, const struct ktstr_backdrop *backdrop,
			  struct ktstr_error *error)
{
	int err = check_defs(ctx, &backdrop->cgroups, error);

	return err ? err : ops_check(ctx, &backdrop->ops, false, error);
}

int plan_check(struct ktstr_ctx *ctx, const struct ktstr_scenario *scenario,
	       struct ktstr_error *error)
{
	int err = check_backdrop(ctx, &scenario->backdrop, error);

	if (err)
		return ktstr_error_wrap(error, err, "backdrop");
	for (size_t k = 0; k < scenario->steps.count; k++) {
		err = check_step(ctx, &scenario->steps.steps[k], error);
		if (err)
			return ktstr_error_wrap(error, err, "step %zu", k);
	}
	return 0;
}

unsigned plan_def_controllers(const struct ktstr_cgroup_def *def)
{
	unsigned controllers = limits_controllers(def);

	if (def->cpuset.kind != KTSTR_CPUSET_INHERIT)
		controllers |= KTSTR_CONTROLLER_CPUSET;
	return controllers;
}

static unsigned defs_controllers(const struct ktstr_defs *defs)
{
	unsigned controllers = 0;

	for (size_t i = 0; i < defs->count; i++)
		controllers |= plan_def_controllers(&defs->defs[i]);
	return controllers;
}

unsigned plan_controllers(struct ktstr_ctx *ctx, const struct ktstr_scenario *scenario)
{
	unsigned controllers = defs_controllers(&scenario->backdrop.cgroups) |
			       ops_controllers(&scenario->backdrop.ops);

	for (size_t k = 0; k < scenario->steps.count; k++) {
		const struct ktstr_step *step = &scenario->steps.steps[k];
		const struct ktstr_defs setup = plan_setup(ctx, step);

		controllers |= defs_controllers(&setup) | ops_controllers(&step->ops);
	}
	return controllers;
}
