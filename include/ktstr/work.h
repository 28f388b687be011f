/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_H
#define KTSTR_WORK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>
#include <ktstr/export.h>
#include <ktstr/work/benchmark.h>
#include <ktstr/work/cache.h>
#include <ktstr/work/cgroup_churn.h>
#include <ktstr/work/churn.h>
#include <ktstr/work/compute.h>
#include <ktstr/work/custom.h>
#include <ktstr/work/event.h>
#include <ktstr/work/futex.h>
#include <ktstr/work/io.h>
#include <ktstr/work/lock.h>
#include <ktstr/work/net.h>
#include <ktstr/work/numa.h>
#include <ktstr/work/pipe.h>
#include <ktstr/work/queue.h>
#include <ktstr/work/rt.h>
#include <ktstr/work/sequence.h>
#include <ktstr/work/signal.h>
#include <ktstr/work/spin.h>
#include <ktstr/work/timing.h>

/*
 * What a worker does between start and stop: a kind (one row of KTSTR_WORK_TYPES) with its
 * parameters. The zero value is SpinWait. KTSTR_WORK(bursty, .burst_ms = 10) writes one; omitted
 * parameters take the defaults named in <ktstr/work/...>, where each family of kinds has a header.
 */
struct ktstr_work_ops;

struct ktstr_work {
	const struct ktstr_work_ops *ops;
	const void *params; /* borrowed for the call that takes it; NULL: all defaults */
};

/* The number 0 where leaving a parameter out takes its default: .sleep_us = KTSTR_ZERO. */
#define KTSTR_ZERO UINT_MAX

/* The kinds: C name, name in reports and on the command line. */
#define KTSTR_WORK_TYPES(X)                                                                        \
	KTSTR_WORK_TYPES_SPIN(X)                                                                   \
	KTSTR_WORK_TYPES_BENCHMARK(X)                                                              \
	KTSTR_WORK_TYPES_TIMING(X)                                                                 \
	KTSTR_WORK_TYPES_COMPUTE(X)                                                                \
	KTSTR_WORK_TYPES_PIPE(X)                                                                   \
	KTSTR_WORK_TYPES_FUTEX(X)                                                                  \
	KTSTR_WORK_TYPES_CACHE(X)                                                                  \
	KTSTR_WORK_TYPES_SEQUENCE(X)                                                               \
	KTSTR_WORK_TYPES_NUMA(X)                                                                   \
	KTSTR_WORK_TYPES_SIGNAL(X)                                                                 \
	KTSTR_WORK_TYPES_RT(X)                                                                     \
	KTSTR_WORK_TYPES_QUEUE(X)                                                                  \
	KTSTR_WORK_TYPES_EVENT(X)                                                                  \
	KTSTR_WORK_TYPES_LOCK(X)                                                                   \
	KTSTR_WORK_TYPES_CHURN(X)                                                                  \
	KTSTR_WORK_TYPES_CGROUP_CHURN(X)                                                           \
	KTSTR_WORK_TYPES_IO(X)                                                                     \
	KTSTR_WORK_TYPES_NET(X)                                                                    \
	KTSTR_WORK_TYPES_CUSTOM(X)

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

/*
 * The kind of this name, letter by letter, with default parameters. -EINVAL: there is none, or it
 * needs parameters, as Sequence does; the text names the nearest.
 */
KTSTR_API int ktstr_work_from_name(const char *name, struct ktstr_work *ret_work,
				   struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The kind whose name is this one but for upper and lower case; NULL: none. */
KTSTR_API const char *ktstr_work_suggest(const char *name);

/*
 * How many workers of this work form a cohort, which shares memory and pipes: their number has to
 * be a multiple. 0: they have nothing to do with each other.
 */
KTSTR_API unsigned ktstr_work_group_size(const struct ktstr_work *work);

/* -EINVAL: so many workers cannot do this work, or not with these parameters. */
KTSTR_API int ktstr_work_check(const struct ktstr_work *work, unsigned workers,
			       struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * The work of a scenario that may be told another: override (NULL: none) where base is swappable
 * and workers are whole cohorts of it, else base.
 */
KTSTR_API struct ktstr_work ktstr_work_resolve_override(const struct ktstr_work *base,
							const struct ktstr_work *override,
							bool swappable, unsigned workers);

#endif
