/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ktstr/histogram.h>

/*
 * What the benchmarks do with a histogram while it is being filled. A histogram has one writer;
 * another thread may read it meanwhile and sees each number old or new, never torn. That is why
 * every access here is a relaxed atomic one: on the machines we support it is a plain load or
 * store.
 */

unsigned histogram_index(uint32_t value);
/* The middle of the values that share a bucket. */
uint32_t histogram_value(unsigned index);

static inline void histogram_bump(uint32_t *bucket)
{
	__atomic_store_n(bucket, __atomic_load_n(bucket, __ATOMIC_RELAXED) + 1, __ATOMIC_RELAXED);
}

/* Count value. Only by the histogram's one writer. */
static inline void histogram_record(struct ktstr_histogram *histogram, uint32_t value)
{
	uint32_t min = __atomic_load_n(&histogram->min, __ATOMIC_RELAXED);

	if (value > __atomic_load_n(&histogram->max, __ATOMIC_RELAXED))
		__atomic_store_n(&histogram->max, value, __ATOMIC_RELAXED);
	if (value && (!min || value < min))
		__atomic_store_n(&histogram->min, value, __ATOMIC_RELAXED);
	histogram_bump(&histogram->buckets[histogram_index(value)]);
	__atomic_store_n(&histogram->samples,
			 __atomic_load_n(&histogram->samples, __ATOMIC_RELAXED) + 1,
			 __ATOMIC_RELAXED);
}

/*
 * Move what from counted into to, and leave from empty. Any number of threads may pour into one
 * histogram at a time, each from its own.
 */
void histogram_pour(struct ktstr_histogram *to, struct ktstr_histogram *from);
