/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <limits.h>
#include <stdint.h>

/* The size of a cohort, from a sum of counts; 0, which no number of workers fits, beyond reason. */
static inline unsigned cohort_size(uint64_t workers)
{
	return workers <= UINT_MAX ? (unsigned)workers : 0;
}
