// SPDX-License-Identifier: GPL-2.0-only
/* Workers whose affinity changes under them. */
#include <ktstr/scenarios.h>

#include "check/verdict.h"
#include "scenario/canned/canned.h"
#include "scenario/ctx.h"

/* Pinned workers share two CPUs: they are all off the CPU a lot, and none much more than another.
 */
#define PINNED_SPREAD_PCT 75

int ktstr_scenario_custom_cgroup_affinity_change(struct ktstr_ctx *ctx)
{
	unsigned cpus = ktstr_machine_num_cpus(ktstr_ctx_machine(ctx));
	unsigned half = cpus / 2 ? cpus / 2 : 1;
	cpu_set_t all;

	ktstr_machine_cpus(ktstr_ctx_machine(ctx), &all);
#define SCATTER                                                                                    \
	KTSTR_STEP(.ops = KTSTR_OPS(                                                               \
			   KTSTR_SET_AFFINITY("cg_0", KTSTR_AFFINITY_RANDOM_SUBSET(&all, half)),   \
			   KTSTR_SET_AFFINITY("cg_1", KTSTR_AFFINITY_RANDOM_SUBSET(&all, half))),  \
		   .hold = KTSTR_HOLD_FRAC(0.2))
	return ktstr_execute_scenario(
		ctx,
		KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("cg_0"), KTSTR_CGROUP("cg_1"))),
		SETTLED(0.2), SCATTER, SCATTER, SCATTER, SCATTER);
#undef SCATTER
}

int ktstr_scenario_affinity_change(struct ktstr_ctx *ctx)
{
	return ktstr_scenario_custom_cgroup_affinity_change(ctx);
}

/* Free for a while, then pinned for the rest. */
static int pin(struct ktstr_ctx *ctx, struct ktstr_backdrop backdrop, struct ktstr_hold free,
	       const cpu_set_t *of_0, const cpu_set_t *of_1)
{
	const struct ktstr_check own = {
		.not_stuck = KTSTR_YES,
		.max_spread_pct = PINNED_SPREAD_PCT,
	};
	const struct ktstr_check check = check_merge(&own, &ctx->check);

	return ktstr_execute(
		ctx,
		&(const struct ktstr_scenario){
			.backdrop = backdrop,
			.steps = KTSTR_STEPS(
				KTSTR_STEP(.hold = free),
				KTSTR_STEP(.ops = KTSTR_OPS(
						   KTSTR_SET_AFFINITY("cg_0",
								      KTSTR_AFFINITY_EXACT(of_0)),
						   KTSTR_SET_AFFINITY(
							   "cg_1", KTSTR_AFFINITY_EXACT(of_1))))),
			.check = &check,
		});
}

int ktstr_scenario_custom_cgroup_multicpu_pin(struct ktstr_ctx *ctx)
{
	uint64_t settle_ms = ktstr_ctx_settle_ms(ctx);
	cpu_set_t two = canned_usable_range(ctx, 0, 2);

	return pin(
		ctx,
		KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("cg_0"), KTSTR_CGROUP("cg_1"))),
		canned_brief_hold(ctx, settle_ms > 500 ? settle_ms : 500), &two, &two);
}

int ktstr_scenario_affinity_pinned(struct ktstr_ctx *ctx)
{
	return ktstr_scenario_custom_cgroup_multicpu_pin(ctx);
}

int ktstr_scenario_custom_cgroup_cpuset_multicpu_pin(struct ktstr_ctx *ctx)
{
	unsigned usable = canned_usable(ctx), half = usable / 2;
	cpu_set_t left = canned_usable_range(ctx, 0, half < 2 ? half : 2);
	cpu_set_t right = canned_usable_range(ctx, half, 2);

	if (canned_skip(ctx, usable, 2, "usable CPUs"))
		return 0;
	return pin(
		ctx,
		KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(
				       KTSTR_CGROUP("cg_0", .cpuset = KTSTR_CPUS_DISJOINT(0, 2)),
				       KTSTR_CGROUP("cg_1", .cpuset = KTSTR_CPUS_DISJOINT(1, 2)))),
		KTSTR_HOLD_MS(ktstr_ctx_settle_ms(ctx)), &left, &right);
}
