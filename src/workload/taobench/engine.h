/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>
#include <ktstr/taobench.h>

/*
 * taobench as a library, in the shape of schbench/engine.h: new, start, stop, report, free, all
 * from one thread. Client threads look keys up and serve hits themselves; a miss goes to a
 * dispatcher thread, which fetches (sleeps), inserts and wakes the client.
 */
struct taobench;

/* All values are meant as they stand; there are no defaults here but for threads. */
struct taobench_config {
	unsigned client_threads;     /* 0: one per allowed CPU */
	unsigned slow_threads;	     /* 0: a third of the clients, at least 1 */
	unsigned cache_capacity_mib; /* at least 1 */
	unsigned target_hit_pct;     /* 1..=99 */
	unsigned slow_path_us;	     /* time of a fetch, 0: none */
	unsigned slow_path_p99_us; /* above slow_path_us > 0: that is the median, and this the tail
				    */
	unsigned arrival_rate;	   /* requests per second of all clients; 0: one after the other */

	const _Atomic uint32_t *epoch;	     /* see epochs.h; NULL: always 0 */
	struct ktstr_taobench_slice *slices; /* zeroed; borrowed as long as the engine lives */
	size_t slices_max;		     /* at least 1 */
};

#define TAOBENCH_THREADS_MAX 65536u
#define TAOBENCH_CAPACITY_MIB_MAX (1u << 20)

/* -EINVAL for what cannot run; the text names the field. */
int taobench_check(const struct taobench_config *config,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Allocates everything and fills the cache. */
int taobench_new(const struct taobench_config *config, struct taobench **ret_bench,
		 struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Create the threads, with all signals blocked. When one cannot be, none is left. */
int taobench_start(struct taobench *bench, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Clients first, so that each gets its answer; then the dispatchers. Idempotent. */
void taobench_stop(struct taobench *bench);

/* After the stop. Points to the config's slices. */
void taobench_report(const struct taobench *bench, struct ktstr_taobench_report *ret_report);

/* Requests served so far. */
uint64_t taobench_ops(const struct taobench *bench);
unsigned taobench_clients(const struct taobench *bench);
unsigned taobench_dispatchers(const struct taobench *bench);

/* Stops first where that has not happened. NULL-safe. */
void taobench_free(struct taobench *bench);
