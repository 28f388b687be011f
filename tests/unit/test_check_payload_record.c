// SPDX-License-Identifier: GPL-2.0-only
/* Records of payloads' runs: what is kept of them, and what a guest may send as one. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "check/payload_record.h"
#include "check/verdict_json.h"
#include "unit.h"

const char *ktstr_exit_info_format(const struct ktstr_exit_info *exit_info,
				   char buffer[KTSTR_EXIT_TEXT_MAX])
{
	(void)exit_info;
	buffer[0] = '\0';
	return buffer;
}

static json_t *record_of(size_t num_metrics)
{
	struct ktstr_metric *metrics = calloc(num_metrics + 1, sizeof(*metrics));
	char *failures[] = { (char *)(uintptr_t) "metric 'a\377' is 1" };
	struct ktstr_payload_result result = {
		.index = 3,
		.name = "fio",
		.exit_code = -1,
		.signal = 9,
		.timed_out = true,
		.metrics = metrics,
		.num_metrics = num_metrics,
		.num_checks = 2,
		.failures = failures,
		.num_failures = 1,
	};
	json_t *record;

	assert_non_null(metrics);
	for (size_t i = 0; i < num_metrics; i++)
		metrics[i] = (struct ktstr_metric){
			.name = (char *)(uintptr_t) "jobs.0.read.iops",
			.value = -1.5,
			.unit = "1/s",
			.polarity = KTSTR_TARGET_VALUE,
			.target = 2,
			.stream = KTSTR_STDERR,
		};
	record = payload_record_new(&result);
	assert_non_null(record);
	free(metrics);
	return record;
}

static void new_has_every_field(void **state)
{
	json_auto_t *record = record_of(1);
	char *text = json_dumps(record, JSON_COMPACT);

	(void)state;
	assert_string_equal(text, "{\"index\":3,\"name\":\"fio\",\"exit_code\":-1,\"signal\":9,"
				  "\"timed_out\":true,\"metrics\":[{\"name\":\"jobs.0.read.iops\","
				  "\"value\":-1.5,\"unit\":\"1/s\",\"polarity\":\"target_value\","
				  "\"target\":2.0,\"stream\":\"stderr\"}],\"metrics_left_out\":0,"
				  "\"checks\":{\"count\":2,\"failures\":[\"metric 'a?' is 1\"]}}");
	free(text);
}

static void read_rebuilds_what_new_made(void **state)
{
	json_auto_t *record = record_of(3);
	json_auto_t *again = NULL;
	struct ktstr_error error = { 0 };

	(void)state;
	assert_int_equal(payload_record_read(record, "x", &again, &error), 0);
	assert_true(json_equal(record, again));
}

static void new_leaves_out_what_is_too_much(void **state)
{
	json_auto_t *record = record_of(PAYLOAD_RECORD_METRICS_MAX + 7);

	(void)state;
	assert_int_equal(json_array_size(json_object_get(record, "metrics")),
			 PAYLOAD_RECORD_METRICS_MAX);
	assert_int_equal(json_integer_value(json_object_get(record, "metrics_left_out")), 7);
	payload_record_strip(record);
	assert_int_equal(json_array_size(json_object_get(record, "metrics")), 0);
	assert_int_equal(json_integer_value(json_object_get(record, "metrics_left_out")),
			 PAYLOAD_RECORD_METRICS_MAX + 7);
}

static void read_refuses_what_is_none(void **state)
{
	static const struct {
		const char *key, *value, *part; /* value NULL: without the key */
	} rows[] = {
		{ "index", NULL, "x: 'index' has to be" },
		{ "index", "-1", "x: 'index'" },
		{ "name", "7", "x: 'name'" },
		{ "exit_code", "256", "x: 'exit_code'" },
		{ "exit_code", "-2", "x: 'exit_code'" },
		{ "signal", "0", "x: 'signal'" },
		{ "signal", "65", "x: 'signal'" },
		{ "timed_out", "1", "x: 'timed_out'" },
		{ "metrics", "{}", "x: 'metrics'" },
		{ "metrics", "[1]", "x: metrics[0]: has to be an object" },
		{ "metrics", "[{\"name\": \"a\", \"value\": \"1\"}]", "x: metrics[0]: 'value'" },
		{ "metrics", "[{\"name\": \"a\", \"value\": 1}]", "x: metrics[0]: 'unit'" },
		{ "metrics",
		  "[{\"name\": \"a\", \"value\": 1, \"unit\": \"\", \"polarity\": \"x\"}]",
		  "x: metrics[0]: 'polarity' has to be a word from 'unknown' to 'target_value'" },
		{ "metrics",
		  "[{\"name\": \"a\", \"value\": 1, \"unit\": \"\", \"polarity\": "
		  "\"target_value\", \"target\": null, \"stream\": \"stdout\"}]",
		  "x: metrics[0]: 'target'" },
		{ "metrics",
		  "[{\"name\": \"a\", \"value\": 1, \"unit\": \"\", \"polarity\": \"unknown\", "
		  "\"stream\": \"stdin\"}]",
		  "x: metrics[0]: 'stream'" },
		{ "metrics_left_out", "-1", "x: 'metrics_left_out'" },
		{ "metrics_left_out", "2147483648", "x: 'metrics_left_out'" },
		{ "checks", "[]", "x: checks: has to be an object" },
		{ "checks", "{\"count\": -1, \"failures\": []}", "x: checks: 'count'" },
		{ "checks", "{\"count\": 1, \"failures\": [1]}", "x: checks: 'failures'" },
		{ "checks", "{\"count\": 1}", "x: checks: 'failures'" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_auto_t *record = record_of(1);
		json_t *again = NULL;
		struct ktstr_error error = { 0 };
		int err;

		if (rows[i].value)
			json_object_set_new(record, rows[i].key,
					    json_loads(rows[i].value, JSON_DECODE_ANY, NULL));
		else
			json_object_del(record, rows[i].key);
		err = payload_record_read(record, "x", &again, &error);
		if (err != -EBADMSG)
			fail_msg("%s %s: %d", rows[i].key, rows[i].value, err);
		assert_null(again);
		assert_contains(error.text, rows[i].part);
	}
}

static void read_refuses_too_long_a_list(void **state)
{
	json_auto_t *record = record_of(1);
	json_t *metrics = json_object_get(record, "metrics"), *again = NULL;
	struct ktstr_error error = { 0 };

	(void)state;
	while (json_array_size(metrics) <= PAYLOAD_RECORD_METRICS_MAX)
		json_array_append(metrics, json_array_get(metrics, 0));
	assert_int_equal(payload_record_read(record, "x", &again, &error), -EBADMSG);
	assert_contains(error.text, "at most 4096 elements");
}

static void verdict_keeps_records_in_order(void **state)
{
	struct verdict *verdict = verdict_new(), *again = NULL, *both = verdict_new();
	json_auto_t *json = NULL;
	struct ktstr_error error = { 0 };

	(void)state;
	assert_null(verdict_payloads(verdict));
	verdict_take_payload(verdict, record_of(2));
	verdict_take_payload(verdict, record_of(1));
	/* Records alone are no outcome. */
	assert_int_equal(verdict_outcome(verdict), VERDICT_PASS);
	json = verdict_to_json(verdict);
	assert_int_equal(verdict_from_json(json, &again, &error), 0);
	assert_true(json_equal(verdict_payloads(verdict), verdict_payloads(again)));
	verdict_merge(both, verdict);
	verdict_merge(both, again);
	assert_int_equal(json_array_size(verdict_payloads(both)), 4);
	verdict_free(verdict);
	verdict_free(again);
	verdict_free(both);
}

static void verdict_refuses_a_broken_record(void **state)
{
	struct verdict *verdict = verdict_new(), *again = NULL;
	json_auto_t *json = NULL;
	struct ktstr_error error = { 0 };

	(void)state;
	verdict_take_payload(verdict, record_of(1));
	json = verdict_to_json(verdict);
	json_object_del(json_array_get(json_object_get(json, "payloads"), 0), "name");
	assert_int_equal(verdict_from_json(json, &again, &error), -EBADMSG);
	assert_contains(error.text, "verdict: payloads[0]: 'name'");
	verdict_free(verdict);
}

/* However much payloads print, the verdict has to fit a message. */
static void verdict_bounds_its_records(void **state)
{
	struct verdict *verdict = verdict_new();
	json_auto_t *json = NULL;
	const json_t *records;
	char *const *notes;

	(void)state;
	for (unsigned i = 0; i < 2 * PAYLOAD_RECORDS_MAX; i++)
		verdict_take_payload(verdict, record_of(100));
	verdict_take_payload(verdict, NULL);
	records = verdict_payloads(verdict);
	assert_int_equal(json_array_size(records), PAYLOAD_RECORDS_MAX);
	assert_int_equal(json_array_size(json_object_get(json_array_get(records, 0), "metrics")),
			 100);
	assert_int_equal(json_array_size(json_object_get(
				 json_array_get(records, PAYLOAD_RECORDS_MAX - 1), "metrics")),
			 0);
	assert_true(json_dumpb(records, NULL, 0, JSON_COMPACT) < VERDICT_PAYLOADS_BYTES + 3);
	assert_int_equal(verdict_notes(verdict, &notes), PAYLOAD_RECORDS_MAX + 1);
	assert_contains(notes[0], "the record of a payload's run is lost");
	verdict_free(verdict);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_has_every_field),
		cmocka_unit_test(read_rebuilds_what_new_made),
		cmocka_unit_test(new_leaves_out_what_is_too_much),
		cmocka_unit_test(read_refuses_what_is_none),
		cmocka_unit_test(read_refuses_too_long_a_list),
		cmocka_unit_test(verdict_keeps_records_in_order),
		cmocka_unit_test(verdict_refuses_a_broken_record),
		cmocka_unit_test(verdict_bounds_its_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
