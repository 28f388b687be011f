/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"

/*
 * Futexes between processes (never FUTEX_PRIVATE_FLAG). The word must be 4 aligned bytes of
 * shared memory.
 */
_Static_assert(sizeof(_Atomic uint32_t) == 4, "the kernel compares 32 bits");

/*
 * Sleep while *word == expected, at most until deadline_ns (CLOCK_MONOTONIC). Returns for any
 * reason, a signal included: the caller looks at the word and the clock again.
 */
static inline void futex_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t deadline_ns)
{
	struct timespec deadline = clock_timespec(deadline_ns);

	/* _BITSET because only it takes an absolute time. */
	syscall(SYS_futex, word, FUTEX_WAIT_BITSET, expected, &deadline, NULL,
		FUTEX_BITSET_MATCH_ANY);
}

/* Wake up to count of those that sleep, at most INT_MAX of them. */
static inline void futex_wake(_Atomic uint32_t *word, unsigned count)
{
	syscall(SYS_futex, word, FUTEX_WAKE, count < INT_MAX ? (int)count : INT_MAX, NULL, NULL, 0);
}

static inline void futex_wake_all(_Atomic uint32_t *word)
{
	futex_wake(word, INT_MAX);
}
