// SPDX-License-Identifier: GPL-2.0-only
/* The control loop of -A: /proc/stat in, requests per second out. */
#include "workload/schbench/pace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define IDLE_COLUMN 4
#define RATE_LIMIT 2147483648.0 /* there are machines too large for the threads to fill */

bool cpu_times_parse(const char *text, struct cpu_times *ret_times)
{
	struct cpu_times times = { 0 };
	unsigned column = 0;

	if (strncmp(text, "cpu ", 4) != 0)
		return false;
	for (text += 4;; column++) {
		char *end;
		uint64_t value;

		text += strspn(text, " ");
		if (*text < '0' || *text > '9')
			break;
		value = strtoull(text, &end, 10);
		times.total += value;
		if (column + 1 == IDLE_COLUMN)
			times.idle = value;
		text = end;
	}
	if (column < IDLE_COLUMN)
		return false;
	*ret_times = times;
	return true;
}

double cpu_times_busy_pct(const struct cpu_times *before, const struct cpu_times *after)
{
	uint64_t total = after->total - before->total;
	uint64_t idle = after->idle - before->idle;

	if (after->total <= before->total || after->idle < before->idle || idle > total)
		return 0;
	return 100.0 - (double)idle / (double)total * 100.0;
}

/* Large steps far away from the target, small ones near it. */
static double growth(double wanted, bool *ret_hit)
{
	*ret_hit = false;
	if (wanted > 3)
		return 3;
	if (wanted < 1.2) {
		double factor = 1 + (wanted - 1) / 8;

		*ret_hit = factor < 1.05;
		return factor;
	}
	return wanted < 1.5 ? 1 + (wanted - 1) / 4 : wanted;
}

static double shrinkage(double wanted, bool *ret_hit)
{
	*ret_hit = false;
	if (wanted < 0.3)
		return 0.3;
	if (wanted > 0.9) {
		double factor = wanted + (1 - wanted) / 8;

		*ret_hit = factor > 0.95;
		return factor;
	}
	return wanted > 0.8 ? wanted + (1 - wanted) / 4 : wanted;
}

unsigned pace_next(unsigned rate, double busy_pct, double target_pct, bool *ret_hit)
{
	double next;

	if (busy_pct < target_pct) {
		/* An idle second asks for the largest step. */
		double wanted = busy_pct > 0 ? target_pct / busy_pct : INFINITY;

		next = ceil(rate * growth(wanted, ret_hit));
		return next < RATE_LIMIT ? (unsigned)next : rate;
	}
	if (busy_pct > target_pct) {
		next = floor(rate * shrinkage(target_pct / busy_pct, ret_hit));
		return next >= 1 ? (unsigned)next : 1;
	}
	*ret_hit = true;
	return rate;
}
