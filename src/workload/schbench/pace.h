/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* -A: find the rate of requests that keeps the machine busy to a given percentage. Pure. */

/* Jiffies since boot, over all CPUs. */
struct cpu_times {
	uint64_t total, idle;
};

/* The first line of /proc/stat. False for any other text. */
bool cpu_times_parse(const char *text, struct cpu_times *ret_times);

/* Percentage of the time between the two readings that was not idle; 0 when none passed. */
double cpu_times_busy_pct(const struct cpu_times *before, const struct cpu_times *after);

/*
 * The rate after a second at rate in which the machine was busy_pct busy; *ret_hit tells whether
 * that is close enough to target_pct. Never 0, from which no factor would lead back.
 */
unsigned pace_next(unsigned rate, double busy_pct, double target_pct, bool *ret_hit);
