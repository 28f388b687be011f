// SPDX-License-Identifier: GPL-2.0-only
/* Spawn: more workers, in a cgroup of the scenario or where the test itself runs. */
#include <errno.h>

#include "cgroup/cgroup_name.h"
#include "scenario/op.h"
#include "scenario/setup.h"

#define RUNNER_LABEL "<runner>"

static int check_pcomm(const struct ktstr_work_spec *spec, struct ktstr_error *error)
{
	if (!spec->pcomm || !*spec->pcomm)
		return 0;
	return ktstr_error_set(
		error, -EINVAL,
		"pcomm '%s' is not supported here; give it to a cgroup's definition, or "
		"call ktstr_workload_spawn_pcomm()",
		spec->pcomm);
}

static int check_runner(const struct ktstr_ctx *ctx, const struct ktstr_work_spec *spec,
			struct planned_work *ret_work, struct ktstr_error *error)
{
	if (spec->workers_pct)
		return ktstr_error_set(error, -EINVAL,
				       RUNNER_LABEL
				       ": workers_pct(%g) has no cpuset to scale; say how "
				       "many with .workers, or spawn into a cgroup",
				       spec->workers_pct);
	return plan_work(ctx, RUNNER_LABEL, NULL, spec, ret_work, error);
}

static int check_spawn(struct ktstr_ctx *ctx, const void *params, bool in_loop,
		       struct ktstr_error *error)
{
	const struct ktstr_op_spawn_params *op = params;
	struct planned_work work;
	int err;

	(void)in_loop;
	if (op->in_runner) {
		err = check_runner(ctx, &op->spec, &work, error);
		return err ? err : check_pcomm(&op->spec, error);
	}
	if (!op->cgroup || !*op->cgroup)
		return ktstr_error_set(
			error, -EINVAL,
			"no cgroup is named; workers that stay where the test runs are "
			"written KTSTR_SPAWN_HOST");
	err = cgroup_name_check(op->cgroup, error);
	return err ? err : check_pcomm(&op->spec, error);
}

static int spawn_in_cgroup(struct scenario_state *state, const struct ktstr_op_spawn_params *op,
			   struct ktstr_error *error)
{
	char names[SCENARIO_NAMES_MAX];
	struct planned_work work;
	int err;

	if (!scenario_owner(state, op->cgroup))
		return ktstr_error_set(error, -ENOENT,
				       "cgroup '%s' is not tracked (%s); create it first",
				       op->cgroup, scenario_names(state, names));
	err = plan_work(state->ctx, op->cgroup, scenario_cpuset(state, op->cgroup), &op->spec,
			&work, error);
	return err ? err : setup_workers(state, op->cgroup, &work, error);
}

static int spawn(struct scenario_state *state, const void *params, struct ktstr_error *error)
{
	const struct ktstr_op_spawn_params *op = params;
	struct planned_work work;
	int err;

	if (!op->in_runner)
		return spawn_in_cgroup(state, op, error);
	err = check_runner(state->ctx, &op->spec, &work, error);
	return err ? err : setup_workers(state, NULL, &work, error);
}

const struct ktstr_op_ops ktstr_op_spawn = {
	.name = "Spawn",
	.bit = 6,
	.check = check_spawn,
	.apply = spawn,
};
