// SPDX-License-Identifier: GPL-2.0-only
#include "check/verdict.h"
#include "unit.h"

static const enum verdict_outcome outcomes[] = {
#define X(name, text) VERDICT_##name,
	VERDICT_OUTCOMES(X)
#undef X
};

static const enum detail_kind kinds[] = {
#define X(name, text) DETAIL_##name,
	DETAIL_KINDS(X)
#undef X
};

static void verdict_outcome_names_work_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(outcomes); i++) {
		enum verdict_outcome parsed = VERDICT_FAIL;

		assert_true(verdict_outcome_parse(verdict_outcome_str(outcomes[i]), &parsed));
		assert_int_equal(parsed, outcomes[i]);
	}
	assert_string_equal(verdict_outcome_str((enum verdict_outcome)99), "unknown");
}

static void detail_kind_names_work_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		enum detail_kind parsed = DETAIL_OTHER;

		assert_true(detail_kind_parse(detail_kind_str(kinds[i]), &parsed));
		assert_int_equal(parsed, kinds[i]);
	}
	assert_string_equal(detail_kind_str((enum detail_kind)99), "unknown");
}

static void parse_refuses_other_words_and_leaves_the_result_alone(void **state)
{
	static const char *const words[] = { "", "Pass", "passed", "unknown", "nope" };
	enum verdict_outcome outcome = VERDICT_INCONCLUSIVE;
	enum detail_kind kind = DETAIL_UNFAIR;

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		assert_false(verdict_outcome_parse(words[i], &outcome));
		assert_false(detail_kind_parse(words[i], &kind));
	}
	assert_int_equal(outcome, VERDICT_INCONCLUSIVE);
	assert_int_equal(kind, DETAIL_UNFAIR);
}

/* Others compare outcomes: the order is part of the meaning. */
static void outcomes_ascend_in_severity(void **state)
{
	(void)state;
	assert_true(VERDICT_SKIP < VERDICT_PASS);
	assert_true(VERDICT_PASS < VERDICT_INCONCLUSIVE);
	assert_true(VERDICT_INCONCLUSIVE < VERDICT_FAIL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_outcome_names_work_both_ways),
		cmocka_unit_test(detail_kind_names_work_both_ways),
		cmocka_unit_test(parse_refuses_other_words_and_leaves_the_result_alone),
		cmocka_unit_test(outcomes_ascend_in_severity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
