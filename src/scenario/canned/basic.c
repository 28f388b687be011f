// SPDX-License-Identifier: GPL-2.0-only
/* Two cgroups side by side, in plain ways. */
#include <ktstr/scenarios.h>

#include "scenario/canned/canned.h"

int ktstr_scenario_steady(struct ktstr_ctx *ctx)
{
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0"), KTSTR_CGROUP("cg_1"));
}

int ktstr_scenario_steady_llc(struct ktstr_ctx *ctx)
{
	if (canned_skip(ctx, ktstr_machine_num_llcs(ktstr_ctx_machine(ctx)), 2, "LLCs"))
		return 0;
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0", .cpuset = KTSTR_CPUS_LLC(0)),
				  KTSTR_CGROUP("cg_1", .cpuset = KTSTR_CPUS_LLC(1)));
}

int ktstr_scenario_oversubscribed(struct ktstr_ctx *ctx)
{
	return ktstr_execute_defs(ctx,
				  KTSTR_CGROUP("cg_0", .workers = 32, .work = KTSTR_WORK(mixed)),
				  KTSTR_CGROUP("cg_1", .workers = 32, .work = KTSTR_WORK(mixed)));
}

int ktstr_scenario_custom_host_cgroup_contention(struct ktstr_ctx *ctx)
{
	unsigned cpus = ktstr_machine_num_cpus(ktstr_ctx_machine(ctx));

	return ktstr_execute_steps(
		ctx, KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("cg_0"), KTSTR_CGROUP("cg_1")),
				.ops = KTSTR_OPS(KTSTR_SPAWN_HOST(.workers = cpus))));
}

int ktstr_scenario_host_contention(struct ktstr_ctx *ctx)
{
	return ktstr_scenario_custom_host_cgroup_contention(ctx);
}

/* Two workers of each class. The FIFO ones leave room: they would starve the rest. */
#define EVERY_CLASS(cgroup)                                                                        \
	KTSTR_SPAWN(cgroup, .workers = 2),                                                         \
		KTSTR_SPAWN(cgroup, .workers = 2, .policy = KTSTR_POLICY_BATCH()),                 \
		KTSTR_SPAWN(cgroup, .workers = 2, .policy = KTSTR_POLICY_IDLE()),                  \
		KTSTR_SPAWN(cgroup, .workers = 2, .policy = KTSTR_POLICY_FIFO(1),                  \
			    .work = BURSTY(500, 250))

int ktstr_scenario_custom_sched_mixed(struct ktstr_ctx *ctx)
{
	return ktstr_execute_steps(
		ctx, KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("cg_0"), KTSTR_ADD_CGROUP("cg_1"),
						 EVERY_CLASS("cg_0"), EVERY_CLASS("cg_1"))));
}

int ktstr_scenario_custom_cgroup_pipe_io(struct ktstr_ctx *ctx)
{
	unsigned spinners = ktstr_ctx_workers_per_cgroup(ctx);

	return ktstr_execute_steps(
		ctx,
		KTSTR_STEP(.ops = KTSTR_OPS(
				   KTSTR_ADD_CGROUP("cg_0"), KTSTR_ADD_CGROUP("cg_1"),
				   KTSTR_SPAWN("cg_0", .workers = 2,
					       .work = KTSTR_WORK(pipe_io, .burst_iters = 1024)),
				   KTSTR_SPAWN("cg_0", .workers = spinners),
				   KTSTR_SPAWN("cg_1", .workers = 2,
					       .work = KTSTR_WORK(pipe_io, .burst_iters = 1024)),
				   KTSTR_SPAWN("cg_1", .workers = spinners))));
}
