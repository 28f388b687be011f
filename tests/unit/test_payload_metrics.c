// SPDX-License-Identifier: GPL-2.0-only
/* Numbers from what programs print: JSON and regular expressions. */
#include <stdio.h>
#include <stdlib.h>

#include "payload/metrics.h"
#include "unit.h"

static const struct ktstr_output json_output = KTSTR_OUTPUT_JSON;

/* "name=value name=value", of both streams as a run looks at them. */
static const char *metrics_of(const struct ktstr_output *output, const char *out, const char *err)
{
	static char text[4096];
	struct ktstr_payload_result result = {
		.out = (char *)(uintptr_t)out,
		.out_size = strlen(out),
		.err = (char *)(uintptr_t)err,
		.err_size = strlen(err),
	};
	auto_metric_list struct metric_list list = { 0 };
	size_t used = 0;

	assert_int_equal(extract_metrics(output, &result, &list), 0);
	text[0] = '\0';
	for (size_t i = 0; i < list.count && used < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s%s=%g",
					 i ? " " : "", list.items[i].name,
					 list.items[i].stream == KTSTR_STDERR ? "(err)" : "",
					 list.items[i].value);
	return text;
}

static void extract_json_takes_every_number(void **state)
{
	static const struct {
		const char *name, *out, *metrics;
	} rows[] = {
		{ "whole text", " {\"a\": 1, \"b\": {\"c\": -2.5e3}}\n", "a=1 b.c=-2500" },
		{ "behind a banner", "fio-3.33\nStarting 1 process\n{\"a\": 1}\n", "a=1" },
		{ "before a trailer", "{\"a\": 1}\nbye\n", "a=1" },
		{ "array behind a banner", "result: [4, 5]", "0=4 1=5" },
		{ "two documents", "{\"a\": 1}\n{\"b\": 2}\n", "a=1" },
		{ "nested arrays", "{\"jobs\": [{\"read\": {\"iops\": 7}}, [8, [9]]]}",
		  "jobs.0.read.iops=7 jobs.1.0=8 jobs.1.1.0=9" },
		{ "no numbers", "{\"a\": \"1\", \"b\": true, \"c\": null, \"d\": [], \"e\": {}}",
		  "" },
		{ "strings among numbers", "{\"a\": \"x\", \"b\": 2}", "b=2" },
		{ "top level number", "42\n", "=42" },
		{ "top level text", "\"42\"", "" },
		{ "beyond 64 bits", "{\"a\": 18446744073709551616}", "a=1.84467e+19" },
		{ "brackets in text", "log {\"a]}\": \"\\\"}\", \"b\": 1}", "b=1" },
		{ "empty key", "{\"\": 1, \"a\": {\"\": 2}}", "=1 a.=2" },
		{ "key with a dot", "{\"99.9\": {\"x\": 1}}", "99.9.x=1" },
		{ "unclosed bracket before", "progress [===>\n{\"a\": 1}", "a=1" },
		{ "unclosed", "{\"a\": 1", "" },
		{ "not strict", "{a: 1}", "" },
		{ "trailing comma", "{\"a\": 1,}", "" },
		{ "mismatched", "{\"a\": 1]", "" },
		/* The first region decides, whether it is JSON or not. */
		{ "first region is none", "[info] {\"a\": 1}", "" },
		{ "not finite", "{\"a\": 1e999, \"b\": 2}", "" },
		{ "empty", "", "" },
		{ "only a string quote", "\"", "" },
		{ "escape at the end", "{\"a\\", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *seen = metrics_of(&json_output, rows[i].out, "");

		if (strcmp(seen, rows[i].metrics) != 0)
			fail_msg("%s: \"%s\", expected \"%s\"", rows[i].name, seen,
				 rows[i].metrics);
	}
}

static void extract_prefers_stdout(void **state)
{
	(void)state;
	assert_string_equal(metrics_of(&json_output, "{\"a\": 1}", "{\"b\": 2}"), "a=1");
	assert_string_equal(metrics_of(&json_output, "no numbers", "{\"b\": 2}"), "b(err)=2");
	assert_string_equal(metrics_of(&json_output, "{}", "{\"b\": 2}"), "b(err)=2");
	/* Never both in one: half a document here and half there are none. */
	assert_string_equal(metrics_of(&json_output, "{\"a\":", "1}"), "");
}

static void extract_exit_code_never_has_metrics(void **state)
{
	const struct ktstr_output output = { 0 };

	(void)state;
	assert_string_equal(metrics_of(&output, "{\"a\": 1}", "{\"b\": 2}"), "");
}

static void extract_json_paths_renames_what_is_named(void **state)
{
	const struct ktstr_output output = KTSTR_OUTPUT_JSON_PATHS({ "iops", "jobs.0.read.iops" },
								   { "again", "x" },
								   { "once more", "x" },
								   { "p99", "lat.99.0" });

	(void)state;
	assert_string_equal(
		metrics_of(&output,
			   "{\"jobs\": [{\"read\": {\"iops\": 7, \"bw\": 1}}], \"x\": 3, "
			   "\"lat\": {\"99.0\": 4}, \"z\": 5}",
			   ""),
		"iops=7 again=3 once more=3 p99=4");
}

/* A number below depth objects, the outermost of which has another one. */
static char *nested(unsigned depth)
{
	size_t size = depth * 6 + 64, used;
	char *text = malloc(size);

	assert_non_null(text);
	used = (size_t)snprintf(text, size, "{\"top\": 7, \"n\": ");
	for (unsigned i = 1; i < depth; i++)
		used += (size_t)snprintf(text + used, size - used, "{\"a\":");
	text[used++] = '1';
	memset(text + used, '}', depth);
	text[used + depth] = '\0';
	return text;
}

static void extract_json_stops_at_a_depth(void **state)
{
	char *fits = nested(JSON_WALK_DEPTH_MAX), *deep = nested(JSON_WALK_DEPTH_MAX + 1);
	const char *seen = metrics_of(&json_output, fits, "");

	(void)state;
	assert_contains(seen, "n.a.a");
	assert_null(strstr(seen, JSON_WALK_TRUNCATED));
	assert_string_equal(metrics_of(&json_output, deep, ""), "top=7 " JSON_WALK_TRUNCATED "=65");
	free(fits);
	free(deep);
}

static void extract_json_keeps_so_many(void **state)
{
	size_t count = KTSTR_METRICS_MAX + 10;
	char *text = malloc(count * 2 + 3);
	auto_metric_list struct metric_list list = { 0 };

	(void)state;
	assert_non_null(text);
	text[0] = '[';
	for (size_t i = 0; i < count; i++)
		memcpy(text + 1 + 2 * i, "1,", 2);
	memcpy(text + 2 * count, "]", 2);
	assert_int_equal(extract_json(text, strlen(text), &json_output, KTSTR_STDOUT, &list), 0);
	assert_int_equal(list.count, KTSTR_METRICS_MAX);
	assert_int_equal(list.dropped, 10);
	free(text);
}

static void extract_json_drops_long_names(void **state)
{
	char text[2 * METRIC_NAME_MAX + 64];
	auto_metric_list struct metric_list list = { 0 };
	char key[METRIC_NAME_MAX + 1];

	(void)state;
	memset(key, 'k', METRIC_NAME_MAX);
	key[METRIC_NAME_MAX] = '\0';
	snprintf(text, sizeof(text), "{\"%s\": 1, \"%s\": 2, \"a\": 3}", key, key + 1);
	assert_int_equal(extract_json(text, strlen(text), &json_output, KTSTR_STDOUT, &list), 0);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.dropped, 1);
	assert_int_equal(strlen(list.items[0].name), METRIC_NAME_MAX - 1);
	assert_string_equal(list.items[1].name, "a");
}

/* Brackets that nothing closes must not cost a look at the rest each. */
static void extract_json_gives_up_on_endless_brackets(void **state)
{
	size_t size = 4u << 20;
	char *text = malloc(size + 1);

	(void)state;
	assert_non_null(text);
	memset(text, '[', size);
	text[size] = '\0';
	assert_string_equal(metrics_of(&json_output, text, ""), "");
	free(text);
}

static void extract_regex_takes_groups_and_matches(void **state)
{
	static const char out[] = "Running with 2*40 tasks\nTime: 0.123\nTime: 4\n"
				  "lat (us): min=-5 max=1e3\nbad: 12ms\n7 apples\n";
	const struct {
		struct ktstr_output_metric metric;
		const char *wanted;
	} rows[] = {
		{ { "t", "Time: ([0-9.]+)" }, "t=0.123" },
		{ { "t", "^Time: ([0-9.]+)$" }, "t=0.123" },
		{ { "t", "min=(-?[0-9]+)" }, "t=-5" },
		{ { "t", "max=([0-9e]+)" }, "t=1000" },
		{ { "t", "^[0-9]+" }, "t=7" },
		{ { "t", "(7) apples|(8) apples" }, "t=7" },
		{ { "t", "(8) apples|7 apples" }, "" }, /* its group took no part */
		{ { "t", "bad: (.*)" }, "" },		/* not a number as a whole */
		{ { "t", "nothing like it" }, "" },
		{ { "t", "tasks.Time: ([0-9]+)" }, "" }, /* lines are matched one by one */
		{ { "t", "(nan|inf)" }, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct ktstr_output output = { KTSTR_OUTPUT_KIND_REGEX, &rows[i].metric, 1 };
		const char *seen = metrics_of(&output, out, "");

		if (strcmp(seen, rows[i].wanted) != 0)
			fail_msg("%s: \"%s\", expected \"%s\"", rows[i].metric.from, seen,
				 rows[i].wanted);
	}
}

static void extract_regex_refuses_infinity(void **state)
{
	const struct ktstr_output output = KTSTR_OUTPUT_REGEX({ "t", "(nan|inf|1e999)" });

	(void)state;
	assert_string_equal(metrics_of(&output, "inf\nnan\n1e999\n", ""), "");
	assert_string_equal(metrics_of(&output, "", "inf"), "");
}

static void apply_hints_takes_the_last_of_a_name(void **state)
{
	const struct ktstr_metric_hints hints = KTSTR_METRIC_HINTS(
		{ "a", "ms", KTSTR_LOWER_BETTER, 0 }, { "a", "us", KTSTR_TARGET_VALUE, 5 },
		{ .metric = "b" });
	auto_metric_list struct metric_list list = { 0 };

	(void)state;
	assert_int_equal(metric_list_add(&list, "a", 1, KTSTR_STDOUT), 0);
	assert_int_equal(metric_list_add(&list, "b", 1, KTSTR_STDOUT), 0);
	assert_int_equal(metric_list_add(&list, "ab", 1, KTSTR_STDOUT), 0);
	metric_list_apply_hints(&list, &hints);
	assert_string_equal(list.items[0].unit, "us");
	assert_int_equal(list.items[0].polarity, KTSTR_TARGET_VALUE);
	assert_true(list.items[0].target == 5);
	for (size_t i = 1; i < 3; i++) {
		assert_string_equal(list.items[i].unit, "");
		assert_int_equal(list.items[i].polarity, KTSTR_POLARITY_UNKNOWN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extract_json_takes_every_number),
		cmocka_unit_test(extract_prefers_stdout),
		cmocka_unit_test(extract_exit_code_never_has_metrics),
		cmocka_unit_test(extract_json_paths_renames_what_is_named),
		cmocka_unit_test(extract_json_stops_at_a_depth),
		cmocka_unit_test(extract_json_keeps_so_many),
		cmocka_unit_test(extract_json_drops_long_names),
		cmocka_unit_test(extract_json_gives_up_on_endless_brackets),
		cmocka_unit_test(extract_regex_takes_groups_and_matches),
		cmocka_unit_test(extract_regex_refuses_infinity),
		cmocka_unit_test(apply_hints_takes_the_last_of_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
