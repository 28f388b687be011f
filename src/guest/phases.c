// SPDX-License-Identifier: GPL-2.0-only
/* Time stamps of the start. */
#include <assert.h>
#include <time.h>

#include "base/clock.h"
#include "guest/phases.h"

uint64_t uptime_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ((uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec) / NS_PER_US;
}

void boot_phase_mark(struct boot_phases *phases, const char *name)
{
	assert(phases->count < BOOT_PHASES_MAX);
	phases->entries[phases->count].name = name;
	phases->entries[phases->count++].at_us = uptime_us();
}
