/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/payload.h>

#define METRIC_NAME_MAX 1024 /* bytes, with the zero */

/* Metrics while they are being found. Zeroes are an empty list. */
struct metric_list {
	struct ktstr_metric *items;
	size_t count, capacity;
	size_t dropped; /* numbers beyond KTSTR_METRICS_MAX, or with too long a name */
};

void metric_list_release(struct metric_list *list);
#define auto_metric_list __attribute__((cleanup(metric_list_release)))

/* 0 also for one that is dropped; -ENOMEM. */
int metric_list_add(struct metric_list *list, const char *name, double value,
		    enum ktstr_stream stream) KTSTR_MUST_CHECK;

/* Give each metric the unit and polarity that the last hint of its name says. */
void metric_list_apply_hints(struct metric_list *list, const struct ktstr_metric_hints *hints);

/* One stream's worth: text has size bytes and a zero behind them. 0 or -ENOMEM. */
int extract_json(const char *text, size_t size, const struct ktstr_output *output,
		 enum ktstr_stream stream, struct metric_list *list) KTSTR_MUST_CHECK;
int extract_regex(const char *text, size_t size, const struct ktstr_output *output,
		  enum ktstr_stream stream, struct metric_list *list) KTSTR_MUST_CHECK;

/* What both streams yield: standard error counts only where standard output yields nothing. */
int extract_metrics(const struct ktstr_output *output, const struct ktstr_payload_result *result,
		    struct metric_list *list) KTSTR_MUST_CHECK;

/*
 * Judge result against payload's checks and then more: one line in result->failures for each that
 * fails, or a single one when the exit code is wrong. 0 or -ENOMEM.
 */
int metric_checks_judge(const struct ktstr_metric_checks *first,
			const struct ktstr_metric_checks *second,
			struct ktstr_payload_result *result) KTSTR_MUST_CHECK;

/* Depth of nested JSON that is walked, and the metric that says that there was more. */
#define JSON_WALK_DEPTH_MAX 64
#define JSON_WALK_TRUNCATED "__walk_json_leaves_truncated"
