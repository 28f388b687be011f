/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

/* Measurements of one thing, in milliseconds. */
#define SERIES_MAX 1000
struct series {
	double values_ms[SERIES_MAX];
	size_t count;
};

/* Beyond SERIES_MAX values are dropped: the rounds are limited to that. */
void series_add(struct series *series, double ms);

/* Sorts the values; the mean of the two in the middle for an even count. 0 without values. */
double series_median_ms(struct series *series);

/* One line: median, smallest, largest, and how many times smaller the median is than that of base
 * (NULL: no such column). */
void series_print(struct series *series, const char *name, struct series *base);
