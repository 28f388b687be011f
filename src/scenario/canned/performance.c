// SPDX-License-Identifier: GPL-2.0-only
/* Work whose speed depends on where the scheduler puts it, judged by how even it is. */
#include <ktstr/scenarios.h>

#include "check/verdict.h"
#include "scenario/canned/canned.h"
#include "scenario/ctx.h"

/* The test's duration, and these checks where the test sets none of its own. */
static int judge_by(struct ktstr_ctx *ctx, struct ktstr_check check, struct ktstr_defs defs)
{
	check.not_stuck = KTSTR_YES;
	check = check_merge(&check, &ctx->check);
	return ktstr_execute(ctx, &(const struct ktstr_scenario){
					  .steps = KTSTR_STEPS(KTSTR_STEP(.setup = defs)),
					  .check = &check,
				  });
}

static unsigned num_cpus(const struct ktstr_ctx *ctx)
{
	return ktstr_machine_num_cpus(ktstr_ctx_machine(ctx));
}

/* The checks' own limit of spread is about equals; what shares a cgroup here does different work.
 */
#define UNEVEN_SPREAD_PCT 100

int ktstr_scenario_custom_cache_pressure_imbalance(struct ktstr_ctx *ctx)
{
	return judge_by(
		ctx,
		(struct ktstr_check){ .max_throughput_cv = 1.0,
				      .max_spread_pct = UNEVEN_SPREAD_PCT },
		KTSTR_DEFS(KTSTR_CGROUP("cg_0", .work = KTSTR_WORK(cache_pressure, .size_kib = 32,
								   .stride_bytes = 64)),
			   KTSTR_CGROUP("cg_1", .workers = num_cpus(ctx))));
}

int ktstr_scenario_custom_cache_yield_wake_affine(struct ktstr_ctx *ctx)
{
	const struct ktstr_work yielding = KTSTR_WORK(cache_yield, .size_kib = 32,
						      .stride_bytes = 64);

	if (canned_skip(ctx, ktstr_machine_num_llcs(ktstr_ctx_machine(ctx)), 2, "LLCs"))
		return 0;
	return judge_by(
		ctx,
		(struct ktstr_check){ .max_wake_latency_cv = 50,
				      .max_throughput_cv = 1.0,
				      .max_spread_pct = UNEVEN_SPREAD_PCT },
		KTSTR_DEFS(KTSTR_CGROUP("cg_0", .cpuset = KTSTR_CPUS_LLC(0), .work = yielding),
			   KTSTR_CGROUP("cg_1", .cpuset = KTSTR_CPUS_LLC(1), .work = yielding)));
}

int ktstr_scenario_custom_cache_pipe_io_compute_imbalance(struct ktstr_ctx *ctx)
{
	unsigned pairs = (ktstr_ctx_workers_per_cgroup(ctx) + 1) / 2;

	return judge_by(ctx,
			(struct ktstr_check){ .max_wake_latency_cv = 15,
					      .max_spread_pct = UNEVEN_SPREAD_PCT },
			KTSTR_DEFS(KTSTR_CGROUP("cg_0", .workers = 2 * pairs,
						.work = KTSTR_WORK(cache_pipe, .size_kib = 32,
								   .burst_iters = 1024)),
				   KTSTR_CGROUP("cg_1", .workers = num_cpus(ctx))));
}

/* One messenger and four receivers, as often as the test's workers allow, once at least. */
#define FAN_OUT 4
#define FAN_OUT_SPREAD_PCT 50

static int fan_out(struct ktstr_ctx *ctx, struct ktstr_work work)
{
	unsigned groups = ktstr_ctx_workers_per_cgroup(ctx) / (FAN_OUT + 1);

	return judge_by(ctx,
			(struct ktstr_check){ .max_wake_latency_cv = 10,
					      .max_spread_pct = FAN_OUT_SPREAD_PCT },
			KTSTR_DEFS(KTSTR_CGROUP("cg_0",
						.workers = (groups ? groups : 1) * (FAN_OUT + 1),
						.work = work),
				   KTSTR_CGROUP("cg_1", .workers = num_cpus(ctx))));
}

int ktstr_scenario_custom_fan_out_wake(struct ktstr_ctx *ctx)
{
	return fan_out(ctx, KTSTR_WORK(futex_fan_out, .fan_out = FAN_OUT, .spin_iters = 1024));
}

int ktstr_scenario_custom_fan_out_compute(struct ktstr_ctx *ctx)
{
	return fan_out(ctx,
		       KTSTR_WORK(fan_out_compute, .fan_out = FAN_OUT, .cache_footprint_kib = 256,
				  .operations = 5, .sleep_us = 100));
}
