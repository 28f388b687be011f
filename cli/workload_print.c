// SPDX-License-Identifier: GPL-2.0-only
/* Kinds of work and reports of workers, for people and as JSON. */
#include "cli/workload_print.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/cpulist.h"
#include "check/statistics.h"
#include "workload/work_names.h"

static void print_default(FILE *out, const struct work_param *row)
{
	switch (row->kind) {
	case WORK_PARAM_NUMBER:
		fprintf(out, "%s=%u", row->name, row->value);
		break;
	case WORK_PARAM_SWITCH:
		fprintf(out, "%s=no", row->name);
		break;
	case WORK_PARAM_WORD:
		fprintf(out, "%s=%s", row->name, row->words[0]);
		break;
	case WORK_PARAM_TEXT:
		fprintf(out, "%s=TEXT", row->name);
		break;
	case WORK_PARAM_LIST:
		fprintf(out, "%s=%s,...", row->name, row->item_form);
		break;
	}
}

static void print_words(FILE *out, const struct work_param *row)
{
	if (row->kind != WORK_PARAM_WORD)
		return;
	fputs(": ", out);
	for (unsigned i = 0; row->words[i]; i++)
		fprintf(out, "%s%s", i ? ", " : "", row->words[i]);
}

void workload_print_kinds(FILE *out)
{
	for (const struct ktstr_work_ops *const *kind = work_kinds; *kind; kind++) {
		const struct ktstr_work_ops *ops = *kind;

		fprintf(out, "%s\n    %s%s\n", ops->name, ops->summary,
			ops->label ? " (only in C)" : "");
		for (const struct work_param *row = ops->params; row && row->name; row++) {
			fputs("      ", out);
			print_default(out, row);
			fprintf(out, "  %s", row->summary);
			print_words(out, row);
			fputc('\n', out);
		}
	}
}

/* The samples that say most of this kind of work; a kind fills at most one of them. */
static const struct ktstr_samples *main_samples(const struct ktstr_worker_report *report,
						const char **ret_name)
{
	if (report->timer_latencies.count) {
		*ret_name = "timer";
		return &report->timer_latencies;
	}
	if (report->iteration_costs.count) {
		*ret_name = "cost";
		return &report->iteration_costs;
	}
	*ret_name = report->wake_latencies.count ? "wake" : "-";
	return &report->wake_latencies;
}

static double per_second(uint64_t count, uint64_t ns)
{
	return ns ? (double)count * (double)NS_PER_S / (double)ns : 0;
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void print_samples(FILE *out, const struct ktstr_worker_report *report)
{
	const char *name;
	const struct ktstr_samples *samples = main_samples(report, &name);

	if (!samples->count) {
		fprintf(out, "  %5s %9s %9s %9s %9s\n", name, "-", "-", "-", "-");
		return;
	}
	samples_sort(samples->values, samples->count);
	fprintf(out, "  %5s %9" PRIu64 " %9.1f %9.1f %9.1f\n", name, samples->total,
		(double)samples_percentile(samples->values, samples->count, PER_MILLE_MEDIAN) / 1e3,
		(double)samples_percentile(samples->values, samples->count, PER_MILLE_P99) / 1e3,
		(double)samples->values[samples->count - 1] / 1e3);
}

static void print_worker(FILE *out, const struct ktstr_worker_report *report)
{
	char text[KTSTR_EXIT_TEXT_MAX];

	if (!report->completed) {
		fprintf(out, "%8d  %s\n", report->tid,
			ktstr_exit_info_format(&report->exit_info, text));
		return;
	}
	fprintf(out, "%8d %12.0f %14.0f %5.1f%% %5.1f%% %6" PRIu64 " %7" PRIu64, report->tid,
		per_second(report->iterations, report->wall_time_ns),
		per_second(report->work_units, report->wall_time_ns),
		percent(report->cpu_time_ns, report->wall_time_ns),
		percent(report->schedstat_run_delay_ns, report->wall_time_ns),
		report->migration_count, report->max_gap_ms);
	print_samples(out, report);
}

static void print_complaints(FILE *out, const struct ktstr_worker_report *report)
{
	const struct {
		const char *about, *text;
	} rows[] = {
		{ "affinity", report->affinity_error },
		{ "policy", report->sched_policy_error },
		{ "set-up", report->setup_error },
		{ "work", report->work_error },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (*rows[i].text)
			fprintf(out, "%8d  %s: %s\n", report->tid, rows[i].about, rows[i].text);
}

void workload_print_reports(FILE *out, const char *name, const struct ktstr_reports *reports)
{
	uint64_t iterations = 0, units = 0, wall_ns = 0;

	fprintf(out, "%s, %zu worker%s\n", name, reports->count, reports->count == 1 ? "" : "s");
	fprintf(out, "%8s %12s %14s %6s %6s %6s %7s  %5s %9s %9s %9s %9s\n", "worker",
		"iterations/s", "units/s", "cpu", "delay", "moves", "gap ms", "what", "samples",
		"p50 us", "p99 us", "max us");
	for (size_t i = 0; i < reports->count; i++) {
		print_worker(out, &reports->reports[i]);
		iterations += reports->reports[i].iterations;
		units += reports->reports[i].work_units;
		if (reports->reports[i].wall_time_ns > wall_ns)
			wall_ns = reports->reports[i].wall_time_ns;
	}
	if (reports->count > 1)
		fprintf(out, "%8s %12.0f %14.0f\n", "all", per_second(iterations, wall_ns),
			per_second(units, wall_ns));
	for (size_t i = 0; i < reports->count; i++)
		print_complaints(out, &reports->reports[i]);
}

static json_t *samples_json(const struct ktstr_samples *samples)
{
	if (!samples->count)
		return json_null();
	samples_sort(samples->values, samples->count);
	return json_pack(
		"{sI sI sI sI sI}", "total", (json_int_t)samples->total, "p50_ns",
		(json_int_t)samples_percentile(samples->values, samples->count, PER_MILLE_MEDIAN),
		"p99_ns",
		(json_int_t)samples_percentile(samples->values, samples->count, PER_MILLE_P99),
		"min_ns", (json_int_t)samples->values[0], "max_ns",
		(json_int_t)samples->values[samples->count - 1]);
}

static json_t *ending_json(const struct ktstr_worker_report *report)
{
	char text[KTSTR_EXIT_TEXT_MAX];

	if (report->completed)
		return json_null();
	return json_string(ktstr_exit_info_format(&report->exit_info, text));
}

static json_t *worker_json(const struct ktstr_worker_report *report)
{
	char cpus[CPULIST_TEXT_MAX];
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = {
		{ "work_units", report->work_units },
		{ "iterations", report->iterations },
		{ "wall_time_ns", report->wall_time_ns },
		{ "cpu_time_ns", report->cpu_time_ns },
		{ "off_cpu_ns", report->off_cpu_ns },
		{ "migration_count", report->migration_count },
		{ "max_gap_ms", report->max_gap_ms },
		{ "max_gap_at_ms", report->max_gap_at_ms },
		{ "schedstat_run_delay_ns", report->schedstat_run_delay_ns },
		{ "schedstat_run_count", report->schedstat_run_count },
		{ "schedstat_cpu_time_ns", report->schedstat_cpu_time_ns },
		{ "vmstat_numa_pages_migrated", report->vmstat_numa_pages_migrated },
	};
	json_t *json = json_pack("{si sb so ss so so so ss ss ss ss}", "tid", (int)report->tid,
				 "completed", (int)report->completed, "ended", ending_json(report),
				 "cpus_used", cpulist_format(&report->cpus_used, cpus),
				 "wake_latencies", samples_json(&report->wake_latencies),
				 "iteration_costs", samples_json(&report->iteration_costs),
				 "timer_latencies", samples_json(&report->timer_latencies),
				 "affinity_error", report->affinity_error, "sched_policy_error",
				 report->sched_policy_error, "setup_error", report->setup_error,
				 "work_error", report->work_error);

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		json_object_set_new(json, numbers[i].name,
				    json_integer((json_int_t)numbers[i].value));
	return json;
}

json_t *workload_json(const char *name, const struct ktstr_reports *reports)
{
	json_t *workers = json_array();

	for (size_t i = 0; i < reports->count; i++)
		json_array_append_new(workers, worker_json(&reports->reports[i]));
	return json_pack("{ss so}", "work", name, "workers", workers);
}
