// SPDX-License-Identifier: GPL-2.0-only
/* Records of payloads' runs, written in the guest and read, without belief, on the host. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "check/json_read.h"
#include "check/json_write.h"
#include "check/payload_record.h"
#include "check/text.h"

#define LEFT_OUT_MAX INT_MAX

static const char *const polarities[] = {
	[KTSTR_POLARITY_UNKNOWN] = "unknown",
	[KTSTR_HIGHER_BETTER] = "higher_better",
	[KTSTR_LOWER_BETTER] = "lower_better",
	[KTSTR_TARGET_VALUE] = "target_value",
};
#define NUM_POLARITIES (sizeof(polarities) / sizeof(polarities[0]))

static const char *const streams[] = { [KTSTR_STDOUT] = "stdout", [KTSTR_STDERR] = "stderr" };
#define NUM_STREAMS (sizeof(streams) / sizeof(streams[0]))

/* Whatever bytes the text has, and cut to what may travel. */
static json_t *string_new(const char *text)
{
	auto_free char *clean = text_new("%.*s", PAYLOAD_RECORD_TEXT_MAX, text);

	return clean ? json_string(clean) : NULL;
}

static json_t *metric_to_json(const struct ktstr_metric *metric)
{
	bool has_target = metric->polarity == KTSTR_TARGET_VALUE;

	return json_pack("{s:o, s:f, s:o, s:s, s:o, s:s}", "name", string_new(metric->name),
			 "value", metric->value, "unit", string_new(metric->unit), "polarity",
			 polarities[metric->polarity], "target",
			 has_target ? json_real(metric->target) : json_null(), "stream",
			 streams[metric->stream]);
}

json_t *payload_record_new(const struct ktstr_payload_result *result)
{
	size_t kept = result->num_metrics < PAYLOAD_RECORD_METRICS_MAX ? result->num_metrics
								       : PAYLOAD_RECORD_METRICS_MAX;
	json_auto_t *metrics = json_array(), *failures = json_array();
	json_t *signal_number = result->signal ? json_integer(result->signal) : json_null();
	int err = 0;

	for (size_t i = 0; i < kept; i++)
		err |= json_array_append_new(metrics, metric_to_json(&result->metrics[i]));
	for (size_t i = 0; i < result->num_failures && i < PAYLOAD_RECORD_FAILURES_MAX; i++)
		err |= json_array_append_new(failures, string_new(result->failures[i]));
	if (err) {
		json_decref(signal_number);
		return NULL;
	}
	return json_pack("{s:i, s:o, s:i, s:o, s:b, s:O, s:o, s:{s:o, s:O}}", "index",
			 (int)result->index, "name", string_new(result->name), "exit_code",
			 result->exit_code, "signal", signal_number, "timed_out",
			 (int)result->timed_out, "metrics", metrics, "metrics_left_out",
			 json_u64(result->num_metrics - kept), "checks", "count",
			 json_u64(result->num_checks), "failures", failures);
}

void payload_record_strip(json_t *record)
{
	json_t *metrics = json_object_get(record, "metrics");
	json_t *left_out = json_object_get(record, "metrics_left_out");
	json_int_t count = json_integer_value(left_out) + (json_int_t)json_array_size(metrics);

	json_integer_set(left_out, count < LEFT_OUT_MAX ? count : LEFT_OUT_MAX);
	json_array_clear(metrics);
}

static int read_word(const struct json_place *place, const char *key, const char *const *words,
		     size_t count, size_t *ret_index, struct ktstr_error *error)
{
	const json_t *value = json_object_get(place->object, key);

	for (size_t i = 0; json_is_string(value) && i < count; i++)
		if (!strcmp(json_string_value(value), words[i])) {
			*ret_index = i;
			return 0;
		}
	return json_read_refuse(place, key, value, error, "a word from '%s' to '%s'", words[0],
				words[count - 1]);
}

/* Unlike those of statistics, a payload's numbers may be negative. */
static int read_number(const struct json_place *place, const char *key, double *ret_value,
		       struct ktstr_error *error)
{
	const json_t *value = json_object_get(place->object, key);

	if (!json_is_number(value) || !isfinite(json_number_value(value)))
		return json_read_refuse(place, key, value, error, "a finite number");
	*ret_value = json_number_value(value);
	return 0;
}

static int read_metric(const json_t *json, const char *name_of_list, size_t index,
		       struct ktstr_metric *ret_metric, struct ktstr_error *error)
{
	struct ktstr_metric metric = { 0 };
	size_t polarity = 0, stream = 0;
	struct json_place place;
	const char *name = NULL;
	int err = json_place_enter(&place, json, error, "%s: metrics[%zu]", name_of_list, index);

	if (!err)
		err = json_read_text(&place, "name", PAYLOAD_RECORD_TEXT_MAX, &name, error);
	if (!err)
		err = read_number(&place, "value", &metric.value, error);
	if (!err)
		err = json_read_text(&place, "unit", PAYLOAD_RECORD_TEXT_MAX, &metric.unit, error);
	if (!err)
		err = read_word(&place, "polarity", polarities, NUM_POLARITIES, &polarity, error);
	if (!err && polarity == KTSTR_TARGET_VALUE)
		err = read_number(&place, "target", &metric.target, error);
	if (!err)
		err = read_word(&place, "stream", streams, NUM_STREAMS, &stream, error);
	if (err)
		return err;
	metric.name = (char *)(uintptr_t)name;
	metric.polarity = (enum ktstr_polarity)polarity;
	metric.stream = (enum ktstr_stream)stream;
	*ret_metric = metric;
	return 0;
}

/* All texts are borrowed from the JSON; the arrays are the caller's. */
static int read_metrics(const struct json_place *place, struct ktstr_payload_result *result,
			struct ktstr_error *error)
{
	const json_t *list;
	int err = json_read_array(place, "metrics", PAYLOAD_RECORD_METRICS_MAX, &list, error);

	if (err)
		return err;
	result->metrics = calloc(json_array_size(list) + 1, sizeof(*result->metrics));
	if (!result->metrics)
		return ktstr_error_set(error, -ENOMEM, "%s: no memory to keep it", place->name);
	while (!err && result->num_metrics < json_array_size(list)) {
		size_t index = result->num_metrics++;

		err = read_metric(json_array_get(list, index), place->name, index,
				  &result->metrics[index], error);
	}
	return err;
}

static int read_checks(const struct json_place *record, struct ktstr_payload_result *result,
		       struct ktstr_error *error)
{
	struct json_place place;
	const json_t *list, *value;
	uint64_t count = 0;
	size_t index;
	int err = json_place_enter(&place, json_object_get(record->object, "checks"), error,
				   "%s: checks", record->name);

	if (!err)
		err = json_read_u64(&place, "count", INT_MAX, &count, error);
	if (!err)
		err = json_read_array(&place, "failures", PAYLOAD_RECORD_FAILURES_MAX, &list,
				      error);
	if (err)
		return err;
	result->num_checks = count;
	result->failures = calloc(json_array_size(list) + 1, sizeof(*result->failures));
	if (!result->failures)
		return ktstr_error_set(error, -ENOMEM, "%s: no memory to keep it", place.name);
	json_array_foreach(list, index, value)
	{
		if (!json_is_string(value) || json_string_length(value) > PAYLOAD_RECORD_TEXT_MAX ||
		    strlen(json_string_value(value)) != json_string_length(value))
			return json_read_refuse(&place, "failures", value, error,
						"a list of texts of at most %d bytes",
						PAYLOAD_RECORD_TEXT_MAX);
		result->failures[result->num_failures++] = (char *)(uintptr_t)json_string_value(
			value);
	}
	return 0;
}

static int read_end(const struct json_place *place, struct ktstr_payload_result *result,
		    struct ktstr_error *error)
{
	int index = 0;
	int err = json_read_int(place, "index", 0, INT_MAX, &index, error);

	result->index = (unsigned)index;
	if (!err)
		err = json_read_text(place, "name", PAYLOAD_RECORD_TEXT_MAX, &result->name, error);
	if (!err)
		err = json_read_int(place, "exit_code", -1, UCHAR_MAX, &result->exit_code, error);
	if (!err && !json_read_is_null(place, "signal"))
		err = json_read_int(place, "signal", 1, NSIG - 1, &result->signal, error);
	if (!err)
		err = json_read_bool(place, "timed_out", &result->timed_out, error);
	return err;
}

int payload_record_read(const json_t *json, const char *name, json_t **ret_record,
			struct ktstr_error *error)
{
	struct ktstr_payload_result result = { 0 };
	uint64_t left_out = 0;
	struct json_place place;
	json_t *record = NULL;
	int err = json_place_enter(&place, json, error, "%s", name);

	if (!err)
		err = read_end(&place, &result, error);
	if (!err)
		err = json_read_u64(&place, "metrics_left_out", LEFT_OUT_MAX, &left_out, error);
	if (!err)
		err = read_metrics(&place, &result, error);
	if (!err)
		err = read_checks(&place, &result, error);
	if (!err) {
		record = payload_record_new(&result);
		if (!record)
			err = ktstr_error_set(error, -ENOMEM, "%s: no memory to keep it", name);
	}
	free(result.metrics);
	free(result.failures);
	if (err)
		return err;
	json_object_set_new(record, "metrics_left_out", json_u64(left_out));
	*ret_record = record;
	return 0;
}
