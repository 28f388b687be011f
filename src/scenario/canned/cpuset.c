// SPDX-License-Identifier: GPL-2.0-only
/* Cpusets that appear, go, grow, shrink and change places under running workers. */
#include <ktstr/scenarios.h>

#include "scenario/canned/canned.h"

#define THIRD (1.0 / 3)

/* The two cgroups of a backdrop, with these CPUs. */
#define TWO_WITH(a, b)                                                                             \
	KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("cg_0", .cpuset = a),                    \
					     KTSTR_CGROUP("cg_1", .cpuset = b)))
/* A step that gives them others. */
#define GIVE(a, b, fraction)                                                                       \
	KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_SET_CPUSET("cg_0", a), KTSTR_SET_CPUSET("cg_1", b)),     \
		   .hold = KTSTR_HOLD_FRAC(fraction))
#define HOLD(fraction) KTSTR_STEP(.hold = KTSTR_HOLD_FRAC(fraction))
#define LEFT KTSTR_CPUS_DISJOINT(0, 2)
#define RIGHT KTSTR_CPUS_DISJOINT(1, 2)
#define LOWER KTSTR_CPUS_RANGE(0, 0.5)
#define UPPER KTSTR_CPUS_RANGE(0.5, 1)

static unsigned num_cpus(const struct ktstr_ctx *ctx)
{
	return ktstr_machine_num_cpus(ktstr_ctx_machine(ctx));
}

int ktstr_scenario_custom_cgroup_cpuset_apply_midrun(struct ktstr_ctx *ctx)
{
	if (canned_skip(ctx, canned_usable(ctx), 2, "usable CPUs"))
		return 0;
	return ktstr_execute_scenario(
		ctx,
		KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("cg_0"), KTSTR_CGROUP("cg_1"))),
		SETTLED(0.5), GIVE(LEFT, RIGHT, 0.5));
}

int ktstr_scenario_cpuset_apply(struct ktstr_ctx *ctx)
{
	return ktstr_scenario_custom_cgroup_cpuset_apply_midrun(ctx);
}

int ktstr_scenario_custom_cgroup_cpuset_clear_midrun(struct ktstr_ctx *ctx)
{
	if (canned_skip(ctx, canned_usable(ctx), 2, "usable CPUs"))
		return 0;
	return ktstr_execute_scenario(
		ctx, TWO_WITH(LEFT, RIGHT), SETTLED(0.5),
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_CLEAR_CPUSET("cg_0"), KTSTR_CLEAR_CPUSET("cg_1")),
			   .hold = KTSTR_HOLD_FRAC(0.5)));
}

int ktstr_scenario_cpuset_clear(struct ktstr_ctx *ctx)
{
	return ktstr_scenario_custom_cgroup_cpuset_clear_midrun(ctx);
}

/* The same, but in a scenario where nothing else needs a controller. */
int ktstr_scenario_custom_cgroup_no_ctrl_cpuset_change(struct ktstr_ctx *ctx)
{
	return ktstr_scenario_custom_cgroup_cpuset_clear_midrun(ctx);
}

int ktstr_scenario_custom_cgroup_cpuset_resize(struct ktstr_ctx *ctx)
{
	if (canned_skip(ctx, num_cpus(ctx), 4, "CPUs"))
		return 0;
	return ktstr_execute_scenario(
		ctx, TWO_WITH(LOWER, UPPER), SETTLED(THIRD),
		GIVE(KTSTR_CPUS_RANGE(0, 0.25), KTSTR_CPUS_RANGE(0.25, 1), THIRD),
		GIVE(KTSTR_CPUS_RANGE(0, 0.75), KTSTR_CPUS_RANGE(0.75, 1), THIRD));
}

int ktstr_scenario_cpuset_resize(struct ktstr_ctx *ctx)
{
	return ktstr_scenario_custom_cgroup_cpuset_resize(ctx);
}

int ktstr_scenario_custom_cgroup_cpuset_swap_disjoint(struct ktstr_ctx *ctx)
{
	if (canned_skip(ctx, num_cpus(ctx), 8, "CPUs"))
		return 0;
	return ktstr_execute_scenario(ctx, TWO_WITH(LOWER, UPPER), SETTLED(THIRD),
				      GIVE(UPPER, LOWER, THIRD), GIVE(LOWER, UPPER, THIRD));
}

int ktstr_scenario_custom_cgroup_cpuset_workload_imbalance(struct ktstr_ctx *ctx)
{
	unsigned crowd = canned_usable(ctx) / 2 * 2;

	if (canned_skip(ctx, canned_usable(ctx), 2, "usable CPUs"))
		return 0;
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0", .cpuset = LEFT, .workers = crowd),
				  KTSTR_CGROUP("cg_1", .cpuset = RIGHT, .work = BURSTY(50, 100)));
}

int ktstr_scenario_custom_cgroup_cpuset_imbalance_combined(struct ktstr_ctx *ctx)
{
	unsigned crowd = canned_usable(ctx) / 2 * 2;

	if (canned_skip(ctx, canned_usable(ctx), 2, "usable CPUs"))
		return 0;
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0", .cpuset = LEFT, .workers = crowd),
				  KTSTR_CGROUP("cg_1", .cpuset = RIGHT, .workers = 2,
					       .work = BURSTY(50, 150)));
}

int ktstr_scenario_custom_cgroup_cpuset_change_imbalance(struct ktstr_ctx *ctx)
{
	unsigned middle = (num_cpus(ctx) - 1) / 2;
	cpu_set_t one = canned_nth_cpu(ctx, middle);

	if (canned_skip(ctx, num_cpus(ctx), 4, "CPUs"))
		return 0;
	return ktstr_execute_scenario(
		ctx,
		KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(
				       KTSTR_CGROUP("cg_0", .cpuset = LOWER, .workers = middle * 2),
				       KTSTR_CGROUP("cg_1", .cpuset = UPPER, .workers = 2,
						    .work = BURSTY(30, 100)))),
		SETTLED(THIRD),
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_SET_CPUSET("cg_1", KTSTR_CPUS_EXACT(&one))),
			   .hold = KTSTR_HOLD_FRAC(THIRD)),
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_SET_CPUSET("cg_1", UPPER)),
			   .hold = KTSTR_HOLD_FRAC(THIRD)));
}

int ktstr_scenario_custom_cgroup_cpuset_numa_swap(struct ktstr_ctx *ctx)
{
	if (canned_skip(ctx, ktstr_machine_num_numa_nodes(ktstr_ctx_machine(ctx)), 2, "NUMA nodes"))
		return 0;
	return ktstr_execute_scenario(ctx, TWO_WITH(KTSTR_CPUS_NUMA(0), KTSTR_CPUS_NUMA(1)),
				      SETTLED(0.5),
				      GIVE(KTSTR_CPUS_NUMA(1), KTSTR_CPUS_NUMA(0), 0.5));
}

int ktstr_scenario_custom_cgroup_cpuset_load_shift(struct ktstr_ctx *ctx)
{
	if (canned_skip(ctx, canned_usable(ctx), 2, "usable CPUs"))
		return 0;
	return ktstr_execute_scenario(
		ctx,
		KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(
				       KTSTR_CGROUP("cg_0", .cpuset = LEFT, .workers = 16),
				       KTSTR_CGROUP("cg_1", .cpuset = RIGHT, .workers = 1,
						    .work = KTSTR_WORK(yield_heavy)))),
		SETTLED(0.5),
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_SPAWN("cg_1", .workers = 16)),
			   .hold = KTSTR_HOLD_FRAC(0.5)));
}

int ktstr_scenario_custom_cgroup_cpuset_add_remove(struct ktstr_ctx *ctx)
{
	if (canned_skip(ctx, num_cpus(ctx), 4, "CPUs"))
		return 0;
	return ktstr_execute_scenario(
		ctx, TWO_WITH(KTSTR_CPUS_DISJOINT(0, 3), KTSTR_CPUS_DISJOINT(1, 3)), SETTLED(THIRD),
		KTSTR_STEP(.setup = KTSTR_DEFS(
				   KTSTR_CGROUP("cg_2", .cpuset = KTSTR_CPUS_DISJOINT(2, 3))),
			   .hold = KTSTR_HOLD_FRAC(THIRD)),
		HOLD(THIRD));
}

/* Sets of half of all CPUs that reach by half into each other. */
int ktstr_scenario_custom_cgroup_cpuset_overlap_imbalance_combined(struct ktstr_ctx *ctx)
{
	cpu_set_t sets[3];

	for (unsigned i = 0; i < 3; i++) {
		ktstr_machine_overlapping_cpus(ktstr_ctx_machine(ctx), i, 3, 0.5, &sets[i]);
		if (!CPU_COUNT(&sets[i])) {
			ktstr_skip(ctx, "too few CPUs for three overlapping sets");
			return 0;
		}
	}
	return ktstr_execute_defs(
		ctx, KTSTR_CGROUP("cg_0", .cpuset = KTSTR_CPUS_EXACT(&sets[0]), .workers = 12),
		KTSTR_CGROUP("cg_1", .cpuset = KTSTR_CPUS_EXACT(&sets[1]), .workers = 2,
			     .work = BURSTY(50, 100)),
		KTSTR_CGROUP("cg_2", .cpuset = KTSTR_CPUS_EXACT(&sets[2]), .workers = 1,
			     .work = KTSTR_WORK(yield_heavy)));
}
