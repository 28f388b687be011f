// SPDX-License-Identifier: GPL-2.0-only
/* Loads of different kinds and sizes beside each other. */
#include <ktstr/scenarios.h>

#include "scenario/canned/canned.h"

#define HOLD(fraction) KTSTR_STEP(.hold = KTSTR_HOLD_FRAC(fraction))
#define QUIET .workers = 1, .work = KTSTR_WORK(yield_heavy)

int ktstr_scenario_custom_cgroup_add_load_imbalance(struct ktstr_ctx *ctx)
{
	return ktstr_execute_scenario(
		ctx,
		KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("cg_0", QUIET),
						     KTSTR_CGROUP("cg_1", QUIET))),
		SETTLED(0.5),
		KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("cg_2", .workers = 16)),
			   .hold = KTSTR_HOLD_FRAC(0.5)));
}

int ktstr_scenario_custom_cgroup_imbalance_mixed_workload(struct ktstr_ctx *ctx)
{
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0", .workers = 8),
				  KTSTR_CGROUP("cg_1", .work = BURSTY(100, 50)),
				  KTSTR_CGROUP("cg_2", .work = KTSTR_WORK(io_sync_write)));
}

int ktstr_scenario_mixed_workloads(struct ktstr_ctx *ctx)
{
	return ktstr_scenario_custom_cgroup_imbalance_mixed_workload(ctx);
}

int ktstr_scenario_custom_cgroup_load_oscillation(struct ktstr_ctx *ctx)
{
	unsigned heavy = 2 * ktstr_ctx_workers_per_cgroup(ctx);

#define SIDES(heavy_one, light_one, hold_)                                                         \
	KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP(heavy_one, .workers = heavy),                  \
				       KTSTR_CGROUP(light_one, QUIET)),                            \
		   .hold = hold_)
	const struct ktstr_hold quarter = KTSTR_HOLD_FRAC(0.25);

	return ktstr_execute_steps(ctx, SIDES("cg_0", "cg_1", ktstr_settled_hold(ctx, 0.25)),
				   SIDES("cg_1", "cg_0", quarter), SIDES("cg_0", "cg_1", quarter),
				   SIDES("cg_1", "cg_0", quarter));
#undef SIDES
}

int ktstr_scenario_custom_cgroup_4way_load_imbalance(struct ktstr_ctx *ctx)
{
	if (canned_skip(ctx, ktstr_machine_num_cpus(ktstr_ctx_machine(ctx)), 5, "CPUs"))
		return 0;
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0", .workers = 16),
				  KTSTR_CGROUP("cg_1", QUIET), KTSTR_CGROUP("cg_2", .workers = 8),
				  KTSTR_CGROUP("cg_3", .workers = 4));
}

int ktstr_scenario_custom_cgroup_no_ctrl_load_imbalance(struct ktstr_ctx *ctx)
{
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0", .workers = 16),
				  KTSTR_CGROUP("cg_1", QUIET));
}

int ktstr_scenario_custom_cgroup_io_compute_imbalance(struct ktstr_ctx *ctx)
{
	unsigned cpus = ktstr_machine_num_cpus(ktstr_ctx_machine(ctx));

	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0", .work = KTSTR_WORK(io_sync_write)),
				  KTSTR_CGROUP("cg_1", .workers = cpus));
}

#define MOVE(from, to, fraction)                                                                   \
	KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_MOVE_ALL_TASKS(from, to)),                               \
		   .hold = KTSTR_HOLD_FRAC(fraction))
#define THERE_AND_BACK(a, b, fraction) MOVE(a, b, fraction), MOVE(b, a, fraction)

int ktstr_scenario_custom_cgroup_no_ctrl_task_migration(struct ktstr_ctx *ctx)
{
	return ktstr_execute_scenario(
		ctx,
		KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("cg_0"),
						     KTSTR_CGROUP("cg_mobile")),
			       .ops = KTSTR_OPS(KTSTR_ADD_CGROUP("cg_1"))),
		KTSTR_STEP(.hold = canned_brief_hold(ctx, 2000)),
		THERE_AND_BACK("cg_mobile", "cg_1", 0.1), THERE_AND_BACK("cg_mobile", "cg_1", 0.1),
		THERE_AND_BACK("cg_mobile", "cg_1", 0.1), THERE_AND_BACK("cg_mobile", "cg_1", 0.1),
		MOVE("cg_mobile", "cg_1", 0.1), HOLD(0.1));
}

int ktstr_scenario_custom_cgroup_no_ctrl_imbalance(struct ktstr_ctx *ctx)
{
	const double sixth = 1.0 / 6;

	return ktstr_execute_scenario(
		ctx,
		KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("heavy", .workers = 6),
						     KTSTR_CGROUP("mobile", .workers = 2),
						     KTSTR_CGROUP("light", .workers = 2,
								  .work = BURSTY(50, 100))),
			       .ops = KTSTR_OPS(KTSTR_ADD_CGROUP("cg_overflow"))),
		KTSTR_STEP(.hold = KTSTR_HOLD_MS(ktstr_ctx_settle_ms(ctx))),
		THERE_AND_BACK("mobile", "cg_overflow", sixth),
		THERE_AND_BACK("mobile", "cg_overflow", sixth),
		MOVE("mobile", "cg_overflow", sixth), HOLD(sixth));
}
