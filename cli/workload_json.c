// SPDX-License-Identifier: GPL-2.0-only
/* Reports of workers as JSON: every field, samples by their percentiles. */
#include <ktstr/histogram.h>

#include "base/cpulist.h"
#include "check/statistics.h"
#include "cli/taobench_print.h"
#include "cli/workload_print.h"

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

static json_t *migrations_json(const struct ktstr_worker_report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->migrations_kept; i++)
		json_array_append_new(list, json_pack("{sI si si}", "at_ns",
						      (json_int_t)report->migrations[i].at_ns,
						      "from_cpu", report->migrations[i].from_cpu,
						      "to_cpu", report->migrations[i].to_cpu));
	return list;
}

static json_t *pages_json(const struct ktstr_worker_report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->numa_pages_count; i++)
		json_array_append_new(list,
				      json_pack("{si sI}", "node", (int)report->numa_pages[i].node,
						"pages", (json_int_t)report->numa_pages[i].pages));
	return list;
}

static json_t *histogram_json(const struct ktstr_histogram *histogram)
{
	struct ktstr_percentiles percentiles;

	if (!histogram->samples)
		return json_null();
	ktstr_histogram_percentiles(histogram, &percentiles);
	return json_pack("{sI sI sI sI sI sI sI sI}", "samples", (json_int_t)histogram->samples,
			 "p20", (json_int_t)percentiles.values[KTSTR_PERCENTILE_20], "p50",
			 (json_int_t)percentiles.values[KTSTR_PERCENTILE_50], "p90",
			 (json_int_t)percentiles.values[KTSTR_PERCENTILE_90], "p99",
			 (json_int_t)percentiles.values[KTSTR_PERCENTILE_99], "p999",
			 (json_int_t)percentiles.values[KTSTR_PERCENTILE_99_9], "min",
			 (json_int_t)histogram->min, "max", (json_int_t)histogram->max);
}

static json_t *schbench_report_json(const struct ktstr_schbench_report *report)
{
	struct ktstr_schbench_slice sum;

	if (!report)
		return json_null();
	workload_sum_schbench(report, &sum);
	return json_pack("{sI sI sI sI sI so so so}", "runtime_ns", (json_int_t)report->runtime_ns,
			 "worker_runtime_us", (json_int_t)report->worker_runtime_us,
			 "message_sched_delay_ns", (json_int_t)report->message_sched_delay_ns,
			 "worker_sched_delay_ns", (json_int_t)report->worker_sched_delay_ns,
			 "loop_count", (json_int_t)sum.loop_count, "wakeup_us",
			 histogram_json(&sum.wakeup_us), "request_us",
			 histogram_json(&sum.request_us), "rps", histogram_json(&sum.rps));
}

static json_t *taobench_report_json(const struct ktstr_taobench_report *report)
{
	struct taobench_metric metrics[TAOBENCH_METRICS_MAX];

	if (!report)
		return json_null();
	return taobench_json(metrics, taobench_list_metrics(report, metrics));
}

/* Fields that are numbers and stand as they are. */
static void add_numbers(json_t *json, const struct ktstr_worker_report *report)
{
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = {
		{ "group_index", report->group_index },
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

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		json_object_set_new(json, numbers[i].name,
				    json_integer((json_int_t)numbers[i].value));
	json_object_set_new(json, "max_gap_cpu", json_integer(report->max_gap_cpu));
}

static json_t *worker_json(const struct ktstr_worker_report *report)
{
	char cpus[CPULIST_TEXT_MAX];
	json_t *json = json_pack(
		"{si sb sb so ss so so so so so so so ss ss ss ss}", "tid", (int)report->tid,
		"completed", (int)report->completed, "is_messenger", (int)report->is_messenger,
		"ended", ending_json(report), "cpus_used", cpulist_format(&report->cpus_used, cpus),
		"wake_latencies", samples_json(&report->wake_latencies), "iteration_costs",
		samples_json(&report->iteration_costs), "timer_latencies",
		samples_json(&report->timer_latencies), "migrations", migrations_json(report),
		"numa_pages", pages_json(report), "schbench",
		schbench_report_json(report->schbench), "taobench",
		taobench_report_json(report->taobench), "affinity_error", report->affinity_error,
		"sched_policy_error", report->sched_policy_error, "setup_error",
		report->setup_error, "work_error", report->work_error);

	if (json)
		add_numbers(json, report);
	return json;
}

json_t *workload_json(const char *name, const struct ktstr_reports *reports)
{
	json_t *workers = json_array();

	for (size_t i = 0; i < reports->count; i++)
		if (json_array_append_new(workers, worker_json(&reports->reports[i]))) {
			json_decref(workers);
			return NULL;
		}
	return json_pack("{ss so}", "work", name, "workers", workers);
}
