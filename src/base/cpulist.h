/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sched.h>
#include <stddef.h>

#include <ktstr/error.h>

/*
 * CPU lists as the kernel writes them (Documentation/admin-guide/cputopology.rst): ranges and
 * numbers separated by commas, "0-3,5". Also used for lists of NUMA nodes.
 */

/* Longest text of a full set: every other CPU, four digits and a comma each. */
#define CPULIST_TEXT_MAX (CPU_SETSIZE / 2 * 5 + 1)

/*
 * Parse text strictly: anything but numbers, ranges, commas and white space is -EINVAL, a CPU at
 * or above CPU_SETSIZE is -ERANGE. Blank tokens are passed over; a reversed range adds nothing;
 * an empty text is the empty set.
 */
int cpulist_parse(const char *text, cpu_set_t *ret_cpus,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Parse text that somebody else wrote, leniently: tokens that are no number or range below
 * CPU_SETSIZE are passed over. Without a good token, the empty set.
 */
void cpulist_parse_lenient(const char *text, cpu_set_t *ret_cpus);

/* Write the shortest ascending form into buffer ("" for the empty set) and return buffer. */
const char *cpulist_format(const cpu_set_t *cpus, char buffer[CPULIST_TEXT_MAX]);

/* The lowest CPU, or -1 for the empty set. */
int cpulist_first(const cpu_set_t *cpus);
