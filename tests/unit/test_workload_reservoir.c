// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "unit.h"
#include "workload/reservoir.h"

#define CAPACITY 100000 /* claim 44: MAX_WAKE_SAMPLES */
#define OFFERED 250000

static int allocate(void **state)
{
	*state = calloc(CAPACITY, sizeof(uint64_t));
	return *state ? 0 : -1;
}

static int release(void **state)
{
	free(*state);
	return 0;
}

/* Claim 44. */
static void reservoir_offer_keeps_all_in_order_below_the_capacity(void **state)
{
	struct reservoir reservoir;

	reservoir_init(&reservoir, *state, CAPACITY, 1);
	for (uint64_t i = 0; i < CAPACITY; i++)
		reservoir_offer(&reservoir, i * 3);
	assert_int_equal(reservoir.count, CAPACITY);
	assert_int_equal(reservoir.total, CAPACITY);
	for (uint64_t i = 0; i < CAPACITY; i++)
		assert_int_equal(reservoir.values[i], i * 3);
}

/*
 * Claims 44 and 45. Kept values of 0..N-1 are a uniform sample: their mean is (N-1)/2 with a
 * standard error of N/sqrt(12)/sqrt(100000) = 0.0009 N (less, drawing without replacement); the
 * limit is about ten of them. Each tenth of the stream keeps a tenth of the sample: 10000 +- 95.
 */
static void reservoir_offer_samples_uniformly_beyond_it(void **state)
{
	struct reservoir reservoir;
	unsigned tenths[10] = { 0 };
	double sum = 0;

	reservoir_init(&reservoir, *state, CAPACITY, 4711);
	for (uint64_t i = 0; i < OFFERED; i++)
		reservoir_offer(&reservoir, i);
	assert_int_equal(reservoir.count, CAPACITY);
	assert_int_equal(reservoir.total, OFFERED);
	for (size_t i = 0; i < CAPACITY; i++) {
		sum += (double)reservoir.values[i];
		tenths[reservoir.values[i] * 10 / OFFERED]++;
	}
	assert_in_range((uint64_t)(sum / CAPACITY), OFFERED / 2 - OFFERED / 100,
			OFFERED / 2 + OFFERED / 100);
	for (size_t i = 0; i < COUNT(tenths); i++)
		assert_in_range(tenths[i], 9500, 10500);
}

/* Claim 45: workers, seeded by their neighbouring tids, keep different samples. */
static void reservoir_offer_depends_on_the_seed(void **state)
{
	uint64_t kept[2][100];
	struct reservoir reservoir;

	(void)state;
	for (unsigned seed = 0; seed < 2; seed++) {
		reservoir_init(&reservoir, kept[seed], 100, 1000 + seed);
		for (uint64_t i = 0; i < 10000; i++)
			reservoir_offer(&reservoir, i);
	}
	assert_memory_not_equal(kept[0], kept[1], sizeof(kept[0]));
}

static void prng_seeded_never_gets_stuck_at_zero(void **state)
{
	struct prng prng = prng_seeded(0);

	(void)state;
	assert_int_not_equal(prng_next(&prng), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			reservoir_offer_keeps_all_in_order_below_the_capacity, allocate, release),
		cmocka_unit_test_setup_teardown(reservoir_offer_samples_uniformly_beyond_it,
						allocate, release),
		cmocka_unit_test(reservoir_offer_depends_on_the_seed),
		cmocka_unit_test(prng_seeded_never_gets_stuck_at_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
