/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"

/*
 * How one thread wakes another: a word that is 1 once it was posted, on a futex private to the
 * process. A post that comes before the wait is not lost, and a second one is nothing.
 */
struct handshake {
	_Atomic uint32_t posted;
};

static inline void handshake_clear(struct handshake *handshake)
{
	atomic_store(&handshake->posted, 0);
}

static inline void handshake_post(struct handshake *handshake)
{
	uint32_t clear = 0;

	if (atomic_compare_exchange_strong(&handshake->posted, &clear, 1))
		syscall(SYS_futex, &handshake->posted, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/*
 * Without a deadline, because a timer armed for every wait would be part of what is measured:
 * whoever stops the threads posts each word after it has set the flag that they look at.
 */
static inline void handshake_wait(struct handshake *handshake)
{
	uint32_t posted = 1;

	while (!atomic_compare_exchange_strong(&handshake->posted, &posted, 0)) {
		syscall(SYS_futex, &handshake->posted, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
		posted = 1;
	}
}

/* A flag that is raised once, and on which threads can sleep meanwhile. */
struct stop_flag {
	_Atomic uint32_t raised;
};

static inline bool stop_flag_raised(struct stop_flag *flag)
{
	return atomic_load(&flag->raised);
}

static inline void stop_flag_raise(struct stop_flag *flag)
{
	atomic_store(&flag->raised, 1);
	syscall(SYS_futex, &flag->raised, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

/* Sleep until deadline_ns (CLOCK_MONOTONIC) or until the flag is up. */
static inline void stop_flag_sleep(struct stop_flag *flag, uint64_t deadline_ns)
{
	struct timespec deadline = clock_timespec(deadline_ns);

	while (!stop_flag_raised(flag) && clock_now_ns() < deadline_ns)
		syscall(SYS_futex, &flag->raised, FUTEX_WAIT_BITSET_PRIVATE, 0, &deadline, NULL,
			FUTEX_BITSET_MATCH_ANY);
}
