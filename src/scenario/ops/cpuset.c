// SPDX-License-Identifier: GPL-2.0-only
/* Operations on the CPUs of cgroups: SetCpuset, ClearCpuset, SwapCpusets. */
#include <errno.h>

#include "cgroup/cgroup_name.h"
#include "scenario/op.h"
#include "scenario/plan.h"

static int resolve(const struct ktstr_ctx *ctx, const struct ktstr_op_set_cpuset_params *op,
		   cpu_set_t *ret_cpus, struct ktstr_error *error)
{
	char what[256];

	snprintf(what, sizeof(what), "cgroup '%.200s'", op->cgroup);
	return plan_cpuset(ctx, &op->cpuset, what,
			   "adjust it, or give the parent's cpus back with KTSTR_CLEAR_CPUSET",
			   ret_cpus, error);
}

static int check_set(struct ktstr_ctx *ctx, const void *params, bool in_loop,
		     struct ktstr_error *error)
{
	const struct ktstr_op_set_cpuset_params *op = params;
	cpu_set_t cpus;
	int err = cgroup_name_check(op->cgroup, error);

	(void)in_loop;
	if (!err && op->cpuset.kind == KTSTR_CPUSET_INHERIT)
		err = ktstr_error_set(error, -EINVAL,
				      "cgroup '%s': no cpus are named; to use the parent's again "
				      "write KTSTR_CLEAR_CPUSET",
				      op->cgroup);
	return err ? err : resolve(ctx, op, &cpus, error);
}

static int set(struct scenario_state *state, const char *cgroup, const cpu_set_t *cpus,
	       struct ktstr_error *error)
{
	int err = ktstr_cgroup_set_cpuset(state->ctx->cgroups, cgroup, cpus, error);

	return err ? err : scenario_record_cpuset(state, cgroup, cpus, error);
}

static int set_cpuset(struct scenario_state *state, const void *params, struct ktstr_error *error)
{
	const struct ktstr_op_set_cpuset_params *op = params;
	cpu_set_t cpus;
	int err = resolve(state->ctx, op, &cpus, error);

	return err ? err : set(state, op->cgroup, &cpus, error);
}

const struct ktstr_op_ops ktstr_op_set_cpuset = {
	.name = "SetCpuset",
	.bit = 3,
	.controllers = KTSTR_CONTROLLER_CPUSET,
	.check = check_set,
	.apply = set_cpuset,
};

static int check_clear(struct ktstr_ctx *ctx, const void *params, bool in_loop,
		       struct ktstr_error *error)
{
	const struct ktstr_op_cgroup_params *op = params;

	(void)ctx, (void)in_loop;
	return cgroup_name_check(op->cgroup, error);
}

static int clear_cpuset(struct scenario_state *state, const void *params, struct ktstr_error *error)
{
	const struct ktstr_op_cgroup_params *op = params;
	int err = ktstr_cgroup_clear_cpuset(state->ctx->cgroups, op->cgroup, error);

	if (!err)
		scenario_forget_cpuset(state, op->cgroup);
	return err;
}

const struct ktstr_op_ops ktstr_op_clear_cpuset = {
	.name = "ClearCpuset",
	.bit = 4,
	.controllers = KTSTR_CONTROLLER_CPUSET,
	.check = check_clear,
	.apply = clear_cpuset,
};

static int check_swap(struct ktstr_ctx *ctx, const void *params, bool in_loop,
		      struct ktstr_error *error)
{
	const struct ktstr_op_swap_cpusets_params *op = params;
	int err = cgroup_name_check(op->a, error);

	(void)ctx, (void)in_loop;
	return err ? err : cgroup_name_check(op->b, error);
}

/* Both are read before either is written. */
static int swap_cpusets(struct scenario_state *state, const void *params, struct ktstr_error *error)
{
	const struct ktstr_op_swap_cpusets_params *op = params;
	cpu_set_t of_a, of_b;
	int err = ktstr_cgroup_read_cpuset(state->ctx->cgroups, op->a, &of_a, error);

	if (!err)
		err = ktstr_cgroup_read_cpuset(state->ctx->cgroups, op->b, &of_b, error);
	if (!err && CPU_COUNT(&of_a))
		err = set(state, op->b, &of_a, error);
	if (!err && CPU_COUNT(&of_b))
		err = set(state, op->a, &of_b, error);
	return err;
}

const struct ktstr_op_ops ktstr_op_swap_cpusets = {
	.name = "SwapCpusets",
	.bit = 5,
	.controllers = KTSTR_CONTROLLER_CPUSET,
	.check = check_swap,
	.apply = swap_cpusets,
};
