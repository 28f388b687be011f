// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's counters of a thread, and what they grew by. */
#include "workload/counters.h"

#include <time.h>

#include "base/clock.h"

void counters_read(pid_t tid, struct counters *ret_counters)
{
	*ret_counters = (struct counters){ 0 };
	vmstat_read_migrated(&ret_counters->pages_migrated);
	ret_counters->has_schedstat = schedstat_read(tid, &ret_counters->schedstat);
}

struct counters counters_grown(const struct counters *before, const struct counters *after)
{
	struct counters grown = {
		.has_schedstat = before->has_schedstat && after->has_schedstat,
		.pages_migrated = counter_grown(before->pages_migrated, after->pages_migrated),
	};

	if (grown.has_schedstat)
		grown.schedstat = (struct schedstat){
			.cpu_time_ns = counter_grown(before->schedstat.cpu_time_ns,
						     after->schedstat.cpu_time_ns),
			.run_delay_ns = counter_grown(before->schedstat.run_delay_ns,
						      after->schedstat.run_delay_ns),
			.run_count = counter_grown(before->schedstat.run_count,
						   after->schedstat.run_count),
		};
	return grown;
}

uint64_t counters_thread_cpu_ns(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts))
		return 0;
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}
