/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_TAOBENCH_H
#define KTSTR_TAOBENCH_H

#include <stddef.h>
#include <stdint.h>

#include <ktstr/export.h>
#include <ktstr/histogram.h>

/*
 * What a worker of the kind Taobench measured: client threads that read from a cache, and
 * dispatcher threads that fetch what is not in it.
 */
struct ktstr_taobench_counters {
	uint64_t get_cmds, get_misses; /* counted at the lookup */
	uint64_t fast_ops, slow_ops;   /* hits and misses served, counted at the end */
	uint64_t elapsed_ns;	       /* of the client that was at it longest */
};

/* One phase of the run, as in ktstr_schbench_slice. */
struct ktstr_taobench_slice {
	uint32_t epoch;
	struct ktstr_taobench_counters counters;
	/*
	 * From the time a request was due until it was served, which counts the delay of requests
	 * that could not even begin. Empty without an arrival rate.
	 */
	struct ktstr_histogram serve_us;
};

#define KTSTR_TAOBENCH_SLICES_MAX 32

struct ktstr_taobench_report {
	struct ktstr_taobench_counters whole;
	size_t slices_count;
	struct ktstr_taobench_slice *slices;
};

/* What the counters come to; 0 where nothing was counted. */
struct ktstr_taobench_rates {
	double total_qps, fast_qps, slow_qps;
	double hit_ratio; /* fast_ops of all ops */
	double hit_rate;  /* lookups that were no miss */
};

/* Add the counters of other clients that ran at the same time: elapsed_ns is the longer one. */
KTSTR_API void ktstr_taobench_merge(struct ktstr_taobench_counters *counters,
				    const struct ktstr_taobench_counters *other);
KTSTR_API void ktstr_taobench_rates(const struct ktstr_taobench_counters *counters,
				    struct ktstr_taobench_rates *ret_rates);

#endif
