/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_BENCHMARK_H
#define KTSTR_WORK_BENCHMARK_H

#include <stdbool.h>

/*
 * Whole benchmarks: one worker that creates threads of its own and measures them itself. Use one
 * worker. Its work_units are what all its threads finished, its iterations 1; CPU time, samples and
 * migrations of the report are those of the thread in charge, which mostly sleeps. Affinity, policy
 * and nice of the worker are inherited by its threads. One that cannot have its memory or threads
 * does nothing and says so in work_error.
 */

#define KTSTR_WORK_TYPES_BENCHMARK(X)                                                              \
	X(schbench, "Schbench")                                                                    \
	X(taobench, "Taobench")

/* No part of the footprint is shared; as opposed to 100: all of it is private, in split mode. */
#define KTSTR_SCHBENCH_NO_SPLIT 101

/* Schbench: message threads wake worker threads, which think, compute and ask to be woken. */
struct ktstr_work_schbench_params {
	unsigned message_threads;     /* default 1 */
	unsigned worker_threads;      /* of each; default: one per allowed CPU in all, rounded up */
	unsigned cache_footprint_kib; /* of a request's matrices, default 256 */
	unsigned operations;	      /* multiplications a request, default 5 */
	unsigned sleep_us;	      /* think time a request, default 100 */
	bool skip_locking;	      /* compute without holding the lock of the CPU */
	unsigned requests_per_sec;    /* of all message threads; default: as many as there can be */
	unsigned auto_rps_pct;	      /* find the rate that keeps CPUs that busy; default: do not */
	unsigned split_percent;	      /* that much is private; default KTSTR_SCHBENCH_NO_SPLIT */
	unsigned pipe_transfer_bytes; /* > 0: hand over bytes instead of computing; at most 1 MiB */
};

/* Taobench: client threads read from a cache, dispatcher threads fetch what is not in it. */
struct ktstr_work_taobench_params {
	unsigned client_threads;     /* default: one per allowed CPU */
	unsigned slow_threads;	     /* dispatchers; default: a third of the clients, at least 1 */
	unsigned cache_capacity_mib; /* default 64 */
	unsigned target_hit_pct;     /* 1 to 99, which it is clamped to; default 90 */
	unsigned slow_path_sleep_us; /* time of a fetch, default 100 */
	unsigned slow_path_p99_us; /* above that: it is the median, and this the tail; default 0 */
	unsigned arrival_rate;	   /* requests/s of all clients; default: one after the other */
};

#endif
