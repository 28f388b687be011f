// SPDX-License-Identifier: GPL-2.0-only
/*
 * From worker reports to the statistics of their cgroup, and from those to the scenario's totals.
 * A sentinel (a worker that died) counts as a worker, adds nothing to sums, and is not part of what
 * needs wall time to mean something.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "check/statistics.h"
#include "check/stats.h"

/* Multiplied first: 7 ns off of 100 ns is 7 %, not 7.000000000000001 %. */
static double off_cpu_pct(const struct ktstr_worker_report *report)
{
	return (double)report->off_cpu_ns * 100.0 / (double)report->wall_time_ns;
}

static void roll_up_off_cpu(struct cgroup_stats *stats, const struct ktstr_reports *reports)
{
	double sum = 0;
	size_t measured = 0;

	for (size_t i = 0; i < reports->count; i++) {
		const struct ktstr_worker_report *report = &reports->reports[i];
		double pct;

		if (!report->wall_time_ns)
			continue;
		pct = off_cpu_pct(report);
		if (!measured || pct < stats->min_off_cpu_pct)
			stats->min_off_cpu_pct = pct;
		if (!measured || pct > stats->max_off_cpu_pct)
			stats->max_off_cpu_pct = pct;
		sum += pct;
		measured++;
	}
	if (!measured)
		return;
	stats->off_cpu_measured = true;
	stats->avg_off_cpu_pct = sum / (double)measured;
	stats->spread = stats->max_off_cpu_pct - stats->min_off_cpu_pct;
}

static void roll_up_counters(struct cgroup_stats *stats, const struct ktstr_reports *reports)
{
	for (size_t i = 0; i < reports->count; i++) {
		const struct ktstr_worker_report *report = &reports->reports[i];

		CPU_OR(&stats->cpus_used, &stats->cpus_used, &report->cpus_used);
		if (report->max_gap_ms >= stats->max_gap_ms) {
			stats->max_gap_ms = report->max_gap_ms;
			stats->max_gap_cpu = report->max_gap_cpu;
		}
		stats->total_migrations = saturating_add(stats->total_migrations,
							 report->migration_count);
		stats->total_iterations = saturating_add(stats->total_iterations,
							 report->iterations);
		stats->total_cpu_time_ns = saturating_add(stats->total_cpu_time_ns,
							  report->schedstat_cpu_time_ns);
	}
}

static void roll_up_run_delay(struct cgroup_stats *stats, const struct ktstr_reports *reports)
{
	double sum_us = 0;

	if (!reports->count)
		return;
	stats->run_delay_measured = true;
	for (size_t i = 0; i < reports->count; i++) {
		double delay_us = (double)reports->reports[i].schedstat_run_delay_ns /
				  (double)NS_PER_US;

		if (delay_us > stats->worst_run_delay_us)
			stats->worst_run_delay_us = delay_us;
		sum_us += delay_us;
	}
	stats->mean_run_delay_us = sum_us / (double)reports->count;
}

/* Over the samples of all workers together: a mean of the workers' own numbers hides the worst. */
static int roll_up_wake_latencies(struct cgroup_stats *stats, const struct ktstr_reports *reports)
{
	auto_free uint64_t *pool = NULL;
	size_t count = 0, used = 0;

	for (size_t i = 0; i < reports->count; i++)
		count += reports->reports[i].wake_latencies.count;
	if (!count)
		return 0;
	pool = calloc(count, sizeof(*pool));
	if (!pool)
		return -ENOMEM;
	for (size_t i = 0; i < reports->count; i++) {
		const struct ktstr_samples *samples = &reports->reports[i].wake_latencies;

		if (!samples->count)
			continue;
		memcpy(pool + used, samples->values, samples->count * sizeof(*pool));
		used += samples->count;
	}
	samples_sort(pool, count);
	stats->wake_measured = true;
	stats->p99_wake_latency_us = (double)samples_percentile(pool, count, PER_MILLE_P99) /
				     (double)NS_PER_US;
	stats->median_wake_latency_us = (double)samples_percentile(pool, count, PER_MILLE_MEDIAN) /
					(double)NS_PER_US;
	stats->wake_latency_cv = samples_cv(pool, count);
	stats->wake_samples = count;
	stats->mean_wake_latency_ns = samples_mean(pool, count);
	return 0;
}

int cgroup_stats_roll_up(struct cgroup_stats *ret_stats, const struct ktstr_reports *reports)
{
	struct cgroup_stats stats = { .num_workers = (unsigned)reports->count };
	int err;

	roll_up_off_cpu(&stats, reports);
	roll_up_counters(&stats, reports);
	roll_up_run_delay(&stats, reports);
	err = roll_up_wake_latencies(&stats, reports);
	*ret_stats = stats;
	return err;
}

double cgroup_stats_migration_ratio(const struct cgroup_stats *stats)
{
	if (!stats->total_iterations)
		return 0;
	return (double)stats->total_migrations / (double)stats->total_iterations;
}

struct scenario_totals scenario_stats_totals(const struct scenario_stats *stats)
{
	struct scenario_totals totals = { 0 };

	for (size_t i = 0; i < stats->cgroups_count; i++) {
		const struct cgroup_stats *cgroup = &stats->cgroups[i];
		double ratio = cgroup_stats_migration_ratio(cgroup);

		totals.workers = saturating_add(totals.workers, cgroup->num_workers);
		totals.cpus = saturating_add(totals.cpus, (uint64_t)CPU_COUNT(&cgroup->cpus_used));
		totals.migrations = saturating_add(totals.migrations, cgroup->total_migrations);
		totals.iterations = saturating_add(totals.iterations, cgroup->total_iterations);
		if (cgroup->off_cpu_measured && cgroup->spread > totals.worst_spread)
			totals.worst_spread = cgroup->spread;
		if (i == 0 || cgroup->max_gap_ms > totals.worst_gap_ms) {
			totals.worst_gap_ms = cgroup->max_gap_ms;
			totals.worst_gap_cpu = cgroup->max_gap_cpu;
		}
		if (ratio > totals.worst_migration_ratio)
			totals.worst_migration_ratio = ratio;
	}
	return totals;
}
