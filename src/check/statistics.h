/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Numbers about samples. Percentiles are nearest rank: the smallest sample that at least that share
 * of all samples does not exceed, never an interpolation.
 */

#define PER_MILLE_MEDIAN 500
#define PER_MILLE_P99 990

void samples_sort(uint64_t *samples, size_t count);

/* Of ascending samples; per_mille 1..1000. 0 when there are none. */
uint64_t samples_percentile(const uint64_t *sorted, size_t count, unsigned per_mille);

double samples_mean(const uint64_t *samples, size_t count); /* 0 when there are none */

/* Standard deviation (of the population: divided by count) over mean; 0 when the mean is 0. */
double samples_cv(const uint64_t *samples, size_t count);

static inline uint64_t saturating_add(uint64_t left, uint64_t right)
{
	return left > UINT64_MAX - right ? UINT64_MAX : left + right;
}
