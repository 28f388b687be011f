/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <ktstr/report.h>

#include "workload/prng.h"

/*
 * A uniform sample of a stream of unknown length in bounded memory (Vitter's algorithm R). Below
 * its capacity a reservoir keeps every value in order.
 */
struct reservoir {
	uint64_t *values; /* borrowed: capacity of them */
	size_t capacity, count;
	uint64_t total; /* values offered */
	struct prng prng;
};

static inline void reservoir_init(struct reservoir *reservoir, uint64_t *values, size_t capacity,
				  uint64_t seed)
{
	*reservoir = (struct reservoir){
		.values = values,
		.capacity = capacity,
		.prng = prng_seeded(seed),
	};
}

/* Neither allocates nor locks: for use in a work loop. */
static inline void reservoir_offer(struct reservoir *reservoir, uint64_t value)
{
	uint64_t index;

	reservoir->total++;
	if (reservoir->count < reservoir->capacity) {
		reservoir->values[reservoir->count++] = value;
		return;
	}
	index = prng_next(&reservoir->prng) % reservoir->total;
	if (index < reservoir->capacity)
		reservoir->values[index] = value;
}

/* As a report has them; the values stay where they are. */
static inline struct ktstr_samples reservoir_samples(const struct reservoir *reservoir)
{
	return (struct ktstr_samples){
		.values = reservoir->values,
		.count = reservoir->count,
		.total = reservoir->total,
	};
}
