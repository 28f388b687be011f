/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_HISTOGRAM_H
#define KTSTR_HISTOGRAM_H

#include <stdint.h>

#include <ktstr/export.h>

/*
 * A histogram of whole numbers (microseconds, requests per second) in constant memory: values below
 * 512 have a bucket each, above that 256 buckets share each power of two, so a bucket's value is
 * within 1/512 of what was counted. The last bucket also takes all that is larger. These are the
 * buckets of schbench, so percentiles compare with those it prints.
 */
#define KTSTR_HISTOGRAM_BUCKETS 4864 /* 19 groups of 256 */

struct ktstr_histogram {
	uint64_t samples;
	uint32_t max;
	uint32_t min; /* of the samples above 0; 0: there was none */
	uint32_t buckets[KTSTR_HISTOGRAM_BUCKETS];
};

enum ktstr_percentile {
	KTSTR_PERCENTILE_20,
	KTSTR_PERCENTILE_50,
	KTSTR_PERCENTILE_90,
	KTSTR_PERCENTILE_99,
	KTSTR_PERCENTILE_99_9,
	KTSTR_PERCENTILES,
};

struct ktstr_percentiles {
	uint32_t values[KTSTR_PERCENTILES];
	uint64_t
		counts[KTSTR_PERCENTILES]; /* samples above the percentile before, up to this one */
};

/* Add what other counted: the way to pool workers, whose percentiles must never be averaged. */
KTSTR_API void ktstr_histogram_merge(struct ktstr_histogram *histogram,
				     const struct ktstr_histogram *other);

/* All values and counts are 0 where there are no samples. */
KTSTR_API void ktstr_histogram_percentiles(const struct ktstr_histogram *histogram,
					   struct ktstr_percentiles *ret_percentiles);

#endif
