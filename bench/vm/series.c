// SPDX-License-Identifier: GPL-2.0-only
/* Medians and how far the measurements lie apart. */
#include <stdio.h>
#include <stdlib.h>

#include "series.h"

void series_add(struct series *series, double ms)
{
	if (series->count < SERIES_MAX)
		series->values_ms[series->count++] = ms;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

double series_median_ms(struct series *series)
{
	size_t middle = series->count / 2;

	if (!series->count)
		return 0;
	qsort(series->values_ms, series->count, sizeof(series->values_ms[0]), compare);
	if (series->count % 2)
		return series->values_ms[middle];
	return (series->values_ms[middle - 1] + series->values_ms[middle]) / 2;
}

void series_print(struct series *series, const char *name, struct series *base)
{
	double median_ms = series_median_ms(series);

	if (!series->count)
		return;
	printf("%-46s %8.0f %8.0f %8.0f", name, median_ms, series->values_ms[0],
	       series->values_ms[series->count - 1]);
	if (base)
		printf(" %8.2f", series_median_ms(base) / median_ms);
	printf("\n");
}
