/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "workload/procstat.h"

/* What the kernel has counted for a thread, at one point in time. */
struct counters {
	bool has_schedstat;
	struct schedstat schedstat;
	uint64_t pages_migrated; /* system-wide; 0 where there is no such counter */
};

void counters_read(pid_t tid, struct counters *ret_counters);

/* after - before, never below 0; no schedstat where either has none. */
struct counters counters_grown(const struct counters *before, const struct counters *after);

/* CLOCK_THREAD_CPUTIME_ID of the calling thread. */
uint64_t counters_thread_cpu_ns(void);

static inline uint64_t counter_grown(uint64_t before, uint64_t after)
{
	return after > before ? after - before : 0;
}
