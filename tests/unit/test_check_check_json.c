// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "check/verdict_json.h"
#include "unit.h"

static const struct {
	struct ktstr_check check;
	const char *json;
} pairs[] = {
	{ { 0 },
	  "{\"not_stuck\": null, \"isolation\": null, \"max_gap_ms\": null,"
	  " \"max_spread_pct\": null, \"max_throughput_cv\": null, \"max_wake_latency_cv\": "
	  "null}" },
	{ { KTSTR_YES, KTSTR_NO, 700, 12.5, 0.5, 2 },
	  "{\"not_stuck\": \"yes\", \"isolation\": \"no\", \"max_gap_ms\": 700,"
	  " \"max_spread_pct\": 12.5, \"max_throughput_cv\": 0.5, \"max_wake_latency_cv\": 2.0}" },
	{ { KTSTR_NO, KTSTR_YES, INT64_MAX, 0.1 },
	  "{\"not_stuck\": \"no\", \"isolation\": \"yes\","
	  " \"max_gap_ms\": 9223372036854775807, \"max_spread_pct\": 0.10000000000000001,"
	  " \"max_throughput_cv\": null, \"max_wake_latency_cv\": null}" },
};

static void check_json_goes_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		json_auto_t *json = check_to_json(&pairs[i].check);
		auto_free char *text = json_dumps(json, JSON_PRESERVE_ORDER);
		struct ktstr_check back = { 3, 3, 3, 3, 3, 3 };

		assert_string_equal(text, pairs[i].json);
		assert_int_equal(check_from_json(json, &back, NULL), 0);
		assert_int_equal(back.not_stuck, pairs[i].check.not_stuck);
		assert_int_equal(back.isolation, pairs[i].check.isolation);
		assert_int_equal(back.max_gap_ms, pairs[i].check.max_gap_ms);
#define X(field) assert_true(back.field == pairs[i].check.field);
		KTSTR_CHECK_DOUBLES(X)
#undef X
	}
}

static void check_to_json_writes_no_nonsense(void **state)
{
	(void)state;
	assert_null(check_to_json(&(struct ktstr_check){ .max_spread_pct = NAN }));
	assert_null(check_to_json(&(struct ktstr_check){ .max_gap_ms = UINT64_MAX }));
}

static void check_from_json_takes_a_missing_key_as_unset(void **state)
{
	struct ktstr_check check = { 3, 3, 3, 3, 3, 3 };
	json_auto_t *json = json_object();

	(void)state;
	assert_int_equal(check_from_json(json, &check, NULL), 0);
	assert_int_equal(check.not_stuck, KTSTR_UNSET);
	assert_int_equal(check.max_gap_ms, 0);
}

static const struct {
	const char *json, *names, *seen;
} refused[] = {
	{ "7", "check: has to be an object", "7" },
	{ "{\"not_stuck\": true}", "'not_stuck'", "true" },
	{ "{\"isolation\": \"YES\"}", "'isolation'", "'YES'" },
	{ "{\"max_gap_ms\": -1}", "'max_gap_ms'", "-1" },
	{ "{\"max_gap_ms\": 1.5}", "'max_gap_ms'", "1.5" },
	{ "{\"max_spread_pct\": -0.5}", "'max_spread_pct'", "-0.5" },
	{ "{\"max_spread_pct\": \"9\"}", "'max_spread_pct'", "'9'" },
};

static void check_from_json_names_the_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		json_auto_t *json = json_loads(refused[i].json, JSON_DECODE_ANY, NULL);
		struct ktstr_check check = { .max_gap_ms = 42 };
		struct ktstr_error error = { 0 };

		assert_non_null(json);
		assert_int_equal(check_from_json(json, &check, &error), -EBADMSG);
		assert_contains(error.text, refused[i].names);
		assert_contains(error.text, refused[i].seen);
		assert_int_equal(check.max_gap_ms, 42);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_json_goes_both_ways),
		cmocka_unit_test(check_to_json_writes_no_nonsense),
		cmocka_unit_test(check_from_json_takes_a_missing_key_as_unset),
		cmocka_unit_test(check_from_json_names_the_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
