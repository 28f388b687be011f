// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <math.h>

#include "check/verdict.h"
#include "unit.h"

static const struct ktstr_check unset;

/* Every field set, and the same with each field set to something else. */
static const struct ktstr_check full = { KTSTR_YES, KTSTR_NO, 700, 12.5, 0.5, 2 };
static const struct ktstr_check other = { KTSTR_NO, KTSTR_YES, 900, 3, 1, 4 };

static void assert_check_equal(struct ktstr_check actual, struct ktstr_check expected)
{
	assert_int_equal(actual.not_stuck, expected.not_stuck);
	assert_int_equal(actual.isolation, expected.isolation);
	assert_int_equal(actual.max_gap_ms, expected.max_gap_ms);
#define X(field) assert_true(actual.field == expected.field);
	KTSTR_CHECK_DOUBLES(X)
#undef X
}

static void check_merge_has_a_two_sided_identity(void **state)
{
	(void)state;
	assert_check_equal(check_merge(&full, &unset), full);
	assert_check_equal(check_merge(&unset, &full), full);
	assert_check_equal(check_merge(&unset, &unset), unset);
}

static void check_merge_prefers_the_upper_layer_field_by_field(void **state)
{
	const struct {
		struct ktstr_check over, merged;
	} rows[] = {
		{ other, other },
		{ { .not_stuck = KTSTR_NO }, { KTSTR_NO, KTSTR_NO, 700, 12.5, 0.5, 2 } },
		{ { .isolation = KTSTR_YES }, { KTSTR_YES, KTSTR_YES, 700, 12.5, 0.5, 2 } },
		{ { .max_gap_ms = 1 }, { KTSTR_YES, KTSTR_NO, 1, 12.5, 0.5, 2 } },
		{ { .max_spread_pct = 80 }, { KTSTR_YES, KTSTR_NO, 700, 80, 0.5, 2 } },
		{ { .max_throughput_cv = 9 }, { KTSTR_YES, KTSTR_NO, 700, 12.5, 9, 2 } },
		{ { .max_wake_latency_cv = 9 }, { KTSTR_YES, KTSTR_NO, 700, 12.5, 0.5, 9 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_check_equal(check_merge(&full, &rows[i].over), rows[i].merged);
}

static void check_validate_accepts_what_makes_sense(void **state)
{
	(void)state;
	assert_int_equal(check_validate(&unset, NULL), 0);
	assert_int_equal(check_validate(&full, NULL), 0);
	assert_int_equal(check_validate(&other, NULL), 0);
}

static void check_validate_names_the_field(void **state)
{
	const struct {
		struct ktstr_check check;
		const char *field, *value;
	} rows[] = {
		{ { .not_stuck = (enum ktstr_tristate)3 }, "'not_stuck'", "3" },
		{ { .isolation = (enum ktstr_tristate)7 }, "'isolation'", "7" },
		{ { .max_gap_ms = UINT64_MAX }, "'max_gap_ms'", "18446744073709551615" },
		{ { .max_spread_pct = -1.5 }, "'max_spread_pct'", "-1.5" },
		{ { .max_spread_pct = NAN }, "'max_spread_pct'", "nan" },
		{ { .max_throughput_cv = -1 }, "'max_throughput_cv'", "-1" },
		{ { .max_wake_latency_cv = NAN }, "'max_wake_latency_cv'", "nan" },
		{ { .max_spread_pct = INFINITY }, "'max_spread_pct'", "inf" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_error error = { 0 };

		assert_int_equal(check_validate(&rows[i].check, &error), -EINVAL);
		assert_contains(error.text, rows[i].field);
		assert_contains(error.text, rows[i].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_merge_has_a_two_sided_identity),
		cmocka_unit_test(check_merge_prefers_the_upper_layer_field_by_field),
		cmocka_unit_test(check_validate_accepts_what_makes_sense),
		cmocka_unit_test(check_validate_names_the_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
