// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "unit.h"
#include "workload/schbench/histogram.h"

/* Two histograms are 40 kB: not for the stack of every test. */
struct pair {
	struct ktstr_histogram a, b;
};

static int allocate(void **state)
{
	*state = calloc(1, sizeof(struct pair));
	return *state ? 0 : -1;
}

static int release(void **state)
{
	free(*state);
	return 0;
}

/* Claim 77. */
static void histogram_index_and_value_give_the_known_pairs(void **state)
{
	static const struct {
		uint32_t value;
		unsigned index;
		uint32_t back;
	} rows[] = {
		{ 0, 0, 0 },
		{ 1, 1, 1 },
		{ 511, 511, 511 },
		{ 512, 512, 513 },
		{ 514, 513, 515 },
		{ 1000, 756, 1001 },
		{ 4096, 1280, 4104 },
		{ 100000, 2438, 99968 },
		{ 1000000, 3304, 1000448 },
		{ UINT32_MAX, 4863, 67043328 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(histogram_index(rows[i].value), rows[i].index);
		assert_int_equal(histogram_value(rows[i].index), rows[i].back);
	}
}

/* Claim 77: clamp. 2^26 is the first value beyond the last group. */
static void histogram_index_clamps_to_the_last_bucket(void **state)
{
	(void)state;
	assert_int_equal(histogram_index((1u << 26) - 1), KTSTR_HISTOGRAM_BUCKETS - 1);
	assert_int_equal(histogram_index(1u << 26), KTSTR_HISTOGRAM_BUCKETS - 1);
	assert_int_equal(histogram_index(1u << 31), KTSTR_HISTOGRAM_BUCKETS - 1);
}

static void histogram_value_of_an_index_falls_into_it(void **state)
{
	(void)state;
	for (unsigned i = 0; i < KTSTR_HISTOGRAM_BUCKETS; i++)
		assert_int_equal(histogram_index(histogram_value(i)), i);
}

/* Claim 77. */
static void histogram_record_of_zero_leaves_min_unset(void **state)
{
	struct ktstr_histogram *histogram = &((struct pair *)*state)->a;

	histogram_record(histogram, 0);
	assert_int_equal(histogram->buckets[0], 1);
	assert_int_equal(histogram->samples, 1);
	assert_int_equal(histogram->min, 0);
	histogram_record(histogram, 7);
	histogram_record(histogram, 3);
	histogram_record(histogram, 0);
	assert_int_equal(histogram->min, 3);
	assert_int_equal(histogram->max, 7);
}

/* Claim 77. */
static void histogram_merge_adds_and_keeps_min_over_an_empty_operand(void **state)
{
	struct pair *pair = *state;

	histogram_record(&pair->a, 5);
	histogram_record(&pair->a, 900);
	ktstr_histogram_merge(&pair->a, &pair->b);
	assert_int_equal(pair->a.min, 5);
	assert_int_equal(pair->a.samples, 2);
	ktstr_histogram_merge(&pair->b, &pair->a);
	assert_int_equal(pair->b.min, 5);
	assert_int_equal(pair->b.max, 900);
	histogram_record(&pair->a, 2);
	ktstr_histogram_merge(&pair->b, &pair->a);
	assert_int_equal(pair->b.min, 2);
	assert_int_equal(pair->b.samples, 5);
	assert_int_equal(pair->b.buckets[5], 2);
	assert_int_equal(pair->b.buckets[2], 1);
}

static void histogram_merge_saturates_a_bucket(void **state)
{
	struct pair *pair = *state;

	pair->a.buckets[9] = UINT32_MAX - 1;
	pair->b.buckets[9] = 2;
	ktstr_histogram_merge(&pair->a, &pair->b);
	assert_int_equal(pair->a.buckets[9], UINT32_MAX);
}

static void histogram_pour_moves_everything(void **state)
{
	struct pair *pair = *state;

	histogram_record(&pair->a, 5);
	histogram_record(&pair->b, 700);
	histogram_record(&pair->b, 3);
	histogram_pour(&pair->a, &pair->b);
	assert_int_equal(pair->a.samples, 3);
	assert_int_equal(pair->a.min, 3);
	assert_int_equal(pair->a.max, 700);
	assert_int_equal(pair->a.buckets[histogram_index(700)], 1);
	for (size_t i = 0; i < sizeof(pair->b); i++)
		assert_int_equal(((const char *)&pair->b)[i], 0);
}

/* Claim 77. */
static void percentiles_of_nothing_are_zero(void **state)
{
	struct pair *pair = *state;
	struct ktstr_percentiles percentiles;

	memset(&percentiles, 0xff, sizeof(percentiles));
	ktstr_histogram_percentiles(&pair->a, &percentiles);
	for (unsigned i = 0; i < KTSTR_PERCENTILES; i++) {
		assert_int_equal(percentiles.values[i], 0);
		assert_int_equal(percentiles.counts[i], 0);
	}
}

/* Claim 78. The samples belong to the first percentile that reaches their bucket. */
static void percentiles_of_equal_samples_are_their_value(void **state)
{
	struct pair *pair = *state;
	struct ktstr_percentiles percentiles;

	for (unsigned i = 0; i < 100; i++)
		histogram_record(&pair->a, 333);
	ktstr_histogram_percentiles(&pair->a, &percentiles);
	for (unsigned i = 0; i < KTSTR_PERCENTILES; i++) {
		assert_int_equal(percentiles.values[i], 333);
		assert_int_equal(percentiles.counts[i], i ? 0 : 100);
	}
}

/* Claim 78. */
static void percentiles_of_1_to_100_are_themselves(void **state)
{
	static const struct {
		uint32_t value;
		uint64_t count;
	} rows[KTSTR_PERCENTILES] = { { 20, 20 }, { 50, 30 }, { 90, 40 }, { 99, 9 }, { 100, 1 } };
	struct pair *pair = *state;
	struct ktstr_percentiles percentiles;

	for (uint32_t value = 1; value <= 100; value++)
		histogram_record(&pair->a, value);
	ktstr_histogram_percentiles(&pair->a, &percentiles);
	for (unsigned i = 0; i < KTSTR_PERCENTILES; i++) {
		assert_int_equal(percentiles.values[i], rows[i].value);
		assert_int_equal(percentiles.counts[i], rows[i].count);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, allocate, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(histogram_index_and_value_give_the_known_pairs),
		cmocka_unit_test(histogram_index_clamps_to_the_last_bucket),
		cmocka_unit_test(histogram_value_of_an_index_falls_into_it),
		CASE(histogram_record_of_zero_leaves_min_unset),
		CASE(histogram_merge_adds_and_keeps_min_over_an_empty_operand),
		CASE(histogram_merge_saturates_a_bucket),
		CASE(histogram_pour_moves_everything),
		CASE(percentiles_of_nothing_are_zero),
		CASE(percentiles_of_equal_samples_are_their_value),
		CASE(percentiles_of_1_to_100_are_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
