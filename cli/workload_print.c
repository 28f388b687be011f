// SPDX-License-Identifier: GPL-2.0-only
/* Kinds of work and reports of workers, for people. */
#include "cli/workload_print.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/cpulist.h"
#include "check/statistics.h"
#include "cli/schbench_print.h"
#include "cli/taobench_print.h"
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

void workload_sum_schbench(const struct ktstr_schbench_report *report,
			   struct ktstr_schbench_slice *ret_sum)
{
	*ret_sum = (struct ktstr_schbench_slice){ 0 };
	for (size_t i = 0; i < report->slices_count; i++) {
		const struct ktstr_schbench_slice *slice = &report->slices[i];

		ret_sum->loop_count += slice->loop_count;
		ktstr_histogram_merge(&ret_sum->wakeup_us, &slice->wakeup_us);
		ktstr_histogram_merge(&ret_sum->request_us, &slice->request_us);
		ktstr_histogram_merge(&ret_sum->rps, &slice->rps);
	}
}

/* What a benchmark measured, as the command of its own prints it. */
static void print_benchmark(FILE *out, const struct ktstr_worker_report *report)
{
	if (report->schbench) {
		struct ktstr_schbench_slice sum;

		workload_sum_schbench(report->schbench, &sum);
		schbench_print_latencies(out, &sum, report->schbench->runtime_ns / NS_PER_S);
		schbench_print_delays(out, report->schbench->message_sched_delay_ns,
				      report->schbench->worker_sched_delay_ns);
	}
	if (report->taobench) {
		struct taobench_metric metrics[TAOBENCH_METRICS_MAX];

		taobench_print(out, metrics, taobench_list_metrics(report->taobench, metrics));
	}
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
		print_benchmark(out, &reports->reports[i]);
	for (size_t i = 0; i < reports->count; i++)
		print_complaints(out, &reports->reports[i]);
}
