/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_H
#define KTSTR_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>
#include <ktstr/export.h>

/*
 * What a worker does between start and stop: a kind (one row of KTSTR_WORK_TYPES) with its
 * parameters. The zero value is SpinWait. KTSTR_WORK(bursty, .burst_ms = 10) writes one; omitted
 * parameters take the defaults named below.
 */
struct ktstr_work_ops;

struct ktstr_work {
	const struct ktstr_work_ops *ops;
	const void *params; /* borrowed; NULL: all defaults */
};

/* SpinWait: 1024 rounds of a counted pause loop an iteration, never blocks. */
struct ktstr_work_spin_wait_params {
	char none; /* has no parameters */
};

/* YieldHeavy: one unit of work, then sched_yield(2). */
struct ktstr_work_yield_heavy_params {
	char none;
};

/* Mixed: a spin burst of 1024, then sched_yield(2). */
struct ktstr_work_mixed_params {
	char none;
};

/* Bursty: spin for burst_ms, sleep for sleep_ms. */
struct ktstr_work_bursty_params {
	unsigned burst_ms; /* default 50 */
	unsigned sleep_ms; /* default 100 */
};

/* The kinds: C name, name in reports and on the command line. */
#define KTSTR_WORK_TYPES(X)                                                                        \
	X(spin_wait, "SpinWait")                                                                   \
	X(yield_heavy, "YieldHeavy")                                                               \
	X(mixed, "Mixed")                                                                          \
	X(bursty, "Bursty")

#define KTSTR_WORK_DECLARE(kind, name)                                                             \
	KTSTR_API extern const struct ktstr_work_ops ktstr_work_##kind;
KTSTR_WORK_TYPES(KTSTR_WORK_DECLARE)
#undef KTSTR_WORK_DECLARE

#define KTSTR_WORK(kind, ...)                                                                      \
	((struct ktstr_work){                                                                      \
		.ops = &ktstr_work_##kind,                                                         \
		.params = &(const struct ktstr_work_##kind##_params){ __VA_ARGS__ } })

/* "SpinWait" for the zero value too; never NULL. */
KTSTR_API const char *ktstr_work_name(const struct ktstr_work *work);

#endif
