/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktstr/report.h>

/*
 * Which slice of a benchmark's measurements belongs to which epoch. Its threads notice a new epoch
 * at different times and in any order; each asks for the slice by the epoch's number. Lock-free.
 */
struct epochs {
	const _Atomic uint32_t *word; /* the epoch now; NULL: it is always 0 */
	size_t capacity;	      /* at least 1 */
	_Atomic uint64_t *claimed;    /* capacity of them: an epoch + 1, or 0: free */
};

static inline uint32_t epochs_now(const struct epochs *epochs)
{
	return epochs->word ? atomic_load_explicit(epochs->word, memory_order_relaxed) : 0;
}

/*
 * The index of the slice of epoch. When there are more epochs than slices, the last slice takes
 * the time between steps and all that is too much, so the sum over the slices stays whole.
 */
static inline size_t epochs_slice(struct epochs *epochs, uint32_t epoch)
{
	for (size_t i = 0; i + 1 < epochs->capacity; i++) {
		uint64_t claimed = 0;

		if (epoch == KTSTR_PHASE_BETWEEN)
			break;
		if (atomic_compare_exchange_strong(&epochs->claimed[i], &claimed,
						   (uint64_t)epoch + 1) ||
		    claimed == (uint64_t)epoch + 1)
			return i;
	}
	atomic_store(&epochs->claimed[epochs->capacity - 1], (uint64_t)KTSTR_PHASE_BETWEEN + 1);
	return epochs->capacity - 1;
}

/* The epoch of a slice; false when nobody asked for it. */
static inline bool epochs_claimed(const struct epochs *epochs, size_t slice, uint32_t *ret_epoch)
{
	uint64_t claimed = atomic_load(&epochs->claimed[slice]);

	if (!claimed)
		return false;
	*ret_epoch = (uint32_t)(claimed - 1);
	return true;
}
