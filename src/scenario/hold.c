// SPDX-License-Identifier: GPL-2.0-only
/* How long a step lasts, and waiting that long with an eye on the scheduler. */
#include <errno.h>
#include <math.h>

#include "base/clock.h"
#include "scenario/hold.h"

/*
 * A scheduler that dies is noticed this late: far below the shortest hold that measures anything,
 * and two sysfs reads a time are lost in the noise of any load.
 */
#define LIVENESS_INTERVAL_NS (100 * NS_PER_MS)

/* 146 years: no test means more, and sums of points in time stay within 64 bits. */
#define DURATION_MAX_MS (UINT64_MAX / NS_PER_MS / 4)

int hold_check(const struct ktstr_hold *hold, struct ktstr_error *error)
{
	switch (hold->kind) {
	case KTSTR_HOLD_FULL:
	case KTSTR_HOLD_KIND_FIXED:
		return 0;
	case KTSTR_HOLD_KIND_FRAC:
		if (isfinite(hold->fraction) && hold->fraction > 0)
			return 0;
		return ktstr_error_set(error, -EINVAL,
				       "hold: fraction %g of the duration must be finite and > 0; "
				       "KTSTR_HOLD_MS(0) holds for no time at all",
				       hold->fraction);
	case KTSTR_HOLD_KIND_LOOP:
		if (hold->ms)
			return 0;
		return ktstr_error_set(error, -EINVAL,
				       "hold: a loop without an interval; say how many "
				       "milliseconds lie between two rounds");
	}
	return ktstr_error_set(error, -EINVAL, "hold: kind %d is none of ktstr's", (int)hold->kind);
}

uint64_t hold_duration_ns(const struct ktstr_hold *hold, uint64_t duration_ms)
{
	if (duration_ms > DURATION_MAX_MS)
		duration_ms = DURATION_MAX_MS;
	switch (hold->kind) {
	case KTSTR_HOLD_FULL:
	case KTSTR_HOLD_KIND_LOOP:
		break;
	case KTSTR_HOLD_KIND_FRAC:
		if (hold->fraction < 1)
			return (uint64_t)((double)(duration_ms * NS_PER_MS) * hold->fraction);
		break;
	case KTSTR_HOLD_KIND_FIXED:
		if (hold->ms < duration_ms)
			return hold->ms * NS_PER_MS;
		break;
	}
	return duration_ms * NS_PER_MS;
}

static void sleep_until(uint64_t until_ns)
{
	struct timespec until = clock_timespec(until_ns);

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

bool hold_wait(const struct scenario_bridge *bridge, uint64_t deadline_ns)
{
	if (!bridge->scheduler_down) {
		sleep_until(deadline_ns);
		return false;
	}
	for (;;) {
		uint64_t now_ns = clock_now_ns(), next_ns = now_ns + LIVENESS_INTERVAL_NS;

		if (bridge->scheduler_down(bridge->data))
			return true;
		if (now_ns >= deadline_ns)
			return false;
		sleep_until(next_ns < deadline_ns ? next_ns : deadline_ns);
	}
}
