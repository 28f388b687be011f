// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>

#include "check/statistics.h"
#include "unit.h"

static void samples_percentile_takes_the_nearest_rank(void **state)
{
	static const uint64_t one[] = { 7 }, four[] = { 1, 2, 3, 4 };
	uint64_t hundred[100], seven_hundred[700];

	(void)state;
	for (size_t i = 0; i < COUNT(hundred); i++)
		hundred[i] = i + 1;
	for (size_t i = 0; i < COUNT(seven_hundred); i++)
		seven_hundred[i] = i + 1;
	assert_int_equal(samples_percentile(hundred, 100, PER_MILLE_P99), 99);
	assert_int_equal(samples_percentile(hundred, 100, 1000), 100);
	assert_int_equal(samples_percentile(hundred, 100, 1), 1);
	assert_int_equal(samples_percentile(seven_hundred, 700, PER_MILLE_P99), 693);
	assert_int_equal(samples_percentile(one, 1, PER_MILLE_P99), 7);
	assert_int_equal(samples_percentile(four, 4, PER_MILLE_MEDIAN), 2);
	assert_int_equal(samples_percentile(four, 3, PER_MILLE_MEDIAN), 2);
	assert_int_equal(samples_percentile(NULL, 0, PER_MILLE_MEDIAN), 0);
}

/* The rule itself, ceil(n * p), in whole numbers for every small n. */
static void samples_percentile_covers_its_share_and_no_more(void **state)
{
	static uint64_t samples[2500];

	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++)
		samples[i] = i + 1;
	for (size_t count = 1; count <= COUNT(samples); count++) {
		uint64_t rank = samples_percentile(samples, count, PER_MILLE_P99);

		assert_true(rank * 1000 >= count * PER_MILLE_P99);
		assert_true((rank - 1) * 1000 < count * PER_MILLE_P99);
	}
}

static void samples_sort_ascends_over_the_whole_range(void **state)
{
	uint64_t samples[] = { UINT64_MAX, 0, 1, UINT64_MAX - 1, 1 };

	(void)state;
	samples_sort(samples, COUNT(samples));
	for (size_t i = 1; i < COUNT(samples); i++)
		assert_true(samples[i - 1] <= samples[i]);
	samples_sort(NULL, 0);
}

static void samples_cv_divides_by_the_population(void **state)
{
	static const uint64_t spread[] = { 2, 4, 4, 4, 5, 5, 7, 9 }; /* mean 5, deviation 2 */
	static const uint64_t same[] = { 3, 3, 3 }, zeros[] = { 0, 0 };

	(void)state;
	assert_true(fabs(samples_cv(spread, COUNT(spread)) - 0.4) < 1e-12);
	assert_true(samples_cv(same, COUNT(same)) == 0);
	assert_true(samples_cv(zeros, COUNT(zeros)) == 0);
	assert_true(samples_cv(spread, 1) == 0);
	assert_true(samples_cv(NULL, 0) == 0);
}

static void saturating_add_stops_at_the_top(void **state)
{
	(void)state;
	assert_true(saturating_add(1, 2) == 3);
	assert_true(saturating_add(UINT64_MAX - 1, 1) == UINT64_MAX);
	assert_true(saturating_add(UINT64_MAX, 5) == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_percentile_takes_the_nearest_rank),
		cmocka_unit_test(samples_percentile_covers_its_share_and_no_more),
		cmocka_unit_test(samples_sort_ascends_over_the_whole_range),
		cmocka_unit_test(samples_cv_divides_by_the_population),
		cmocka_unit_test(saturating_add_stops_at_the_top),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
