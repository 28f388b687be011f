// SPDX-License-Identifier: GPL-2.0-only
/* Limits: the scheduler's, the test's, and a failure that is expected. */
#include <ktstr/ktstr.h>

static const struct ktstr_scheduler fixture = {
	.name = "ktstr_fixture",
	.bpf_object = "ktstr_fixture.bpf.o",
	.topology = { .cores = 2 },
	.check = { .not_stuck = KTSTR_YES, .isolation = KTSTR_YES, .max_gap_ms = 1500,
		   .max_spread_pct = 60 },
};

/* All come from the scheduler but the gap limit, which is from here. */
KTSTR_TEST(tighter_gap, .scheduler = &fixture, .duration_ms = 1000, .check = { .max_gap_ms = 1000 })
{
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0", .workers = 4));
}

/* Sleeps that belong to the work count as gaps: here only the spread says something. */
KTSTR_TEST(only_the_spread, .scheduler = &fixture, .duration_ms = 1000,
	   .check = { .not_stuck = KTSTR_NO, .isolation = KTSTR_NO, .max_spread_pct = 50 })
{
	return ktstr_execute_defs(ctx,
		KTSTR_CGROUP("cg_0", .workers = 2,
			     .work = KTSTR_WORK(bursty, .burst_ms = 1, .sleep_ms = 20)));
}

/* The starving fixture stops all workers for 1.2 s at a time: this has to be noticed. */
static const struct ktstr_scheduler starving = {
	.name = "ktstr_starve",
	.bpf_object = "ktstr_starve.bpf.o",
	.check = { .max_gap_ms = 1000 },
};

KTSTR_TEST(starvation_is_noticed, .scheduler = &starving, .duration_ms = 3000, .expect_err = true)
{
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0", .workers = 2));
}

KTSTR_TEST(a_check_of_ones_own, .duration_ms = 500)
{
	const struct ktstr_machine *machine = ktstr_ctx_machine(ctx);
	unsigned cpus = ktstr_machine_num_cpus(machine);

	if (cpus < 2)
		ktstr_skip(ctx, "needs 2 CPUs, has %u", cpus);
	else if (ktstr_machine_num_llcs(machine) > cpus)
		ktstr_fail(ctx, "%u LLCs on %u CPUs", ktstr_machine_num_llcs(machine), cpus);
	else
		ktstr_note(ctx, "%u CPUs", cpus);
	return 0;
}
