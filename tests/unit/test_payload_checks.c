// SPDX-License-Identifier: GPL-2.0-only
/* What is demanded of a run, and what a declaration has to look like. */
#include <errno.h>
#include <math.h>
#include <signal.h>

#include "payload/metrics.h"
#include "payload_fixture.h"

static void exit_code_is_the_only_failure(void **state)
{
	const struct ktstr_payload payload = SHELL(
		"echo '{\"x\": 1}'; printf 'first\\nsecond \\n\\n' >&2; exit 3",
		.output = KTSTR_OUTPUT_JSON,
		.checks = KTSTR_METRIC_CHECKS(KTSTR_METRIC_MIN("x", 5), KTSTR_EXIT_CODE(0),
					      KTSTR_EXIT_CODE(1)));
	struct ktstr_payload_result *result = fixture_run(&payload, NULL);

	(void)state;
	assert_int_equal(result->num_failures, 1);
	assert_string_equal(result->failures[0], "exit code 3, expected 0; stderr: first\nsecond");
	ktstr_payload_result_free(result);
}

static void exit_code_failure_omits_a_blank_stderr(void **state)
{
	const struct ktstr_payload payload = SHELL(
		"echo '  ' >&2; exit 3", .checks = KTSTR_METRIC_CHECKS(KTSTR_EXIT_CODE(0)));
	struct ktstr_payload_result *result = fixture_run(&payload, NULL);

	(void)state;
	assert_string_equal(result->failures[0], "exit code 3, expected 0");
	ktstr_payload_result_free(result);
}

static void exit_code_failure_has_the_end_of_stderr(void **state)
{
	const struct ktstr_payload payload = SHELL(
		"head -c 2000 /dev/zero | tr '\\0' x >&2; echo end >&2; exit 3",
		.checks = KTSTR_METRIC_CHECKS(KTSTR_EXIT_CODE(0)));
	struct ktstr_payload_result *result = fixture_run(&payload, NULL);
	const char *tail;

	(void)state;
	assert_contains(result->failures[0], "exit code 3, expected 0; stderr: ...xxx");
	tail = strstr(result->failures[0], "...") + 3;
	assert_int_equal(strlen(tail), 1024);
	assert_string_equal(tail + 1021, "end");
	ktstr_payload_result_free(result);
}

static void exit_code_failure_tells_of_a_signal(void **state)
{
	const struct ktstr_payload payload = SHELL(
		"kill -TERM $$", .checks = KTSTR_METRIC_CHECKS(KTSTR_EXIT_CODE(0)));
	struct ktstr_payload_result *result = fixture_run(&payload, NULL);

	(void)state;
	assert_string_equal(result->failures[0], "exit code -1 (killed by signal 15), expected 0");
	ktstr_payload_result_free(result);
}

static void exit_code_minus_one_expects_a_signal(void **state)
{
	const struct ktstr_payload payload = SHELL(
		"kill -TERM $$", .checks = KTSTR_METRIC_CHECKS(KTSTR_EXIT_CODE(-1)));
	struct ktstr_payload_result *result = fixture_run(&payload, NULL);

	(void)state;
	assert_int_equal(result->num_failures, 0);
	ktstr_payload_result_free(result);
}

/* Failures of one check against the metric x, or against its absence. */
static size_t failures(const struct ktstr_metric_check *check, double x, bool present)
{
	struct ktstr_metric metric = { .name = (char *)(uintptr_t) "x", .value = x, .unit = "ms" };
	struct ktstr_payload_result result = { .metrics = &metric, .num_metrics = present };
	const struct ktstr_metric_checks checks = { check, 1 }, none = { 0 };
	size_t count;

	assert_int_equal(metric_checks_judge(&none, &checks, &result), 0);
	count = result.num_failures;
	for (size_t i = 0; i < count; i++) {
		assert_contains(result.failures[i], "metric 'x'");
		free(result.failures[i]);
	}
	free(result.failures);
	return count;
}

static void metric_checks_include_their_bounds(void **state)
{
	static const struct {
		const char *name;
		struct ktstr_metric_check check;
		double x;
		bool present;
		size_t failures;
	} rows[] = {
		{ "min below", KTSTR_METRIC_MIN("x", 5), 4.9, true, 1 },
		{ "min at", KTSTR_METRIC_MIN("x", 5), 5, true, 0 },
		{ "min nan", KTSTR_METRIC_MIN("x", 5), NAN, true, 1 },
		{ "min missing", KTSTR_METRIC_MIN("x", 5), 0, false, 1 },
		{ "max above", KTSTR_METRIC_MAX("x", 5), 5.1, true, 1 },
		{ "max at", KTSTR_METRIC_MAX("x", 5), 5, true, 0 },
		{ "max nan", KTSTR_METRIC_MAX("x", 5), NAN, true, 1 },
		{ "max missing", KTSTR_METRIC_MAX("x", 5), 0, false, 1 },
		{ "range at low", KTSTR_METRIC_RANGE("x", 1, 2), 1, true, 0 },
		{ "range at high", KTSTR_METRIC_RANGE("x", 1, 2), 2, true, 0 },
		{ "range below", KTSTR_METRIC_RANGE("x", 1, 2), 0.9, true, 1 },
		{ "range above", KTSTR_METRIC_RANGE("x", 1, 2), 2.1, true, 1 },
		{ "range nan", KTSTR_METRIC_RANGE("x", 1, 2), NAN, true, 1 },
		{ "range missing", KTSTR_METRIC_RANGE("x", 1, 2), 0, false, 1 },
		{ "exists", KTSTR_METRIC_EXISTS("x"), 0, true, 0 },
		{ "exists missing", KTSTR_METRIC_EXISTS("x"), 0, false, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t seen = failures(&rows[i].check, rows[i].x, rows[i].present);

		if (seen != rows[i].failures)
			fail_msg("%s: %zu failures, expected %zu", rows[i].name, seen,
				 rows[i].failures);
	}
}

static void metric_checks_tell_every_failure(void **state)
{
	const struct ktstr_payload payload = SHELL(
		"echo '{\"x\": 1, \"y\": 2}'", .output = KTSTR_OUTPUT_JSON,
		.checks = KTSTR_METRIC_CHECKS(KTSTR_METRIC_MIN("x", 5), KTSTR_METRIC_MAX("y", 2)));
	const struct ktstr_payload_options options = {
		.checks = KTSTR_METRIC_CHECKS(KTSTR_METRIC_EXISTS("z"), KTSTR_METRIC_MAX("y", 1)),
	};
	struct ktstr_payload_result *result = fixture_run(&payload, &options);

	(void)state;
	assert_int_equal(result->num_failures, 3);
	assert_string_equal(result->failures[0], "metric 'x' is 1, expected at least 5");
	assert_contains(result->failures[1], "metric 'z' is missing");
	assert_string_equal(result->failures[2], "metric 'y' is 2, expected at most 1");
	ktstr_payload_result_free(result);
}

static void clear_checks_drops_the_payloads(void **state)
{
	const struct ktstr_payload payload = SHELL(
		"exit 3", .checks = KTSTR_METRIC_CHECKS(KTSTR_EXIT_CODE(0)));
	const struct ktstr_payload_options options = {
		.checks = KTSTR_METRIC_CHECKS(KTSTR_EXIT_CODE(4)),
		.clear_checks = true,
	};
	struct ktstr_payload_result *result = fixture_run(&payload, &options);

	(void)state;
	assert_int_equal(result->num_failures, 1);
	assert_string_equal(result->failures[0], "exit code 3, expected 4");
	ktstr_payload_result_free(result);
}

static void check_refuses_what_cannot_work(void **state)
{
	const struct {
		struct ktstr_payload payload;
		const char *part;
	} rows[] = {
		{ { 0 }, "payload without a name" },
		{ KTSTR_PAYLOAD(""), "payload without a name" },
		{ KTSTR_PAYLOAD("p", .exe = ""), "payload 'p': exe is empty" },
		{ KTSTR_PAYLOAD("p", .output = { .kind = 7 }), "kind 7 is none" },
		{ KTSTR_PAYLOAD("p", .output = { .kind = KTSTR_OUTPUT_KIND_REGEX }),
		  "no regular expression" },
		{ KTSTR_PAYLOAD("p", .output = KTSTR_OUTPUT_REGEX({ "x", "(" })),
		  "output 'x': '(' is no regular expression" },
		{ KTSTR_PAYLOAD("p", .output = KTSTR_OUTPUT_JSON_PATHS({ "x", NULL })),
		  "metric 0 needs a name" },
		{ KTSTR_PAYLOAD("p", .checks = KTSTR_METRIC_CHECKS(KTSTR_METRIC_RANGE("x", 2, 1))),
		  "check of metric 'x': range 2 to 1 is empty" },
		{ KTSTR_PAYLOAD("p",
				.checks = KTSTR_METRIC_CHECKS(KTSTR_METRIC_RANGE("x", NAN, 1))),
		  "is empty" },
		{ KTSTR_PAYLOAD("p", .checks = KTSTR_METRIC_CHECKS(KTSTR_METRIC_MIN("x", NAN))),
		  "the bound is no number" },
		{ KTSTR_PAYLOAD("p", .checks = KTSTR_METRIC_CHECKS(KTSTR_METRIC_MAX("x", NAN))),
		  "the bound is no number" },
		{ KTSTR_PAYLOAD("p", .checks = KTSTR_METRIC_CHECKS({ .kind = 9 })),
		  "check 0: kind 9 is none" },
		{ KTSTR_PAYLOAD("p", .checks = KTSTR_METRIC_CHECKS(KTSTR_METRIC_EXISTS(NULL))),
		  "check 0 names no metric" },
		{ KTSTR_PAYLOAD("p", .hints = KTSTR_METRIC_HINTS({ .unit = "s" })),
		  "hint 0 names no metric" },
		{ KTSTR_PAYLOAD("p", .hints = KTSTR_METRIC_HINTS(
					     { "x", "s", KTSTR_TARGET_VALUE, INFINITY })),
		  "hint of metric 'x': target inf is not finite" },
		{ KTSTR_PAYLOAD("p", .hints = KTSTR_METRIC_HINTS({ .metric = "x", .polarity = 9 })),
		  "hint of metric 'x': polarity 9" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_error error = { 0 };

		if (payload_check(&rows[i].payload, &error) != -EINVAL)
			fail_msg("row %zu (%s) was accepted", i, rows[i].part);
		assert_contains(error.text, rows[i].part);
	}
}

static void spawn_refuses_options_that_cannot_work(void **state)
{
	const struct ktstr_payload payload = KTSTR_PAYLOAD("true");
	const struct ktstr_payload_options options = {
		.checks = KTSTR_METRIC_CHECKS(KTSTR_METRIC_RANGE("x", 2, 1)),
	};
	struct ktstr_payload_run *run;
	struct ktstr_error error;

	(void)state;
	assert_int_equal(payload_spawn(&fixture.env, &payload, &options, &run, &error), -EINVAL);
	assert_contains(error.text, "payload 'true': check of metric 'x'");
}

static void check_flags_looks_at_long_flags_alone(void **state)
{
	const struct ktstr_payload permissive = KTSTR_PAYLOAD("p"),
				   none = KTSTR_PAYLOAD("p", .known_flags = KTSTR_FLAGS_NONE),
				   some = KTSTR_PAYLOAD("p", .known_flags = KTSTR_FLAGS("--runtime",
											"--size"));
	const struct {
		const char *name;
		const struct ktstr_payload *payload;
		const char *const *args;
		const char *refused; /* NULL: passes */
	} rows[] = {
		{ "permissive", &permissive, KTSTR_ARGS("--typo=1"), NULL },
		{ "no args", &some, NULL, NULL },
		{ "short", &some, KTSTR_ARGS("-t", "2"), NULL },
		{ "positional", &some, KTSTR_ARGS("job.fio"), NULL },
		{ "bare", &none, KTSTR_ARGS("--"), NULL },
		{ "listed", &some, KTSTR_ARGS("--runtime", "--size=1"), NULL },
		{ "value", &some, KTSTR_ARGS("--typo=1"), "flag '--typo'" },
		{ "prefix", &some, KTSTR_ARGS("--run"), "flag '--run'" },
		{ "longer", &some, KTSTR_ARGS("--runtimes"), "flag '--runtimes'" },
		{ "first of two", &some, KTSTR_ARGS("--size", "--a", "--b"), "flag '--a'" },
		{ "allowlist", &some, KTSTR_ARGS("--a"), "(--runtime, --size)" },
		{ "empty allowlist", &none, KTSTR_ARGS("--size"), "(none)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_error error = { 0 };
		int err = payload_check_flags(rows[i].payload, rows[i].args, &error);

		if (err != (rows[i].refused ? -EINVAL : 0))
			fail_msg("%s: %d (%s)", rows[i].name, err, error.text);
		if (rows[i].refused)
			assert_contains(error.text, rows[i].refused);
	}
}

/* The payload's own arguments are its author's: only those of the run are looked at. */
static void spawn_checks_flags_of_the_run(void **state)
{
	const struct ktstr_payload payload = SHELL("echo \"$@\"",
						   .known_flags = KTSTR_FLAGS("--size"));
	const struct ktstr_payload_options wrong = { .args = KTSTR_ARGS("--typo=1") };
	const struct ktstr_payload own = KTSTR_PAYLOAD("echo", .args = KTSTR_ARGS("--own"),
						       .known_flags = KTSTR_FLAGS_NONE);
	struct ktstr_payload_run *run;
	struct ktstr_error error;
	struct ktstr_payload_result *result;

	(void)state;
	assert_int_equal(payload_spawn(&fixture.env, &payload, &wrong, &run, &error), -EINVAL);
	assert_contains(error.text, "payload 'p': flag '--typo' is not among its known flags");
	result = fixture_run(&own, NULL);
	assert_string_equal(result->out, "--own\n");
	ktstr_payload_result_free(result);
}

#define runs(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		runs(exit_code_is_the_only_failure),
		runs(exit_code_failure_omits_a_blank_stderr),
		runs(exit_code_failure_has_the_end_of_stderr),
		runs(exit_code_failure_tells_of_a_signal),
		runs(exit_code_minus_one_expects_a_signal),
		runs(metric_checks_include_their_bounds),
		runs(metric_checks_tell_every_failure),
		runs(clear_checks_drops_the_payloads),
		runs(check_refuses_what_cannot_work),
		runs(spawn_refuses_options_that_cannot_work),
		runs(check_flags_looks_at_long_flags_alone),
		runs(spawn_checks_flags_of_the_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
