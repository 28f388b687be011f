/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

/* CLOCK_MONOTONIC in ns: the clock of every duration, latency and deadline in ktstr. */
static inline uint64_t clock_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static inline struct timespec clock_timespec(uint64_t ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / NS_PER_S),
				  .tv_nsec = (long)(ns % NS_PER_S) };
}

/* A point in time, made from a duration; saturates instead of wrapping. */
static inline uint64_t clock_deadline_ms(uint64_t ms)
{
	uint64_t now = clock_now_ns();

	if (ms > (UINT64_MAX - now) / NS_PER_MS)
		return UINT64_MAX;
	return now + ms * NS_PER_MS;
}

/* What is left until deadline_ns, as poll(2) wants it: rounded up, 0 when it has passed. */
static inline int clock_poll_timeout_ms(uint64_t deadline_ns)
{
	uint64_t now = clock_now_ns();
	uint64_t left_ms;

	if (now >= deadline_ns)
		return 0;
	left_ms = (deadline_ns - now + NS_PER_MS - 1) / NS_PER_MS;
	return left_ms > INT32_MAX ? INT32_MAX : (int)left_ms;
}
