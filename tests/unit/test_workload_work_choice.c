// SPDX-License-Identifier: GPL-2.0-only
/* Questions about kinds of work before there is a workload. */
#include <errno.h>

#include <ktstr/work.h>

#include "unit.h"

#define NAME(kind, name) name,
static const char *const names[] = { KTSTR_WORK_TYPES(NAME) };

/* Claim 72. */
static void names_are_45_and_all_distinct(void **state)
{
	(void)state;
	assert_int_equal(COUNT(names), 45);
	for (size_t i = 0; i < COUNT(names); i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(names[i], names[k]);
}

static void suggest_looks_past_upper_and_lower_case_alone(void **state)
{
	(void)state;
	assert_string_equal(ktstr_work_suggest("spinwait"), "SpinWait");
	assert_string_equal(ktstr_work_suggest("SEQUENCE"), "Sequence");
	assert_string_equal(ktstr_work_suggest("custom"), "Custom");
	assert_null(ktstr_work_suggest(" SpinWait"));
	assert_null(ktstr_work_suggest("SpinWai"));
}

/* Claim 13. */
static void group_size_is_that_of_a_cohort(void **state)
{
	const struct {
		struct ktstr_work work;
		unsigned size;
	} rows[] = {
		{ { 0 }, 0 },
		{ KTSTR_WORK(thundering_herd), 8 },
		{ KTSTR_WORK(priority_inversion), 3 },
		{ KTSTR_WORK(producer_consumer_imbalance), 3 },
		{ KTSTR_WORK(wake_chain), 4 },
		{ KTSTR_WORK(signal_storm), 2 },
		{ KTSTR_WORK(smt_sibling_spin), 2 },
		{ KTSTR_WORK(epoll_storm), 3 },
		{ KTSTR_WORK(futex_fan_out, .fan_out = 9), 10 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(ktstr_work_group_size(&rows[i].work), rows[i].size);
}

static void check_is_the_admission(void **state)
{
	const struct ktstr_work pairs = KTSTR_WORK(pipe_io), spin = { 0 };
	struct ktstr_error error = { 0 };

	(void)state;
	assert_int_equal(ktstr_work_check(&spin, 0, &error), 0);
	assert_int_equal(ktstr_work_check(&pairs, 4, &error), 0);
	assert_int_equal(ktstr_work_check(&pairs, 3, &error), -EINVAL);
	assert_contains(error.text, "divisible by 2, got 3");
	assert_int_equal(ktstr_work_check(&KTSTR_WORK(idle_churn, .burst_us = KTSTR_ZERO), 1,
					  &error),
			 -EINVAL);
}

/* Claim 73. */
static void override_goes_where_it_fits(void **state)
{
	const struct ktstr_work base = KTSTR_WORK(bursty), pairs = KTSTR_WORK(pipe_io),
				yield = KTSTR_WORK(yield_heavy);
	const struct {
		const struct ktstr_work *override;
		bool swappable;
		unsigned workers;
		const struct ktstr_work *result;
	} rows[] = {
		{ &yield, false, 2, &base }, { NULL, true, 2, &base },
		{ &yield, true, 3, &yield }, { &pairs, true, 3, &base },
		{ &pairs, true, 4, &pairs },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_ptr_equal(ktstr_work_resolve_override(&base, rows[i].override,
							     rows[i].swappable, rows[i].workers)
					 .ops,
				 rows[i].result->ops);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_45_and_all_distinct),
		cmocka_unit_test(suggest_looks_past_upper_and_lower_case_alone),
		cmocka_unit_test(group_size_is_that_of_a_cohort),
		cmocka_unit_test(check_is_the_admission),
		cmocka_unit_test(override_goes_where_it_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
