// SPDX-License-Identifier: GPL-2.0-only
/* Sizes and times of taobench, from its parameters. */
#include "workload/taobench/plan.h"

#include <math.h>
#include <stddef.h>

static const struct {
	uint32_t bytes, weight;
} values[] = {
	{ 64, 450 },  { 128, 300 }, { 256, 130 }, { 512, 70 },
	{ 1024, 30 }, { 4096, 12 }, { 16384, 3 }, { 65536, 1 },
};
#define WEIGHTS 996 /* their sum */

uint64_t taobench_objects(uint64_t capacity_mib)
{
	uint64_t objects = capacity_mib * 1024 * 1024 / TAOBENCH_MEAN_VALUE_BYTES;

	return objects > TAOBENCH_SHARDS ? objects : TAOBENCH_SHARDS;
}

uint64_t taobench_key_range(uint64_t objects, unsigned hit_pct)
{
	return (objects * 100 + hit_pct - 1) / hit_pct;
}

uint32_t taobench_value_bytes(struct prng *prng)
{
	uint64_t draw = prng_next(prng) % WEIGHTS;
	size_t i = 0;

	for (; draw >= values[i].weight; i++)
		draw -= values[i].weight;
	return values[i].bytes;
}

struct taobench_fetch taobench_fetch_plan(uint64_t median_us, uint64_t p99_us)
{
	double alpha;

	if (!median_us || p99_us <= median_us)
		return (struct taobench_fetch){ .fixed_ns = median_us * NS_PER_US };
	/* P(X > x) = (scale / x)^alpha is 1/2 at the median and 1/100 at the 99th percentile. */
	alpha = log(50) / log((double)p99_us / (double)median_us);
	return (struct taobench_fetch){
		.exponent = -1 / alpha,
		.scale_ns = (double)(median_us * NS_PER_US) * pow(2, -1 / alpha),
	};
}

uint64_t taobench_fetch_ns(const struct taobench_fetch *fetch, struct prng *prng)
{
	double uniform, ns;

	if (fetch->scale_ns <= 0)
		return fetch->fixed_ns;
	/* In (0, 1]: 53 bits, and never 0. */
	uniform = (double)((prng_next(prng) >> 11) + 1) * 0x1p-53;
	ns = fetch->scale_ns * pow(uniform, fetch->exponent);
	return ns < (double)TAOBENCH_FETCH_MAX_NS ? (uint64_t)ns : TAOBENCH_FETCH_MAX_NS;
}
