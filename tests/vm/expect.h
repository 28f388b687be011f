/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <errno.h>
#include <stdio.h>

#include <ktstr/ktstr.h>

/* Adds a failure with the place and what was seen; the test goes on. */
#define EXPECT(ctx, condition, format, ...)                                                      \
	do {                                                                                     \
		if (!(condition))                                                                \
			ktstr_fail(ctx, "%s:%d: expected %s: " format, __FILE__, __LINE__,       \
				   #condition __VA_OPT__(, ) __VA_ARGS__);                       \
	} while (0)

/* Leaves the test when a call of ktstr failed, with the call's own words in the verdict. */
#define TRY(ctx, call)                                                                           \
	do {                                                                                     \
		int err_ = (call);                                                               \
		if (err_)                                                                        \
			return ktstr_could_not_run((ctx), &error);                               \
	} while (0)
