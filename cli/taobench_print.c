// SPDX-License-Identifier: GPL-2.0-only
/* How taobench's numbers look, as text and as JSON. */
#include <stdbool.h>

#include "cli/taobench_print.h"

unsigned taobench_list_metrics(const struct ktstr_taobench_report *report,
			       struct taobench_metric ret_metrics[TAOBENCH_METRICS_MAX])
{
	struct ktstr_histogram serve = { 0 };
	struct ktstr_percentiles late;
	struct ktstr_taobench_rates rates;
	unsigned count = 0;

	for (size_t i = 0; i < report->slices_count; i++)
		ktstr_histogram_merge(&serve, &report->slices[i].serve_us);
	ktstr_taobench_rates(&report->whole, &rates);
	ktstr_histogram_percentiles(&serve, &late);
	const struct {
		struct taobench_metric metric;
		bool absent;
	} all[] = {
		{ { "elapsed_sec", (double)report->whole.elapsed_ns / 1e9, 3 }, false },
		{ { "taobench_total_qps", rates.total_qps, 2 }, false },
		{ { "taobench_fast_qps", rates.fast_qps, 2 }, false },
		{ { "taobench_slow_qps", rates.slow_qps, 2 }, false },
		{ { "taobench_hit_ratio", rates.hit_ratio, 4 }, false },
		{ { "taobench_hit_rate", rates.hit_rate, 4 }, false },
		{ { "taobench_serve_p50_us", late.values[KTSTR_PERCENTILE_50], 0 },
		  !serve.samples },
		{ { "taobench_serve_p90_us", late.values[KTSTR_PERCENTILE_90], 0 },
		  !serve.samples },
		{ { "taobench_serve_p99_us", late.values[KTSTR_PERCENTILE_99], 0 },
		  !serve.samples },
		{ { "taobench_serve_p999_us", late.values[KTSTR_PERCENTILE_99_9], 0 },
		  !serve.samples },
		{ { "taobench_serve_samples", (double)serve.samples, 0 }, !serve.samples },
	};

	_Static_assert(sizeof(all) / sizeof(all[0]) <= TAOBENCH_METRICS_MAX, "room for all");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!all[i].absent)
			ret_metrics[count++] = all[i].metric;
	return count;
}

void taobench_print(FILE *out, const struct taobench_metric *metrics, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		fprintf(out, "%-24s %.*f\n", metrics[i].name, metrics[i].decimals,
			metrics[i].value);
}

json_t *taobench_json(const struct taobench_metric *metrics, unsigned count)
{
	json_t *json = json_object();
	int err = 0;

	for (unsigned i = 0; i < count; i++)
		err |= json_object_set_new(json, metrics[i].name,
					   metrics[i].decimals
						   ? json_real(metrics[i].value)
						   : json_integer((json_int_t)metrics[i].value));
	if (!err)
		return json;
	json_decref(json);
	return NULL;
}
