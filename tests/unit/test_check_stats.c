// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>

#include "check/stats.h"
#include "unit.h"

#include "check_reports.h"

static struct report_table table;

#define assert_near(actual, expected)                                                              \
	do {                                                                                       \
		double actual_ = (actual), expected_ = (expected);                                 \
		if (!(fabs(actual_ - expected_) < 1e-9))                                           \
			fail_msg("%s is %.12g, not %.12g", #actual, actual_, expected_);           \
	} while (0)

static void cgroup_stats_roll_up_adds_and_picks(void **state)
{
	const struct ktstr_reports *reports = REPORTS(&table,
						      { .tid = 1,
							.wall_ms = 1000,
							.off_cpu_ms = 100,
							.cpus = 0x3,
							.gap_ms = 10,
							.gap_cpu = 1,
							.migrations = 3,
							.iterations = 100,
							.run_delay_us = 50 },
						      { .tid = 2,
							.wall_ms = 1000,
							.off_cpu_ms = 300,
							.cpus = 0x6,
							.gap_ms = 21,
							.gap_cpu = 2,
							.migrations = 1,
							.iterations = 300,
							.run_delay_us = 150 });
	struct cgroup_stats stats;

	(void)state;
	assert_int_equal(cgroup_stats_roll_up(&stats, reports), 0);
	assert_int_equal(stats.num_workers, 2);
	assert_int_equal(CPU_COUNT(&stats.cpus_used), 3);
	assert_true(stats.off_cpu_measured);
	assert_near(stats.avg_off_cpu_pct, 20);
	assert_near(stats.min_off_cpu_pct, 10);
	assert_near(stats.max_off_cpu_pct, 30);
	assert_near(stats.spread, 20);
	assert_int_equal(stats.max_gap_ms, 21);
	assert_int_equal(stats.max_gap_cpu, 2);
	assert_int_equal(stats.total_migrations, 4);
	assert_int_equal(stats.total_iterations, 400);
	assert_int_equal(stats.total_cpu_time_ns, 1600000000);
	assert_near(cgroup_stats_migration_ratio(&stats), 0.01);
	assert_true(stats.run_delay_measured);
	assert_near(stats.mean_run_delay_us, 100);
	assert_near(stats.worst_run_delay_us, 150);
	assert_false(stats.wake_measured);
}

static void cgroup_stats_roll_up_of_nothing_is_not_measured(void **state)
{
	const struct ktstr_reports none = { 0 };
	struct cgroup_stats stats;

	(void)state;
	assert_int_equal(cgroup_stats_roll_up(&stats, &none), 0);
	assert_int_equal(stats.num_workers, 0);
	assert_false(stats.off_cpu_measured);
	assert_false(stats.wake_measured);
	assert_false(stats.run_delay_measured);
	assert_near(cgroup_stats_migration_ratio(&stats), 0);
}

static void cgroup_stats_roll_up_leaves_zero_wall_time_out_of_shares(void **state)
{
	const struct ktstr_reports *reports = REPORTS(
		&table, { .tid = 1, .died = { KTSTR_EXIT_SIGNALED, 9 } },
		{ .tid = 2, .wall_ms = 1000, .off_cpu_ms = 400, .run_delay_us = 80 });
	struct cgroup_stats stats;

	(void)state;
	assert_int_equal(cgroup_stats_roll_up(&stats, reports), 0);
	assert_int_equal(stats.num_workers, 2);
	assert_near(stats.min_off_cpu_pct, 40);
	assert_near(stats.avg_off_cpu_pct, 40);
	assert_near(stats.spread, 0);
	assert_near(stats.mean_run_delay_us, 40); /* the sentinel's 0 is a sample here */
}

static void cgroup_stats_roll_up_keeps_the_gap_with_its_cpu(void **state)
{
	const struct ktstr_reports *reports = REPORTS(&table, { .gap_ms = 5, .gap_cpu = 1 },
						      { .gap_ms = 9, .gap_cpu = 2 },
						      { .gap_ms = 9, .gap_cpu = 3 },
						      { .gap_ms = 8, .gap_cpu = 4 });
	struct cgroup_stats stats;

	(void)state;
	assert_int_equal(cgroup_stats_roll_up(&stats, reports), 0);
	assert_int_equal(stats.max_gap_ms, 9);
	assert_int_equal(stats.max_gap_cpu, 3);
}

static void cgroup_stats_roll_up_saturates(void **state)
{
	const struct ktstr_reports *reports = REPORTS(
		&table, { .iterations = UINT64_MAX, .migrations = UINT64_MAX - 1 },
		{ .iterations = 2, .migrations = 2 });
	struct cgroup_stats stats;

	(void)state;
	assert_int_equal(cgroup_stats_roll_up(&stats, reports), 0);
	assert_true(stats.total_iterations == UINT64_MAX);
	assert_true(stats.total_migrations == UINT64_MAX);
}

/* Each worker is steady, but they differ: pooled, that is variation. */
static void cgroup_stats_roll_up_pools_wake_latencies(void **state)
{
	uint64_t fast[] = { 1000, 1000, 1000 }, slow[] = { 9000, 9000, 9000 };
	const struct ktstr_reports *reports = REPORTS(&table, { .wake_ns = slow, .wake_count = 3 },
						      { .tid = 3 },
						      { .wake_ns = fast, .wake_count = 3 });
	struct cgroup_stats stats;

	(void)state;
	assert_int_equal(cgroup_stats_roll_up(&stats, reports), 0);
	assert_true(stats.wake_measured);
	assert_near(stats.median_wake_latency_us, 1);
	assert_near(stats.p99_wake_latency_us, 9);
	assert_near(stats.wake_latency_cv, 0.8); /* mean 5000, deviation 4000 */
}

static void scenario_stats_totals_count_a_shared_cpu_twice(void **state)
{
	struct cgroup_stats cgroups[] = {
		{ .num_workers = 2,
		  .cpus_used = cpus_of(0x3),
		  .total_migrations = 5,
		  .total_iterations = 10,
		  .off_cpu_measured = true,
		  .spread = 2.5 },
		{ .num_workers = 1,
		  .cpus_used = cpus_of(0x3),
		  .total_migrations = 1,
		  .total_iterations = 100,
		  .spread = 99 },
	};
	struct scenario_totals totals = scenario_stats_totals(
		&(struct scenario_stats){ cgroups, COUNT(cgroups) });

	(void)state;
	assert_int_equal(totals.workers, 3);
	assert_int_equal(totals.cpus, 4);
	assert_int_equal(totals.migrations, 6);
	assert_int_equal(totals.iterations, 110);
	assert_near(totals.worst_spread, 2.5); /* the other was not measured */
	assert_near(totals.worst_migration_ratio, 0.5);
}

static void scenario_stats_totals_keep_the_first_of_equal_gaps(void **state)
{
	struct cgroup_stats cgroups[] = {
		{ .max_gap_ms = 4, .max_gap_cpu = 1 },
		{ .max_gap_ms = 7, .max_gap_cpu = 2 },
		{ .max_gap_ms = 7, .max_gap_cpu = 3 },
	};
	struct scenario_totals totals = scenario_stats_totals(
		&(struct scenario_stats){ cgroups, COUNT(cgroups) });

	(void)state;
	assert_int_equal(totals.worst_gap_ms, 7);
	assert_int_equal(totals.worst_gap_cpu, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cgroup_stats_roll_up_adds_and_picks),
		cmocka_unit_test(cgroup_stats_roll_up_of_nothing_is_not_measured),
		cmocka_unit_test(cgroup_stats_roll_up_leaves_zero_wall_time_out_of_shares),
		cmocka_unit_test(cgroup_stats_roll_up_keeps_the_gap_with_its_cpu),
		cmocka_unit_test(cgroup_stats_roll_up_saturates),
		cmocka_unit_test(cgroup_stats_roll_up_pools_wake_latencies),
		cmocka_unit_test(scenario_stats_totals_count_a_shared_cpu_twice),
		cmocka_unit_test(scenario_stats_totals_keep_the_first_of_equal_gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
