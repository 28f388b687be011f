// SPDX-License-Identifier: GPL-2.0-only
/* The stats block of a result. Scripts read it: its layout does not change. */
#include <inttypes.h>
#include <stdio.h>

#include "check/verdict.h"

static void print_cgroup(const struct cgroup_stats *stats, size_t index, const char *indent,
			 FILE *out)
{
	fprintf(out, "%s  cg%zu: workers=%u cpus=%d ", indent, index, stats->num_workers,
		CPU_COUNT(&stats->cpus_used));
	if (stats->off_cpu_measured)
		fprintf(out, "spread=%.1f%%", stats->spread);
	else
		fputs("spread=n/a", out);
	fprintf(out, " gap=%" PRIu64 "ms migrations=%" PRIu64 " iter=%" PRIu64 "\n",
		stats->max_gap_ms, stats->total_migrations, stats->total_iterations);
}

void scenario_stats_print(const struct scenario_stats *stats, const char *indent, FILE *out)
{
	struct scenario_totals totals = scenario_stats_totals(stats);

	fprintf(out,
		"%s%" PRIu64 " workers, %" PRIu64 " cpus, %" PRIu64
		" migrations, worst_spread=%.1f%%, worst_gap=%" PRIu64 "ms\n",
		indent, totals.workers, totals.cpus, totals.migrations, totals.worst_spread,
		totals.worst_gap_ms);
	for (size_t i = 0; i < stats->cgroups_count; i++)
		print_cgroup(&stats->cgroups[i], i, indent, out);
}
