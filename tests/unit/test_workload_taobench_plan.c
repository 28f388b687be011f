// SPDX-License-Identifier: GPL-2.0-only
#include <ktstr/taobench.h>

#include "unit.h"
#include "base/clock.h"
#include "workload/taobench/plan.h"

/* Claim 81. */
static void taobench_objects_and_keys_of_a_capacity(void **state)
{
	(void)state;
	assert_int_equal(taobench_objects(64), 202135);
	assert_int_equal(taobench_objects(8), 25266);
	assert_int_equal(taobench_key_range(202135, 90), 224595);
	/* A shard has at least one value. */
	assert_int_equal(taobench_objects(0), 256);
}

/* Claim 81. Mean 332; its standard error over this many draws is below 3. */
static void taobench_value_bytes_have_the_mean_of_their_weights(void **state)
{
	struct prng prng = prng_seeded(4711);
	const unsigned draws = 1000000;
	uint64_t sum = 0, small = 0;

	(void)state;
	for (unsigned i = 0; i < draws; i++) {
		uint32_t bytes = taobench_value_bytes(&prng);

		sum += bytes;
		small += bytes == 64;
	}
	assert_in_range(sum / draws, 322, 342);
	/* 450 of 996. */
	assert_in_range(small * 996 / draws, 445, 455);
}

static void taobench_fetch_is_fixed_without_a_tail(void **state)
{
	static const uint64_t rows[][2] = { { 100, 0 }, { 100, 100 }, { 100, 50 }, { 0, 500 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct prng prng = prng_seeded(1);
		struct taobench_fetch fetch = taobench_fetch_plan(rows[i][0], rows[i][1]);

		assert_int_equal(taobench_fetch_ns(&fetch, &prng), rows[i][0] * NS_PER_US);
	}
}

/*
 * Half of the draws below the median, 99 % below the tail's: of 200000, 100000 +- 224 and
 * 198000 +- 45; the limits are about ten of these.
 */
static void taobench_fetch_has_the_median_and_the_tail_asked_for(void **state)
{
	struct taobench_fetch fetch = taobench_fetch_plan(100, 5000);
	struct prng prng = prng_seeded(4711);
	unsigned below_median = 0, below_tail = 0;
	uint64_t largest = 0;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		uint64_t ns = taobench_fetch_ns(&fetch, &prng);

		below_median += ns < 100 * NS_PER_US;
		below_tail += ns < 5000 * NS_PER_US;
		if (ns > largest)
			largest = ns;
	}
	assert_in_range(below_median, 98000, 102000);
	assert_in_range(below_tail, 197500, 198500);
	assert_true(largest <= TAOBENCH_FETCH_MAX_NS);
	assert_true(largest > 20000 * NS_PER_US);
}

/* Claim 84. */
static void taobench_merge_saturates_and_takes_the_longer_time(void **state)
{
	struct ktstr_taobench_counters counters = {
		.get_cmds = UINT64_MAX - 1, .fast_ops = 5, .slow_ops = UINT64_MAX, .elapsed_ns = 70
	};
	const struct ktstr_taobench_counters other = {
		.get_cmds = 2, .get_misses = 3, .fast_ops = 6, .slow_ops = 1, .elapsed_ns = 60
	};

	(void)state;
	ktstr_taobench_merge(&counters, &other);
	assert_true(counters.get_cmds == UINT64_MAX);
	assert_true(counters.slow_ops == UINT64_MAX);
	assert_int_equal(counters.get_misses, 3);
	assert_int_equal(counters.fast_ops, 11);
	assert_int_equal(counters.elapsed_ns, 70);
	counters.elapsed_ns = 50;
	ktstr_taobench_merge(&counters, &other);
	assert_int_equal(counters.elapsed_ns, 60);
}

static void taobench_rates_follow_their_formulas(void **state)
{
	const struct ktstr_taobench_counters counters = { .get_cmds = 1000,
							  .get_misses = 200,
							  .fast_ops = 900,
							  .slow_ops = 100,
							  .elapsed_ns = 2 * NS_PER_S };
	struct ktstr_taobench_rates rates;

	(void)state;
	ktstr_taobench_rates(&counters, &rates);
	assert_true(rates.total_qps == 500);
	assert_true(rates.fast_qps == 450);
	assert_true(rates.slow_qps == 50);
	assert_true(rates.hit_ratio == 0.9);
	assert_true(rates.hit_rate == 0.8);
	ktstr_taobench_rates(&(struct ktstr_taobench_counters){ 0 }, &rates);
	assert_true(rates.total_qps == 0 && rates.hit_ratio == 0 && rates.hit_rate == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taobench_objects_and_keys_of_a_capacity),
		cmocka_unit_test(taobench_value_bytes_have_the_mean_of_their_weights),
		cmocka_unit_test(taobench_fetch_is_fixed_without_a_tail),
		cmocka_unit_test(taobench_fetch_has_the_median_and_the_tail_asked_for),
		cmocka_unit_test(taobench_merge_saturates_and_takes_the_longer_time),
		cmocka_unit_test(taobench_rates_follow_their_formulas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
