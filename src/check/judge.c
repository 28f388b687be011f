// SPDX-License-Identifier: GPL-2.0-only
/*
 * Judging one cgroup: a table of checks in the order in which their outcomes are recorded. A new
 * check is a function and a row. The wording of the first failures is read by scripts and does not
 * change; what is new is said behind it.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "check/judge.h"
#include "check/stats.h"
#include "check/text.h"
#include "check/verdict_build.h"

/*
 * Spreads are differences of rounded quotients: 16.1 - 1.1 comes out above 15. A billionth of a
 * point is far below what a clock measures and far above what rounding adds.
 */
#define SPREAD_ROUNDING_PCT 1e-9

struct judgement {
	struct verdict *verdict;
	const char *cgroup;
	const struct ktstr_check *check;
	const struct ktstr_reports *reports;
	const struct cgroup_stats *stats;
	const cpu_set_t *cpuset; /* NULL: the cgroup has none */
};

struct fairness_limits fairness_limits(void)
{
#ifdef __OPTIMIZE__
	return (struct fairness_limits){ .spread_pct = 15, .gap_ms = 2000 };
#else
	return (struct fairness_limits){ .spread_pct = 35, .gap_ms = 3000 };
#endif
}

#define fail(judgement, kind, ...)                                                                 \
	verdict_add_to_cgroup((judgement)->verdict, (judgement)->cgroup, VERDICT_FAIL, kind,       \
			      __VA_ARGS__)

static void judge_work(const struct judgement *judgement)
{
	for (size_t i = 0; i < judgement->reports->count; i++) {
		const struct ktstr_worker_report *report = &judgement->reports->reports[i];
		char how[KTSTR_EXIT_TEXT_MAX] = "";
		const char *died = "", *separator = "";

		if (report->work_units)
			continue;
		if (report->exit_info.kind != KTSTR_EXIT_NONE) {
			separator = ": ";
			died = ktstr_exit_info_format(&report->exit_info, how);
		}
		fail(judgement, DETAIL_NO_PROGRESS, "tid %d made no progress (0 work units)%s%s",
		     (int)report->tid, separator, died);
	}
}

/* With one measured worker the spread is 0, so this needs no count of them. */
static void judge_spread(const struct judgement *judgement, double limit_pct)
{
	const struct cgroup_stats *stats = judgement->stats;

	if (!stats->off_cpu_measured || stats->spread <= limit_pct + SPREAD_ROUNDING_PCT)
		return;
	fail(judgement, DETAIL_UNFAIR,
	     "unfair cgroup: spread=%.0f%% (%.0f-%.0f%%) %u workers on %d cpus (threshold %g%%)",
	     stats->spread, stats->min_off_cpu_pct, stats->max_off_cpu_pct, stats->num_workers,
	     CPU_COUNT(&stats->cpus_used), limit_pct);
}

static void judge_gaps(const struct judgement *judgement, uint64_t limit_ms)
{
	for (size_t i = 0; i < judgement->reports->count; i++) {
		const struct ktstr_worker_report *report = &judgement->reports->reports[i];

		if (report->max_gap_ms <= limit_ms)
			continue;
		fail(judgement, DETAIL_STUCK,
		     "tid %d stuck %" PRIu64 "ms on cpu%d at +%" PRIu64 "ms (threshold %" PRIu64
		     "ms)",
		     (int)report->tid, report->max_gap_ms, report->max_gap_cpu,
		     report->max_gap_at_ms, limit_ms);
	}
}

static void judge_default_spread(const struct judgement *judgement)
{
	judge_spread(judgement, fairness_limits().spread_pct);
}

static void judge_default_gaps(const struct judgement *judgement)
{
	judge_gaps(judgement, fairness_limits().gap_ms);
}

static void judge_custom_spread(const struct judgement *judgement)
{
	judge_spread(judgement, judgement->check->max_spread_pct);
}

static void judge_custom_gaps(const struct judgement *judgement)
{
	judge_gaps(judgement, judgement->check->max_gap_ms);
}

/* "2, 3, 7": each CPU by itself, as a reader compares it with the cpuset. */
static void format_cpus(const cpu_set_t *cpus, char *buffer, size_t size)
{
	size_t used = 0;

	buffer[0] = '\0';
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, cpus) && used < size)
			used += (size_t)snprintf(buffer + used, size - used, "%s%d",
						 used ? ", " : "", cpu);
}

static void judge_isolation(const struct judgement *judgement)
{
	for (size_t i = 0; i < judgement->reports->count; i++) {
		const struct ktstr_worker_report *report = &judgement->reports->reports[i];
		char list[CPU_SETSIZE * 6 + 1]; /* four digits, a comma and a blank each */
		cpu_set_t within, outside;

		CPU_AND(&within, &report->cpus_used, judgement->cpuset);
		CPU_XOR(&outside, &report->cpus_used, &within);
		if (!CPU_COUNT(&outside))
			continue;
		format_cpus(&outside, list, sizeof(list));
		fail(judgement, DETAIL_ISOLATION, "tid %d ran on unexpected CPUs {%s}",
		     (int)report->tid, list);
	}
}

static double units_per_cpu_second(const struct ktstr_worker_report *report)
{
	return (double)report->work_units / ((double)report->cpu_time_ns / 1e9);
}

/* Once for a cgroup: a mean of its workers would be no judgement of one of them. */
static void judge_throughput_cv(const struct judgement *judgement)
{
	const struct ktstr_reports *reports = judgement->reports;
	double limit = judgement->check->max_throughput_cv, cv, mean = 0, variance = 0;
	size_t measured = 0;

	for (size_t i = 0; i < reports->count; i++)
		if (reports->reports[i].cpu_time_ns) {
			mean += units_per_cpu_second(&reports->reports[i]);
			measured++;
		}
	if (!measured) {
		verdict_add_to_cgroup(judgement->verdict, judgement->cgroup, VERDICT_INCONCLUSIVE,
				      DETAIL_BENCHMARK,
				      "no worker used any CPU time: max_throughput_cv %.3f says "
				      "nothing",
				      limit);
		return;
	}
	mean /= (double)measured;
	for (size_t i = 0; i < reports->count; i++)
		if (reports->reports[i].cpu_time_ns)
			variance += pow(units_per_cpu_second(&reports->reports[i]) - mean, 2);
	if (measured < 2 || mean <= 0)
		return;
	cv = sqrt(variance / (double)measured) / mean;
	if (cv > limit)
		fail(judgement, DETAIL_BENCHMARK,
		     "throughput CV %.3f exceeds limit %.3f (mean %.0f work per cpu second)", cv,
		     limit, mean);
}

static void judge_wake_cv(const struct judgement *judgement)
{
	const struct cgroup_stats *stats = judgement->stats;
	double limit = judgement->check->max_wake_latency_cv;

	if (stats->wake_samples < 2)
		return;
	if (stats->mean_wake_latency_ns <= 0) {
		verdict_add_to_cgroup(
			judgement->verdict, judgement->cgroup, VERDICT_INCONCLUSIVE,
			DETAIL_BENCHMARK,
			"wake latencies are all 0: max_wake_latency_cv %.3f says nothing", limit);
		return;
	}
	if (stats->wake_latency_cv > limit)
		fail(judgement, DETAIL_BENCHMARK, "wake CV %.3f exceeds limit %.3f (mean %.0f ns)",
		     stats->wake_latency_cv, limit, stats->mean_wake_latency_ns);
}

static bool wants_throughput_cv(const struct judgement *judgement)
{
	return judgement->check->max_throughput_cv != 0;
}

static bool wants_wake_cv(const struct judgement *judgement)
{
	return judgement->check->max_wake_latency_cv != 0;
}

static bool wants_work(const struct judgement *judgement)
{
	return judgement->check->not_stuck == KTSTR_YES;
}

static bool wants_custom_spread(const struct judgement *judgement)
{
	return judgement->check->max_spread_pct != 0;
}

static bool wants_custom_gaps(const struct judgement *judgement)
{
	return judgement->check->max_gap_ms != 0;
}

/* A limit of the test's own replaces the built-in one, whichever is tighter. */
static bool wants_default_spread(const struct judgement *judgement)
{
	return wants_work(judgement) && !wants_custom_spread(judgement);
}

static bool wants_default_gaps(const struct judgement *judgement)
{
	return wants_work(judgement) && !wants_custom_gaps(judgement);
}

static bool wants_isolation(const struct judgement *judgement)
{
	return judgement->check->isolation == KTSTR_YES && judgement->cpuset;
}

static const struct {
	bool (*applies)(const struct judgement *judgement);
	void (*run)(const struct judgement *judgement);
} checks[] = {
	{ wants_work, judge_work },
	{ wants_default_spread, judge_default_spread },
	{ wants_default_gaps, judge_default_gaps },
	{ wants_custom_spread, judge_custom_spread },
	{ wants_custom_gaps, judge_custom_gaps },
	{ wants_isolation, judge_isolation },
	{ wants_throughput_cv, judge_throughput_cv },
	{ wants_wake_cv, judge_wake_cv },
};

void verdict_judge_cgroup(struct verdict *verdict, const char *name,
			  const struct ktstr_check *check, const struct ktstr_reports *reports,
			  const cpu_set_t *cpuset)
{
	struct cgroup_stats stats;
	struct judgement judgement = {
		.verdict = verdict,
		.cgroup = name,
		.check = check,
		.reports = reports,
		.stats = &stats,
		.cpuset = cpuset,
	};

	if (cgroup_stats_roll_up(&stats, reports))
		verdict_lose(verdict, VERDICT_INCONCLUSIVE);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (checks[i].applies(&judgement))
			checks[i].run(&judgement);
	stats.name = text_new("%s", name ? name : "");
	verdict_keep_cgroup(verdict, &stats);
}
