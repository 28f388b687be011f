/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ktstr/scenario.h>

#include "scenario/ctx.h"

/* -EINVAL for a fraction that is no positive number, or a kind that is none of ktstr's. */
int hold_check(const struct ktstr_hold *hold, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* What hold comes to in a test of this duration; never more than the duration. */
uint64_t hold_duration_ns(const struct ktstr_hold *hold, uint64_t duration_ms);

/*
 * Let time pass until deadline_ns (CLOCK_MONOTONIC). Ends at once when the scheduler is gone, and
 * *ret_down says whether it is; a deadline that has passed only asks. An error, and no waiting,
 * when its process cannot be watched.
 */
int hold_wait(const struct scenario_bridge *bridge, uint64_t deadline_ns, bool *ret_down,
	      struct ktstr_error *error) KTSTR_MUST_CHECK;
