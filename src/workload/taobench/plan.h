/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdint.h>

#include "base/clock.h"
#include "workload/prng.h"

/* How large everything is, and how long a fetch takes. Pure. */

#define TAOBENCH_SHARDS 256
#define TAOBENCH_MEAN_VALUE_BYTES 332

/* Values that the cache has room for, and keys of which so many per cent hit. */
uint64_t taobench_objects(uint64_t capacity_mib);
uint64_t taobench_key_range(uint64_t objects, unsigned hit_pct);

/* A size drawn with the weights of the value sizes; their mean is TAOBENCH_MEAN_VALUE_BYTES. */
uint32_t taobench_value_bytes(struct prng *prng);

/* Service time of a fetch: fixed, or with a tail (Pareto) of a given median and 99th percentile. */
struct taobench_fetch {
	uint64_t fixed_ns; /* 0 with a tail: scale and exponent say it */
	double scale_ns, exponent;
};
#define TAOBENCH_FETCH_MAX_NS (2 * NS_PER_S)

/* p99_us above median_us > 0 makes a tail; else every fetch takes median_us. */
struct taobench_fetch taobench_fetch_plan(uint64_t median_us, uint64_t p99_us);
uint64_t taobench_fetch_ns(const struct taobench_fetch *fetch, struct prng *prng);
