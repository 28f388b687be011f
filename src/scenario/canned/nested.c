// SPDX-License-Identifier: GPL-2.0-only
/* Cgroups inside cgroups. */
#include <ktstr/scenarios.h>

#include "scenario/canned/canned.h"

int ktstr_scenario_custom_nested_cgroup_steady(struct ktstr_ctx *ctx)
{
	return ktstr_execute_steps(
		ctx, KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("cg_0"), KTSTR_ADD_CGROUP("cg_1"),
						 KTSTR_ADD_CGROUP("cg_1/sub_a")),
				.setup = KTSTR_DEFS(KTSTR_CGROUP("cg_0/sub_a"),
						    KTSTR_CGROUP("cg_0/sub_b"),
						    KTSTR_CGROUP("cg_1/sub_b"),
						    KTSTR_CGROUP("cg_1/sub_a/deep"))));
}

int ktstr_scenario_nested_steady(struct ktstr_ctx *ctx)
{
	return ktstr_scenario_custom_nested_cgroup_steady(ctx);
}

#define MOVE(from, to)                                                                             \
	KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_MOVE_ALL_TASKS(from, to)), .hold = KTSTR_HOLD_FRAC(0.25))

int ktstr_scenario_custom_nested_cgroup_task_move(struct ktstr_ctx *ctx)
{
	return ktstr_execute_scenario(
		ctx,
		KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("cg_0/sub")),
			       .ops = KTSTR_OPS(KTSTR_ADD_CGROUP("cg_0"), KTSTR_ADD_CGROUP("cg_1"),
						KTSTR_ADD_CGROUP("cg_1/sub"))),
		KTSTR_STEP(.hold = KTSTR_HOLD_FRAC(0.25)), MOVE("cg_0/sub", "cg_0"),
		MOVE("cg_0", "cg_1/sub"), MOVE("cg_1/sub", "cg_1"));
}

int ktstr_scenario_nested_task_move(struct ktstr_ctx *ctx)
{
	return ktstr_scenario_custom_nested_cgroup_task_move(ctx);
}

/* Half of the CPUs, within it a quarter: the inner cpuset is what the workers are held to. */
int ktstr_scenario_custom_nested_cgroup_cpuset(struct ktstr_ctx *ctx)
{
	cpu_set_t half = canned_usable_range(ctx, 0, canned_usable(ctx) / 2);
	cpu_set_t quarter = canned_usable_range(ctx, 0, (canned_usable(ctx) + 3) / 4);

	if (canned_skip(ctx, ktstr_machine_num_cpus(ktstr_ctx_machine(ctx)), 4, "CPUs"))
		return 0;
	return ktstr_execute_scenario(
		ctx,
		KTSTR_BACKDROP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("cg_0"),
						KTSTR_SET_CPUSET("cg_0", KTSTR_CPUS_EXACT(&half)))),
		KTSTR_STEP(.hold = canned_brief_hold(ctx, 2000)),
		KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP(
				   "cg_0/narrow", .cpuset = KTSTR_CPUS_EXACT(&quarter)))));
}

int ktstr_scenario_custom_nested_cgroup_imbalance(struct ktstr_ctx *ctx)
{
	return ktstr_execute_steps(
		ctx,
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("cg_0"), KTSTR_ADD_CGROUP("cg_1")),
			   .setup = KTSTR_DEFS(KTSTR_CGROUP("cg_0/sub_a", .workers = 8),
					       KTSTR_CGROUP("cg_1/sub_b", .workers = 2,
							    .work = BURSTY(50, 100)))));
}

int ktstr_scenario_custom_nested_cgroup_no_ctrl(struct ktstr_ctx *ctx)
{
	return ktstr_execute_steps(ctx,
				   KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("cg_0"),
							       KTSTR_ADD_CGROUP("cg_0/sub_a"),
							       KTSTR_ADD_CGROUP("cg_1")),
					      .setup = KTSTR_DEFS(KTSTR_CGROUP("cg_0/sub_a/deep"),
								  KTSTR_CGROUP("cg_1/sub_b"))));
}
