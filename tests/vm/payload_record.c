// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a run of a payload leaves in the result file of its test, on its way from the program's
 * output through guest and host. Usage: payload_record KTSTR PAYLOAD
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "../unit/unit.h"
#include "command.h"

static const char *tool, *tests;
static char results[] = "/tmp/ktstr-payload-record-XXXXXX";
static json_t *loaded; /* the last result file */

static const json_t *run_and_load(const char *test)
{
	static struct command_result result;
	const char *argv[] = { tool, "test", tests, "--filter", test, "--results", results, NULL };
	char pattern[128];
	glob_t found;

	command_run(argv, 120, -1, NULL, &result);
	if (result.exit_code)
		fail_msg("%s", result.output);
	snprintf(pattern, sizeof(pattern), "%s/%s-*.ktstr.json", results, test);
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	assert_int_equal(found.gl_pathc, 1);
	json_decref(loaded);
	loaded = json_load_file(found.gl_pathv[0], 0, NULL);
	assert_non_null(loaded);
	globfree(&found);
	return json_object_get(json_object_get(loaded, "verdict"), "payloads");
}

static void record_has_metrics_with_their_hints(void **state)
{
	const json_t *records = run_and_load("hackbench_by_regex"), *record, *metric;

	(void)state;
	assert_int_equal(json_array_size(records), 1);
	record = json_array_get(records, 0);
	assert_string_equal(json_string_value(json_object_get(record, "name")), "hackbench");
	assert_int_equal(json_integer_value(json_object_get(record, "index")), 0);
	assert_int_equal(json_integer_value(json_object_get(record, "exit_code")), 0);
	assert_int_equal(json_array_size(json_object_get(record, "metrics")), 2);
	metric = json_array_get(json_object_get(record, "metrics"), 0);
	assert_string_equal(json_string_value(json_object_get(metric, "name")), "time_s");
	assert_true(json_real_value(json_object_get(metric, "value")) > 0);
	assert_string_equal(json_string_value(json_object_get(metric, "unit")), "s");
	assert_string_equal(json_string_value(json_object_get(metric, "polarity")), "lower_better");
	record = json_object_get(record, "checks");
	assert_int_equal(json_integer_value(json_object_get(record, "count")), 3);
	assert_int_equal(json_array_size(json_object_get(record, "failures")), 0);
}

/* In the order of their ends, which is that of their starts here. */
static void records_tell_how_runs_ended(void **state)
{
	const json_t *records = run_and_load("kill_and_timeout_end_the_group");

	(void)state;
	assert_int_equal(json_array_size(records), 2);
	for (size_t i = 0; i < 2; i++) {
		const json_t *record = json_array_get(records, i);

		assert_int_equal(json_integer_value(json_object_get(record, "index")), i);
		assert_int_equal(json_integer_value(json_object_get(record, "exit_code")), -1);
		assert_int_equal(json_integer_value(json_object_get(record, "signal")), 9);
		assert_int_equal(json_is_true(json_object_get(record, "timed_out")), i == 0);
	}
}

static int make_results(void **state)
{
	(void)state;
	return mkdtemp(results) ? 0 : -1;
}

static int remove_results(void **state)
{
	char command[64];

	(void)state;
	json_decref(loaded);
	snprintf(command, sizeof(command), "rm -rf %s", results);
	return system(command);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest cases[] = {
		cmocka_unit_test(record_has_metrics_with_their_hints),
		cmocka_unit_test(records_tell_how_runs_ended),
	};

	if (argc != 3) {
		fputs("usage: payload_record KTSTR PAYLOAD\n", stderr);
		return 2;
	}
	tool = argv[1];
	tests = argv[2];
	leftovers_watch();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(cases, make_results, remove_results);
}
