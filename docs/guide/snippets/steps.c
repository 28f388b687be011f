// SPDX-License-Identifier: GPL-2.0-only
/* Steps one after another, operations in them, and a step that repeats its operations. */
#include <ktstr/ktstr.h>

KTSTR_TEST(change_places, .topology = { .llcs = 2, .cores = 2 }, .duration_ms = 1500,
	   .check = { .not_stuck = KTSTR_YES, .isolation = KTSTR_YES, .max_spread_pct = 60 })
{
	return ktstr_execute_steps(ctx,
		KTSTR_STEP(.setup = KTSTR_DEFS(
				KTSTR_CGROUP("a", .cpuset = KTSTR_CPUS_LLC(0), .workers = 2),
				KTSTR_CGROUP("b", .cpuset = KTSTR_CPUS_LLC(1), .workers = 2)),
			   .hold = KTSTR_HOLD_FRAC(0.5)),
		KTSTR_STEP(.setup = KTSTR_DEFS(
				KTSTR_CGROUP("a", .cpuset = KTSTR_CPUS_LLC(1), .workers = 2),
				KTSTR_CGROUP("b", .cpuset = KTSTR_CPUS_LLC(0), .workers = 2)),
			   .hold = KTSTR_HOLD_MS(500)));
}

KTSTR_TEST(in_this_order, .topology = { .llcs = 1, .cores = 2 }, .duration_ms = 500)
{
	return ktstr_execute_steps(ctx,
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("home"),
					    KTSTR_SPAWN("home", .workers = 2),
					    KTSTR_ADD_CGROUP_DEF("guest", .workers = 1),
					    KTSTR_MOVE_ALL_TASKS("guest", "home"),
					    KTSTR_REMOVE_CGROUP("guest")),
			   .setup = KTSTR_DEFS(KTSTR_CGROUP("late"))));
}

KTSTR_TEST(squeezed_again_and_again, .topology = { .llcs = 2, .cores = 2 }, .duration_ms = 800)
{
	return ktstr_execute_steps(ctx,
		KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("cg_0", .workers = 4)),
			   .ops = KTSTR_OPS(KTSTR_SET_CPUSET("cg_0", KTSTR_CPUS_LIST("0")),
					    KTSTR_CLEAR_CPUSET("cg_0")),
			   .hold = KTSTR_HOLD_LOOP_MS(100)));
}

/* As many cgroups as the machine has CPUs. */
static struct ktstr_defs one_for_each_cpu(struct ktstr_ctx *ctx)
{
	unsigned count = ktstr_machine_num_cpus(ktstr_ctx_machine(ctx));
	struct ktstr_cgroup_def *defs = ktstr_ctx_alloc(ctx, count * sizeof(*defs));
	char (*names)[16] = ktstr_ctx_alloc(ctx, count * sizeof(*names));

	for (unsigned i = 0; defs && names && i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "cpu_%u", i);
		defs[i] = KTSTR_CGROUP(names[i], .workers = 1);
	}
	return (struct ktstr_defs){ .defs = defs, .count = names ? count : 0 };
}

KTSTR_TEST(as_many_as_cpus, .topology = { .llcs = 1, .cores = 3 }, .duration_ms = 300)
{
	return ktstr_execute_steps(ctx, KTSTR_STEP(.setup_with = one_for_each_cpu));
}
