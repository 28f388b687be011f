/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "workload/schbench/handshake.h"

/*
 * A spinlock for each CPU, held while a worker thread computes: this is how schbench makes
 * preemption and migration in the middle of a request expensive. There is one for every CPU that
 * sched_getcpu() can name in a cpu_set_t, because the CPUs allowed may grow during the run.
 */
struct cpu_lock {
	_Alignas(64) _Atomic uint32_t held;
};

static inline void cpu_pause(void)
{
#if defined(__x86_64__)
	__asm__ volatile("pause" ::: "memory");
#elif defined(__aarch64__)
	__asm__ volatile("yield" ::: "memory");
#else
#error "ktstr supports x86_64 and aarch64"
#endif
}

static inline void cpu_lock_release(struct cpu_lock *lock)
{
	atomic_store_explicit(&lock->held, 0, memory_order_release);
}

/* Take the lock of the CPU this runs on; NULL when stop was raised before it was free. */
static inline struct cpu_lock *cpu_lock_take(struct cpu_lock locks[CPU_SETSIZE],
					     struct stop_flag *stop)
{
	for (;;) {
		int cpu = sched_getcpu();
		struct cpu_lock *lock = &locks[(unsigned)cpu % CPU_SETSIZE];

		while (atomic_exchange_explicit(&lock->held, 1, memory_order_acquire)) {
			if (stop_flag_raised(stop))
				return NULL;
			cpu_pause();
		}
		/* Migrated meanwhile: that lock would guard a CPU we no longer use. */
		if (sched_getcpu() == cpu)
			return lock;
		cpu_lock_release(lock);
	}
}
