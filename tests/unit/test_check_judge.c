// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>
#include <stdio.h>

#include "check/judge.h"
#include "check/verdict.h"
#include "unit.h"

#include "check_reports.h"

/* Stands in for the workload folder's, so that the test sees what is asked and how it is used. */
const char *ktstr_exit_info_format(const struct ktstr_exit_info *exit_info,
				   char buffer[KTSTR_EXIT_TEXT_MAX])
{
	snprintf(buffer, KTSTR_EXIT_TEXT_MAX, "exit kind %d code %d", (int)exit_info->kind,
		 exit_info->code);
	return buffer;
}

static struct report_table table;
static struct verdict *verdict;

static int setup(void **state)
{
	(void)state;
	verdict = verdict_new();
	return verdict ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	verdict_free(verdict);
	return 0;
}

static void judge(struct ktstr_check check, const struct ktstr_reports *reports)
{
	verdict_judge_cgroup(verdict, "cg_0", &check, reports, NULL);
}

/* Everything recorded so far, as "[Kind] message" lines. */
static const char *recorded(void)
{
	static char text[16384];
	const struct verdict_entry *entries;
	size_t count = verdict_entries(verdict, &entries), used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(entries[i].outcome, VERDICT_FAIL);
		assert_string_equal(entries[i].cgroup, "cg_0");
		used += (size_t)snprintf(text + used, sizeof(text) - used, "[%s] %s\n",
					 detail_kind_str(entries[i].kind), entries[i].message);
	}
	return text;
}

static void start_over(void)
{
	verdict_free(verdict);
	verdict = verdict_new();
	assert_non_null(verdict);
}

/* Two workers that differ by spread points of off-CPU time, the first with a gap. */
static const struct ktstr_reports *two_workers(uint64_t spread_per_mille, uint64_t gap_ms)
{
	return REPORTS(&table,
		       { .tid = 11,
			 .work_units = 5,
			 .wall_ms = 1000,
			 .off_cpu_ms = 100,
			 .cpus = 0x3,
			 .gap_ms = gap_ms,
			 .gap_cpu = 3,
			 .gap_at_ms = 1200 },
		       { .tid = 12,
			 .work_units = 5,
			 .wall_ms = 1000,
			 .off_cpu_ms = 100 + spread_per_mille,
			 .cpus = 0x3 });
}

static void judge_without_limits_passes_and_keeps_statistics(void **state)
{
	const struct ktstr_reports *reports = REPORTS(
		&table, { .tid = 1, .cpus = 0xff, .gap_ms = 99999 },
		{ .tid = 2, .wall_ms = 100, .off_cpu_ms = 100 },
		{ .tid = 3, .work_units = 1, .wall_ms = 100 });

	(void)state;
	judge((struct ktstr_check){ 0 }, reports);
	assert_string_equal(recorded(), "");
	assert_int_equal(verdict_outcome(verdict), VERDICT_PASS);
	assert_int_equal(verdict_stats(verdict)->cgroups_count, 1);
	assert_string_equal(verdict_stats(verdict)->cgroups[0].name, "cg_0");
	assert_int_equal(verdict_stats(verdict)->cgroups[0].num_workers, 3);
	assert_true(verdict_stats(verdict)->cgroups[0].spread == 100);
}

static void judge_work_fails_each_idle_worker_only_when_asked(void **state)
{
	static const enum ktstr_tristate silent[] = { KTSTR_UNSET, KTSTR_NO };

	(void)state;
	for (size_t i = 0; i < COUNT(silent); i++) {
		judge((struct ktstr_check){ .not_stuck = silent[i] },
		      REPORTS(&table, { .tid = 7 }, { .tid = 8 }));
		assert_string_equal(recorded(), "");
	}
	judge((struct ktstr_check){ .not_stuck = KTSTR_YES },
	      REPORTS(&table, { .tid = 7 }, { .tid = 8, .work_units = 1 }, { .tid = 9 }));
	assert_string_equal(recorded(), "[NoProgress] tid 7 made no progress (0 work units)\n"
					"[NoProgress] tid 9 made no progress (0 work units)\n");
}

static void judge_work_lets_the_test_overrule_the_scheduler(void **state)
{
	const struct ktstr_check scheduler = { .not_stuck = KTSTR_YES };
	const struct ktstr_check test = { .not_stuck = KTSTR_NO };

	(void)state;
	judge(check_merge(&scheduler, &test), REPORTS(&table, { .tid = 7 }));
	assert_string_equal(recorded(), "");
}

static void judge_work_says_how_a_worker_died(void **state)
{
	(void)state;
	judge((struct ktstr_check){ .not_stuck = KTSTR_YES },
	      REPORTS(&table, { .tid = 7, .died = { KTSTR_EXIT_SIGNALED, 9 } }));
	assert_string_equal(recorded(), "[NoProgress] tid 7 made no progress (0 work units): "
					"exit kind 2 code 9\n");
}

static void judge_limits_depend_on_the_build(void **state)
{
	struct fairness_limits limits = fairness_limits();

	(void)state;
#ifdef __OPTIMIZE__
	assert_true(limits.spread_pct == 15);
	assert_int_equal(limits.gap_ms, 2000);
#else
	assert_true(limits.spread_pct == 35);
	assert_int_equal(limits.gap_ms, 3000);
#endif
}

static void judge_default_limits_pass_at_the_limit(void **state)
{
	const struct ktstr_check not_stuck = { .not_stuck = KTSTR_YES };
	struct fairness_limits limits = fairness_limits();
	uint64_t spread_per_mille = (uint64_t)(limits.spread_pct * 10);
	char expected[256];

	(void)state;
	judge(not_stuck, two_workers(spread_per_mille, limits.gap_ms));
	assert_string_equal(recorded(), "");

	judge(not_stuck, two_workers(spread_per_mille + 1, limits.gap_ms));
	snprintf(expected, sizeof(expected),
		 "[Unfair] unfair cgroup: spread=%.0f%% (10-%.0f%%) 2 workers on 2 cpus "
		 "(threshold %.0f%%)\n",
		 limits.spread_pct + 0.1, limits.spread_pct + 10.1, limits.spread_pct);
	assert_string_equal(recorded(), expected);

	start_over();
	judge(not_stuck, two_workers(spread_per_mille, limits.gap_ms + 1));
	snprintf(expected, sizeof(expected),
		 "[Stuck] tid 11 stuck %llums on cpu3 at +1200ms (threshold %llums)\n",
		 (unsigned long long)limits.gap_ms + 1, (unsigned long long)limits.gap_ms);
	assert_string_equal(recorded(), expected);
}

/* The lines that others parse, each byte of them: shared/spec/checking.md 2.4. */
static void judge_lines_are_stable(void **state)
{
	const struct ktstr_reports *reports = REPORTS(
		&table, { .tid = 41, .wall_ms = 1000, .off_cpu_ms = 80, .cpus = 0x3 },
		{ .tid = 42,
		  .work_units = 9,
		  .wall_ms = 1000,
		  .off_cpu_ms = 500,
		  .cpus = 0xc,
		  .gap_ms = 4500,
		  .gap_cpu = 2,
		  .gap_at_ms = 3200 },
		{ .tid = 43, .work_units = 9, .wall_ms = 1000, .off_cpu_ms = 90, .cpus = 0x1 });
	const struct ktstr_check check = { KTSTR_YES, KTSTR_YES, 3000, 35 };
	const cpu_set_t cpuset = cpus_of(0x3);

	(void)state;
	verdict_judge_cgroup(verdict, "cg_0", &check, reports, &cpuset);
	assert_string_equal(
		recorded(),
		"[NoProgress] tid 41 made no progress (0 work units)\n"
		"[Unfair] unfair cgroup: spread=42% (8-50%) 3 workers on 4 cpus (threshold 35%)\n"
		"[Stuck] tid 42 stuck 4500ms on cpu2 at +3200ms (threshold 3000ms)\n"
		"[Isolation] tid 42 ran on unexpected CPUs {2, 3}\n");
}

static void judge_default_outcomes_come_in_order(void **state)
{
	const struct ktstr_reports *reports = REPORTS(
		&table, { .tid = 1, .work_units = 1, .wall_ms = 100, .gap_ms = 5000, .cpus = 0x4 },
		{ .tid = 2, .wall_ms = 100, .off_cpu_ms = 100, .gap_ms = 6000, .cpus = 0x1 });
	const struct ktstr_check check = { .not_stuck = KTSTR_YES, .isolation = KTSTR_YES };
	static const enum detail_kind expected[] = { DETAIL_NO_PROGRESS, DETAIL_UNFAIR,
						     DETAIL_STUCK, DETAIL_STUCK, DETAIL_ISOLATION };
	const cpu_set_t cpuset = cpus_of(0x3);
	const struct verdict_entry *entries;

	(void)state;
	verdict_judge_cgroup(verdict, "cg_0", &check, reports, &cpuset);
	assert_int_equal(verdict_entries(verdict, &entries), COUNT(expected));
	for (size_t i = 0; i < COUNT(expected); i++)
		assert_int_equal(entries[i].kind, expected[i]);
	assert_contains(entries[2].message, "tid 1 stuck");
	assert_contains(entries[3].message, "tid 2 stuck");
}

static void judge_spread_needs_two_measured_workers(void **state)
{
	const struct ktstr_check check = { .max_spread_pct = 0.001 };

	(void)state;
	judge(check, REPORTS(&table, { .tid = 1, .work_units = 1, .wall_ms = 10, .off_cpu_ms = 10 },
			     { .tid = 2, .work_units = 1 }));
	judge(check, REPORTS(&table, { .tid = 1, .work_units = 1 }, { .tid = 2, .work_units = 1 }));
	assert_string_equal(recorded(), "");
	assert_true(verdict_stats(verdict)->cgroups[0].off_cpu_measured);
	assert_false(verdict_stats(verdict)->cgroups[1].off_cpu_measured);
}

/* 16.1 - 1.1 is 15 to a reader, whatever the two are in binary. */
static void judge_spread_is_not_failed_by_rounding(void **state)
{
	const struct ktstr_check check = { .max_spread_pct = 15 };

	(void)state;
	for (uint64_t low = 0; low <= 850; low++)
		judge(check, REPORTS(&table, { .wall_ms = 1000, .off_cpu_ms = low },
				     { .wall_ms = 1000, .off_cpu_ms = low + 150 }));
	assert_string_equal(recorded(), "");
}

/* 100 and 300 units in a second of CPU time each: mean 200, deviation 100. */
static void judge_throughput_cv_is_deviation_over_mean(void **state)
{
	(void)state;
	judge((struct ktstr_check){ .max_throughput_cv = 0.5 },
	      REPORTS(&table, { .tid = 1, .work_units = 100, .wall_ms = 1000 },
		      { .tid = 2, .work_units = 300, .wall_ms = 1000 }, { .tid = 3 }));
	assert_string_equal(recorded(), "");
	judge((struct ktstr_check){ .max_throughput_cv = 0.49 },
	      REPORTS(&table, { .tid = 1, .work_units = 100, .wall_ms = 1000 },
		      { .tid = 2, .work_units = 300, .wall_ms = 1000 }, { .tid = 3 }));
	assert_string_equal(
		recorded(),
		"[Benchmark] throughput CV 0.500 exceeds limit 0.490 (mean 200 work per "
		"cpu second)\n");
}

static void judge_throughput_cv_needs_two_measured_workers(void **state)
{
	const struct verdict_entry *entries;

	(void)state;
	judge((struct ktstr_check){ .max_throughput_cv = 0.001 },
	      REPORTS(&table, { .tid = 1, .work_units = 100, .wall_ms = 1000 }, { .tid = 2 }));
	assert_string_equal(recorded(), "");
	judge((struct ktstr_check){ .max_throughput_cv = 0.001 },
	      REPORTS(&table, { .tid = 1 }, { .tid = 2 }));
	assert_int_equal(verdict_entries(verdict, &entries), 1);
	assert_int_equal(entries[0].outcome, VERDICT_INCONCLUSIVE);
	assert_contains(entries[0].message, "max_throughput_cv 0.001");
}

/* Samples of two workers are one pool: 10 and 30 have mean 20 and deviation 10. */
static void judge_wake_cv_pools_the_samples(void **state)
{
	uint64_t low[] = { 10 }, high[] = { 30 }, zero[] = { 0, 0 };
	const struct verdict_entry *entries;

	(void)state;
	judge((struct ktstr_check){ .max_wake_latency_cv = 0.001 },
	      REPORTS(&table, { .tid = 1, .wake_ns = low, .wake_count = 1 }));
	judge((struct ktstr_check){ .max_wake_latency_cv = 0.5 },
	      REPORTS(&table, { .tid = 1, .wake_ns = low, .wake_count = 1 },
		      { .tid = 2, .wake_ns = high, .wake_count = 1 }));
	assert_string_equal(recorded(), "");
	judge((struct ktstr_check){ .max_wake_latency_cv = 0.4 },
	      REPORTS(&table, { .tid = 1, .wake_ns = low, .wake_count = 1 },
		      { .tid = 2, .wake_ns = high, .wake_count = 1 }));
	assert_string_equal(recorded(),
			    "[Benchmark] wake CV 0.500 exceeds limit 0.400 (mean 20 ns)\n");
	judge((struct ktstr_check){ .max_wake_latency_cv = 0.4 },
	      REPORTS(&table, { .tid = 1, .wake_ns = zero, .wake_count = 2 }));
	assert_int_equal(verdict_entries(verdict, &entries), 2);
	assert_int_equal(entries[1].outcome, VERDICT_INCONCLUSIVE);
}

static void judge_custom_gap_replaces_the_built_in_one(void **state)
{
	struct fairness_limits limits = fairness_limits();

	(void)state;
	judge((struct ktstr_check){ .not_stuck = KTSTR_YES, .max_gap_ms = 5000 },
	      two_workers(0, limits.gap_ms + 500));
	assert_string_equal(recorded(), "");
	judge((struct ktstr_check){ .not_stuck = KTSTR_YES, .max_gap_ms = 1000 },
	      two_workers(0, 1500));
	assert_string_equal(recorded(),
			    "[Stuck] tid 11 stuck 1500ms on cpu3 at +1200ms (threshold 1000ms)\n");
}

static void judge_custom_limits_work_alone_and_pass_at_the_limit(void **state)
{
	(void)state;
	judge((struct ktstr_check){ .max_gap_ms = 1000 }, two_workers(900, 1000));
	judge((struct ktstr_check){ .max_spread_pct = 2.5 }, two_workers(25, 99999));
	assert_string_equal(recorded(), "");
	judge((struct ktstr_check){ .not_stuck = KTSTR_NO, .max_gap_ms = 1000 },
	      two_workers(900, 1001));
	judge((struct ktstr_check){ .max_spread_pct = 2.5 }, two_workers(26, 99999));
	assert_string_equal(recorded(),
			    "[Stuck] tid 11 stuck 1001ms on cpu3 at +1200ms (threshold 1000ms)\n"
			    "[Unfair] unfair cgroup: spread=3% (10-13%) 2 workers on 2 cpus "
			    "(threshold 2.5%)\n");
}

static void judge_custom_spread_replaces_the_built_in_one(void **state)
{
	(void)state;
	judge((struct ktstr_check){ .not_stuck = KTSTR_YES, .max_spread_pct = 95 },
	      two_workers(900, 0));
	assert_string_equal(recorded(), "");
	judge((struct ktstr_check){ .not_stuck = KTSTR_YES, .max_spread_pct = 1 },
	      two_workers(20, 0));
	assert_string_equal(recorded(), "[Unfair] unfair cgroup: spread=2% (10-12%) 2 workers on 2 "
					"cpus (threshold 1%)\n");
}

static const struct {
	const char *name;
	uint64_t used, cpuset;
	bool has_cpuset;
	enum ktstr_tristate asked;
	const char *outside; /* NULL: passes */
} isolation[] = {
	{ "outside", 0x20, 0x3, true, KTSTR_YES, "{5}" },
	{ "partly outside", 0xe3, 0x3, true, KTSTR_YES, "{5, 6, 7}" },
	{ "inside a larger set", 0x2, 0xf, true, KTSTR_YES, NULL },
	{ "exactly the set", 0x3, 0x3, true, KTSTR_YES, NULL },
	{ "never ran", 0, 0x3, true, KTSTR_YES, NULL },
	{ "no cpuset", 0x20, 0, false, KTSTR_YES, NULL },
	{ "not asked", 0x20, 0x3, true, KTSTR_UNSET, NULL },
	{ "switched off", 0x20, 0x3, true, KTSTR_NO, NULL },
};

static void judge_isolation_names_every_cpu_outside(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(isolation); i++) {
		const struct ktstr_check check = { .isolation = isolation[i].asked };
		const cpu_set_t cpuset = cpus_of(isolation[i].cpuset);
		char expected[128] = "";

		start_over();
		verdict_judge_cgroup(verdict, "cg_0", &check,
				     REPORTS(&table, { .tid = 5, .cpus = isolation[i].used }),
				     isolation[i].has_cpuset ? &cpuset : NULL);
		if (isolation[i].outside)
			snprintf(expected, sizeof(expected),
				 "[Isolation] tid 5 ran on unexpected CPUs %s\n",
				 isolation[i].outside);
		if (strcmp(recorded(), expected) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", isolation[i].name, recorded(), expected);
	}
}

static void judge_isolation_names_the_whole_of_a_large_machine(void **state)
{
	static struct ktstr_worker_report report = { .tid = 5 };
	const struct ktstr_reports reports = { .count = 1, .reports = &report };
	const struct ktstr_check check = { .isolation = KTSTR_YES };
	const cpu_set_t cpuset = cpus_of(0);

	(void)state;
	memset(&report.cpus_used, 0xff, sizeof(report.cpus_used));
	verdict_judge_cgroup(verdict, "cg_0", &check, &reports, &cpuset);
	assert_contains(recorded(), "CPUs {0, 1, 2,");
	assert_contains(recorded(), ", 1022, 1023}");
}

static void judge_sentinel_is_a_worker_that_did_nothing(void **state)
{
	const struct ktstr_check check = { KTSTR_YES, KTSTR_YES, 1, 0.1 };
	const cpu_set_t cpuset = cpus_of(0x1);
	const struct cgroup_stats *stats;

	(void)state;
	verdict_judge_cgroup(verdict, "cg_0", &check,
			     REPORTS(&table, { .tid = 7, .died = { KTSTR_EXIT_TIMED_OUT, 0 } }),
			     &cpuset);
	assert_string_equal(recorded(), "[NoProgress] tid 7 made no progress (0 work units): "
					"exit kind 3 code 0\n");
	stats = &verdict_stats(verdict)->cgroups[0];
	assert_int_equal(stats->num_workers, 1);
	assert_false(stats->off_cpu_measured);
	assert_int_equal(CPU_COUNT(&stats->cpus_used), 0);
}

static void judge_of_no_reports_passes_with_an_empty_entry(void **state)
{
	const struct ktstr_check check = { KTSTR_YES, KTSTR_YES, 1, 0.1 };
	const struct ktstr_reports none = { 0 };
	const cpu_set_t cpuset = cpus_of(0x1);

	(void)state;
	verdict_judge_cgroup(verdict, NULL, &check, &none, &cpuset);
	assert_int_equal(verdict_outcome(verdict), VERDICT_PASS);
	assert_int_equal(verdict_stats(verdict)->cgroups_count, 1);
	assert_int_equal(verdict_stats(verdict)->cgroups[0].num_workers, 0);
	assert_string_equal(verdict_stats(verdict)->cgroups[0].name, "");
}

#define JUDGE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		JUDGE_TEST(judge_without_limits_passes_and_keeps_statistics),
		JUDGE_TEST(judge_work_fails_each_idle_worker_only_when_asked),
		JUDGE_TEST(judge_work_lets_the_test_overrule_the_scheduler),
		JUDGE_TEST(judge_work_says_how_a_worker_died),
		JUDGE_TEST(judge_limits_depend_on_the_build),
		JUDGE_TEST(judge_default_limits_pass_at_the_limit),
		JUDGE_TEST(judge_lines_are_stable),
		JUDGE_TEST(judge_default_outcomes_come_in_order),
		JUDGE_TEST(judge_spread_needs_two_measured_workers),
		JUDGE_TEST(judge_spread_is_not_failed_by_rounding),
		JUDGE_TEST(judge_throughput_cv_is_deviation_over_mean),
		JUDGE_TEST(judge_throughput_cv_needs_two_measured_workers),
		JUDGE_TEST(judge_wake_cv_pools_the_samples),
		JUDGE_TEST(judge_custom_gap_replaces_the_built_in_one),
		JUDGE_TEST(judge_custom_limits_work_alone_and_pass_at_the_limit),
		JUDGE_TEST(judge_custom_spread_replaces_the_built_in_one),
		JUDGE_TEST(judge_isolation_names_every_cpu_outside),
		JUDGE_TEST(judge_isolation_names_the_whole_of_a_large_machine),
		JUDGE_TEST(judge_sentinel_is_a_worker_that_did_nothing),
		JUDGE_TEST(judge_of_no_reports_passes_with_an_empty_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
