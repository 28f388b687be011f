/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>

/*
 * Durations as people write them: a number and its unit, "500ms", "1.5s", "2m". A bare number is
 * refused, because seconds and milliseconds are equally likely to be meant.
 */

/* Parse text into ns. -EINVAL for what is no duration, -ERANGE above 2^64 ns. */
int duration_parse(const char *text, uint64_t *ret_ns, struct ktstr_error *error) KTSTR_MUST_CHECK;

#define DURATION_TEXT_MAX 32

/* "12 ns", "4.20 ms", "1.50 s", "125 s": three digits and the unit. Returns buffer. */
const char *duration_format(uint64_t ns, char buffer[DURATION_TEXT_MAX]);
