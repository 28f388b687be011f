// SPDX-License-Identifier: GPL-2.0-only
/* How long a step lasts, and waiting that long with an eye on the scheduler. */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <string.h>
#include <sys/pidfd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "scenario/hold.h"

/*
 * The death of the scheduler's process ends a hold at once. One that the kernel has ejected, or
 * that has no process, is noticed this late: sched_ext announces it in a file that cannot be
 * polled.
 */
#define LOOK_INTERVAL_NS (100 * NS_PER_MS)

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

struct ktstr_hold ktstr_settled_hold(const struct ktstr_ctx *ctx, double fraction)
{
	const struct ktstr_hold part = KTSTR_HOLD_FRAC(fraction);
	uint64_t part_ms;

	if (hold_check(&part, NULL))
		return part;
	part_ms = hold_duration_ns(&part, ctx->duration_ms) / NS_PER_MS;
	/* What would wrap is more than any duration. */
	return KTSTR_HOLD_MS(ctx->settle_ms < UINT64_MAX - part_ms ? ctx->settle_ms + part_ms
								   : UINT64_MAX);
}

static void sleep_until(uint64_t until_ns)
{
	struct timespec until = clock_timespec(until_ns);

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

/* Of the scheduler's process, as it is now: -1 when it has none, or when it is gone. */
static int open_process(const struct scenario_bridge *bridge, int *ret_fd, bool *ret_gone,
			struct ktstr_error *error)
{
	pid_t pid = bridge->scheduler_pid ? bridge->scheduler_pid(bridge->data) : 0;

	*ret_fd = pid > 0 ? pidfd_open(pid, 0) : -1;
	*ret_gone = pid > 0 && *ret_fd < 0 && errno == ESRCH;
	if (pid > 0 && *ret_fd < 0 && !*ret_gone)
		return ktstr_error_set(error, -errno, "hold: watch the scheduler's process %d: %s",
				       (int)pid, strerror(errno));
	return 0;
}

/* A pidfd is readable when its process has ended. */
static int watch_until(int pidfd, uint64_t until_ns, bool *ret_gone, struct ktstr_error *error)
{
	for (;;) {
		struct pollfd ended = { .fd = pidfd, .events = POLLIN };
		uint64_t now_ns = clock_now_ns();
		struct timespec left = clock_timespec(until_ns > now_ns ? until_ns - now_ns : 0);
		int count = ppoll(&ended, 1, &left, NULL);

		*ret_gone = count > 0;
		if (count >= 0)
			return 0;
		if (errno != EINTR)
			return ktstr_error_set(error, -errno,
					       "hold: wait for the scheduler's process: %s",
					       strerror(errno));
	}
}

int hold_wait(const struct scenario_bridge *bridge, uint64_t deadline_ns, bool *ret_down,
	      struct ktstr_error *error)
{
	auto_close int pidfd = -1;
	int err = open_process(bridge, &pidfd, ret_down, error);

	while (!err && !*ret_down) {
		uint64_t now_ns = clock_now_ns(), next_ns = now_ns + LOOK_INTERVAL_NS;

		*ret_down = bridge->scheduler_down && bridge->scheduler_down(bridge->data);
		if (*ret_down)
			break;
		if (!bridge->scheduler_down || next_ns > deadline_ns)
			next_ns = deadline_ns;
		if (pidfd >= 0)
			err = watch_until(pidfd, next_ns, ret_down, error);
		else if (now_ns < deadline_ns)
			sleep_until(next_ns);
		if (now_ns >= deadline_ns)
			break;
	}
	return err;
}
