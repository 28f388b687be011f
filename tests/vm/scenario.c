// SPDX-License-Identifier: GPL-2.0-only
/* The scenario engine on a real kernel: cgroups, cpusets, steps, holds, and nothing left after. */
#include <dirent.h>
#include <string.h>
#include <time.h>

#include "expect.h"

static unsigned long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (unsigned long)ts.tv_sec * 1000 + (unsigned long)ts.tv_nsec / 1000000;
}

/* Directories below the scenario's parent: each would be a leaked cgroup. */
static unsigned cgroups_left(void)
{
	DIR *dir = opendir(KTSTR_CGROUP_PARENT);
	unsigned left = 0;
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		left += entry->d_type == DT_DIR && entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return left;
}

KTSTR_TEST(empty)
{
	(void)ctx;
	return 0;
}

KTSTR_TEST(two_cgroups_run_side_by_side, .topology = { .llcs = 1, .cores = 2 }, .duration_ms = 500,
	   .check = { .not_stuck = KTSTR_YES, .max_spread_pct = 100 })
{
	int err = ktstr_execute_defs(ctx,
		KTSTR_CGROUP("cg_0", .workers = 2),
		KTSTR_CGROUP("cg_1", .workers = 2, .work = KTSTR_WORK(bursty, .burst_ms = 10, .sleep_ms = 5)));

	EXPECT(ctx, cgroups_left() == 0, "%u", cgroups_left());
	return err;
}

KTSTR_TEST(workers_stay_on_their_llc, .topology = { .llcs = 2, .cores = 2 }, .duration_ms = 600,
	   .check = { .isolation = KTSTR_YES, .not_stuck = KTSTR_YES, .max_spread_pct = 100 })
{
	return ktstr_execute_steps(ctx,
		KTSTR_STEP(.setup = KTSTR_DEFS(
				KTSTR_CGROUP("left", .cpuset = KTSTR_CPUS_LLC(0), .workers_pct = 1.0),
				KTSTR_CGROUP("right", .cpuset = KTSTR_CPUS_LLC(1), .workers = 3)),
			   .hold = KTSTR_HOLD_FRAC(0.5)),
		KTSTR_STEP(.setup = KTSTR_DEFS(
				KTSTR_CGROUP("left", .cpuset = KTSTR_CPUS_LLC(1), .workers = 2),
				KTSTR_CGROUP("right", .cpuset = KTSTR_CPUS_LLC(0), .workers = 2,
					     .work = KTSTR_WORK(mixed))),
			   .hold = KTSTR_HOLD_FRAC(0.5)));
}

KTSTR_TEST(every_cpuset_form_is_written, .topology = { .numa_nodes = 2, .llcs = 2, .cores = 2 }, .duration_ms = 300,
	   .check = { .isolation = KTSTR_YES })
{
	cpu_set_t third;

	CPU_ZERO(&third);
	CPU_SET(2, &third);
	return ktstr_execute_defs(ctx,
		KTSTR_CGROUP("numa", .cpuset = KTSTR_CPUS_NUMA(1)),
		KTSTR_CGROUP("range", .cpuset = KTSTR_CPUS_RANGE(0.0, 0.5)),
		KTSTR_CGROUP("disjoint", .cpuset = KTSTR_CPUS_DISJOINT(1, 2)),
		KTSTR_CGROUP("overlap", .cpuset = KTSTR_CPUS_OVERLAP(0, 2, 0.5)),
		KTSTR_CGROUP("exact", .cpuset = KTSTR_CPUS_EXACT(&third)),
		KTSTR_CGROUP("list", .cpuset = KTSTR_CPUS_LIST("0,3")),
		KTSTR_CGROUP("nested/inner", .work = KTSTR_WORK(yield_heavy)));
}

KTSTR_TEST(holds_share_one_duration, .duration_ms = 400)
{
	unsigned long before = now_ms(), took;
	int err = ktstr_execute_steps(ctx,
		KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("a")), .hold = KTSTR_HOLD_MS(400)),
		KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("b")), .hold = KTSTR_HOLD_MS(400)));

	took = now_ms() - before;
	/* The second hold finds the budget used up; 2 s is set-up and tear-down on a slow guest. */
	EXPECT(ctx, took >= 400 && took < 2400, "%lu ms", took);
	return err;
}

/* A test's settle goes before what scenarios of the catalogue do, within the duration. */
KTSTR_TEST(settle_is_the_tests, .topology = { .llcs = 1, .cores = 2 }, .duration_ms = 200, .settle_ms = 50)
{
	const struct ktstr_hold hold = ktstr_settled_hold(ctx, 0.5);

	if (ktstr_ctx_settle_ms(ctx) != 50 || hold.ms != 150)
		ktstr_fail(ctx, "settle %llu ms, hold %llu ms", (unsigned long long)ktstr_ctx_settle_ms(ctx),
			   (unsigned long long)hold.ms);
	return ktstr_scenario_affinity_change(ctx);
}
