// SPDX-License-Identifier: GPL-2.0-only
/* The rows of a cgroup's statistics in JSON, in the order in which they are written. */
#include "check/stats_fields.h"
#include "check/verdict.h"

#define ROW(field, type)                                                                           \
	{                                                                                          \
#field, STATS_FIELD_##type, offsetof(struct cgroup_stats, field)                   \
	}

const struct stats_field stats_fields[] = {
	ROW(avg_off_cpu_pct, OFF_CPU),
	ROW(min_off_cpu_pct, OFF_CPU),
	ROW(max_off_cpu_pct, OFF_CPU),
	ROW(spread, OFF_CPU),
	ROW(max_gap_ms, U64),
	ROW(total_migrations, U64),
	ROW(total_iterations, U64),
	ROW(total_cpu_time_ns, U64),
	ROW(wake_measured, BOOL),
	ROW(p99_wake_latency_us, DOUBLE),
	ROW(median_wake_latency_us, DOUBLE),
	ROW(wake_latency_cv, DOUBLE),
	ROW(run_delay_measured, BOOL),
	ROW(mean_run_delay_us, DOUBLE),
	ROW(worst_run_delay_us, DOUBLE),
};

const size_t stats_fields_count = sizeof(stats_fields) / sizeof(stats_fields[0]);
