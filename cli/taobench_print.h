/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdio.h>

#include <jansson.h>

#include <ktstr/taobench.h>

/* A number that a run of taobench came to. */
struct taobench_metric {
	const char *name;
	double value;
	int decimals; /* 0: a whole number */
};

#define TAOBENCH_METRICS_MAX 16

/* Those of the whole run, all phases together; how many there are. What has no value is none. */
unsigned taobench_list_metrics(const struct ktstr_taobench_report *report,
			       struct taobench_metric ret_metrics[TAOBENCH_METRICS_MAX]);

/* A line each. */
void taobench_print(FILE *out, const struct taobench_metric *metrics, unsigned count);

/* An object with a member each; NULL: no memory. */
json_t *taobench_json(const struct taobench_metric *metrics, unsigned count);
