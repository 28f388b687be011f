/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdint.h>

/*
 * xorshift64 (Marsaglia 2003): the random numbers of the engine. Good enough to sample and to
 * spread, cheap enough for a work loop, and reproducible from its seed.
 */
struct prng {
	uint64_t state; /* never 0 */
};

#define PRNG_GOLDEN UINT64_C(0x9E3779B97F4A7C15)

/* Neighbouring seeds (tids, worker numbers) give unrelated streams. */
static inline struct prng prng_seeded(uint64_t seed)
{
	uint64_t state = seed * PRNG_GOLDEN;

	return (struct prng){ .state = state ? state : PRNG_GOLDEN };
}

static inline uint64_t prng_next(struct prng *prng)
{
	uint64_t x = prng->state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	prng->state = x;
	return x;
}
