// SPDX-License-Identifier: GPL-2.0-only
/* Logarithmic buckets: which one a value falls into, what one stands for, and their sums. */
#include "workload/schbench/histogram.h"

#define GROUP_BITS 8
#define GROUP_SIZE (1u << GROUP_BITS)
#define LAST (KTSTR_HISTOGRAM_BUCKETS - 1)

static const double levels[KTSTR_PERCENTILES] = { 20.0, 50.0, 90.0, 99.0, 99.9 };

unsigned histogram_index(uint32_t value)
{
	unsigned dropped_bits, index;

	if (value < 2 * GROUP_SIZE)
		return value;
	dropped_bits = 31 - (unsigned)__builtin_clz(value) - GROUP_BITS;
	index = (dropped_bits + 1) * GROUP_SIZE + ((value >> dropped_bits) & (GROUP_SIZE - 1));
	return index < LAST ? index : LAST;
}

uint32_t histogram_value(unsigned index)
{
	unsigned dropped_bits;

	if (index < 2 * GROUP_SIZE)
		return index;
	dropped_bits = index / GROUP_SIZE - 1;
	return ((GROUP_SIZE + index % GROUP_SIZE) << dropped_bits) + (1u << dropped_bits) / 2;
}

static uint32_t added(uint32_t a, uint32_t b)
{
	uint32_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT32_MAX : sum;
}

void ktstr_histogram_merge(struct ktstr_histogram *histogram, const struct ktstr_histogram *other)
{
	uint32_t max = __atomic_load_n(&other->max, __ATOMIC_RELAXED);
	uint32_t min = __atomic_load_n(&other->min, __ATOMIC_RELAXED);

	/* The other one may be in use: see histogram.h. */
	for (unsigned i = 0; i < KTSTR_HISTOGRAM_BUCKETS; i++)
		histogram->buckets[i] = added(histogram->buckets[i],
					      __atomic_load_n(&other->buckets[i],
							      __ATOMIC_RELAXED));
	histogram->samples += __atomic_load_n(&other->samples, __ATOMIC_RELAXED);
	if (max > histogram->max)
		histogram->max = max;
	if (min && (!histogram->min || min < histogram->min))
		histogram->min = min;
}

static void raise_max(uint32_t *max, uint32_t value)
{
	uint32_t seen = __atomic_load_n(max, __ATOMIC_RELAXED);

	while (value > seen && !__atomic_compare_exchange_n(max, &seen, value, true,
							    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

static void lower_min(uint32_t *min, uint32_t value)
{
	uint32_t seen = __atomic_load_n(min, __ATOMIC_RELAXED);

	while (value && (!seen || value < seen) &&
	       !__atomic_compare_exchange_n(min, &seen, value, true, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED))
		;
}

void histogram_pour(struct ktstr_histogram *to, struct ktstr_histogram *from)
{
	if (!from->samples)
		return;
	for (unsigned i = 0; i < KTSTR_HISTOGRAM_BUCKETS; i++) {
		uint32_t count = from->buckets[i];

		if (!count)
			continue;
		__atomic_fetch_add(&to->buckets[i], count, __ATOMIC_RELAXED);
		__atomic_store_n(&from->buckets[i], 0, __ATOMIC_RELAXED);
	}
	__atomic_fetch_add(&to->samples, from->samples, __ATOMIC_RELAXED);
	raise_max(&to->max, from->max);
	lower_min(&to->min, from->min);
	__atomic_store_n(&from->samples, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&from->max, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&from->min, 0, __ATOMIC_RELAXED);
}

void ktstr_histogram_percentiles(const struct ktstr_histogram *histogram,
				 struct ktstr_percentiles *ret_percentiles)
{
	uint64_t sum = 0, before = 0;
	unsigned level = 0;

	*ret_percentiles = (struct ktstr_percentiles){ 0 };
	if (!histogram->samples)
		return;
	for (unsigned i = 0; i < KTSTR_HISTOGRAM_BUCKETS && level < KTSTR_PERCENTILES; i++) {
		sum += histogram->buckets[i];
		/* Several percentiles may lie in one bucket: the first has the samples. */
		for (; level < KTSTR_PERCENTILES &&
		       (double)sum >= levels[level] / 100.0 * (double)histogram->samples;
		     level++) {
			ret_percentiles->values[level] = histogram_value(i);
			ret_percentiles->counts[level] = sum - before;
			before = sum;
		}
	}
}
