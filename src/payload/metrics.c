// SPDX-License-Identifier: GPL-2.0-only
/* The numbers of one run: a bounded list, and where to look for them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "payload/metrics.h"

void metric_list_release(struct metric_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].name);
	free(list->items);
	*list = (struct metric_list){ 0 };
}

int metric_list_add(struct metric_list *list, const char *name, double value,
		    enum ktstr_stream stream)
{
	char *copy;

	if (list->count == KTSTR_METRICS_MAX || strlen(name) >= METRIC_NAME_MAX) {
		list->dropped++;
		return 0;
	}
	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? list->capacity * 2 : 16;
		struct ktstr_metric *grown = reallocarray(list->items, capacity,
							  sizeof(*list->items));

		if (!grown)
			return -ENOMEM;
		list->items = grown;
		list->capacity = capacity;
	}
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	list->items[list->count++] = (struct ktstr_metric){
		.name = copy,
		.value = value,
		.unit = "",
		.stream = stream,
	};
	return 0;
}

void metric_list_apply_hints(struct metric_list *list, const struct ktstr_metric_hints *hints)
{
	for (size_t i = 0; i < list->count; i++) {
		struct ktstr_metric *metric = &list->items[i];

		for (size_t k = 0; k < hints->count; k++) {
			const struct ktstr_metric_hint *hint = &hints->hints[k];

			if (strcmp(hint->metric, metric->name) != 0)
				continue;
			metric->unit = hint->unit ? hint->unit : "";
			metric->polarity = hint->polarity;
			metric->target = hint->target;
		}
	}
}

int extract_metrics(const struct ktstr_output *output, const struct ktstr_payload_result *result,
		    struct metric_list *list)
{
	int (*extract)(const char *, size_t, const struct ktstr_output *, enum ktstr_stream,
		       struct metric_list *);
	int err;

	if (output->kind == KTSTR_OUTPUT_KIND_EXIT_CODE)
		return 0;
	extract = output->kind == KTSTR_OUTPUT_KIND_JSON ? extract_json : extract_regex;
	err = extract(result->out, result->out_size, output, KTSTR_STDOUT, list);
	if (!err && !list->count)
		err = extract(result->err, result->err_size, output, KTSTR_STDERR, list);
	return err;
}
