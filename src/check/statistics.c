// SPDX-License-Identifier: GPL-2.0-only
/* Percentiles and variation of samples. */
#include <math.h>
#include <stdlib.h>

#include "check/statistics.h"

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

void samples_sort(uint64_t *samples, size_t count)
{
	if (count)
		qsort(samples, count, sizeof(*samples), compare);
}

uint64_t samples_percentile(const uint64_t *sorted, size_t count, unsigned per_mille)
{
	size_t rank;

	if (!count)
		return 0;
	/* In whole numbers: ceil(700 * 0.99) would depend on how 0.99 is rounded. */
	rank = count / 1000 * per_mille + (count % 1000 * per_mille + 999) / 1000;
	return sorted[rank ? rank - 1 : 0];
}

double samples_mean(const uint64_t *samples, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += (double)samples[i];
	return count ? sum / (double)count : 0;
}

double samples_cv(const uint64_t *samples, size_t count)
{
	double mean = samples_mean(samples, count), squares = 0;

	if (mean == 0)
		return 0;
	/* Around the mean: the difference of two large sums would cancel out. */
	for (size_t i = 0; i < count; i++) {
		double distance = (double)samples[i] - mean;

		squares += distance * distance;
	}
	return sqrt(squares / (double)count) / mean;
}
