/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/* Worker reports as rows of a table, for the tests of src/check. */
#include <ktstr/report.h>

/* Bits of a machine with up to 64 CPUs. */
static inline cpu_set_t cpus_of(uint64_t bits)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	for (int cpu = 0; cpu < 64; cpu++)
		if (bits >> cpu & 1)
			CPU_SET(cpu, &cpus);
	return cpus;
}

struct report_row {
	pid_t tid;
	uint64_t work_units, wall_ms, off_cpu_ms;
	uint64_t cpus; /* as for cpus_of() */
	uint64_t gap_ms;
	int gap_cpu;
	uint64_t gap_at_ms;
	uint64_t migrations, iterations, run_delay_us;
	struct ktstr_exit_info died; /* a kind makes it a sentinel */
	uint64_t *wake_ns;
	size_t wake_count;
};

#define ROWS_MAX 8

struct report_table {
	struct ktstr_worker_report reports[ROWS_MAX];
	struct ktstr_reports list;
};

static inline const struct ktstr_reports *reports_fill(struct report_table *table,
						       const struct report_row *rows, size_t count)
{
	memset(table, 0, sizeof(*table));
	for (size_t i = 0; i < count; i++)
		table->reports[i] = (struct ktstr_worker_report){
			.tid = rows[i].tid,
			.completed = rows[i].died.kind == KTSTR_EXIT_NONE,
			.exit_info = rows[i].died,
			.work_units = rows[i].work_units,
			.iterations = rows[i].iterations,
			.wall_time_ns = rows[i].wall_ms * 1000000,
			.cpu_time_ns = (rows[i].wall_ms - rows[i].off_cpu_ms) * 1000000,
			.off_cpu_ns = rows[i].off_cpu_ms * 1000000,
			.cpus_used = cpus_of(rows[i].cpus),
			.migration_count = rows[i].migrations,
			.max_gap_ms = rows[i].gap_ms,
			.max_gap_cpu = rows[i].gap_cpu,
			.max_gap_at_ms = rows[i].gap_at_ms,
			.schedstat_run_delay_ns = rows[i].run_delay_us * 1000,
			.schedstat_cpu_time_ns = (rows[i].wall_ms - rows[i].off_cpu_ms) * 1000000,
			.wake_latencies = { .values = rows[i].wake_ns,
					    .count = rows[i].wake_count,
					    .total = rows[i].wake_count },
		};
	table->list = (struct ktstr_reports){ .count = count, .reports = table->reports };
	return &table->list;
}

/* A compound literal's rows and their number. */
#define REPORTS(table, ...)                                                 \
	reports_fill(table, (const struct report_row[]){ __VA_ARGS__ },     \
		     COUNT(((const struct report_row[]){ __VA_ARGS__ })))
