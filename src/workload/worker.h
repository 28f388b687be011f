/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <ktstr/report.h>
#include <ktstr/work.h>

#include "workload/checkpoint.h"
#include "workload/reservoir.h"
#include "workload/shared.h"
#include "workload/telemetry.h"

/* What a worker is to do: filled by the parent, read by the worker. */
struct worker_plan {
	unsigned group_index;
	struct ktstr_work work;
	bool pinned; /* cpus has a meaning */
	cpu_set_t cpus;
	struct worker_slot *slot;
	struct telemetry *telemetry;
};

/* A worker at work, as its kind of work sees it. */
struct ktstr_worker {
	const struct worker_plan *plan;
	const volatile sig_atomic_t *signalled; /* set by SIGUSR1 */
	pid_t tid;
	uint64_t work_units;
	uint64_t iterations;
	struct reservoir wake_latencies;
	struct checkpoint checkpoint;
};

/* Whether the loop is to end. Cheap; blocking work asks at least every 100 ms. */
static inline bool worker_stopping(const struct ktstr_worker *worker)
{
	return *worker->signalled ||
	       atomic_load_explicit(&worker->plan->slot->stop, memory_order_relaxed);
}

/* units times: one unit of work and a pause instruction. */
static inline void worker_spin(struct ktstr_worker *worker, unsigned units)
{
	while (units--) {
		worker->work_units++;
		/* Memory clobber: without it the loop is one addition. */
#if defined(__x86_64__)
		__asm__ volatile("pause" ::: "memory");
#elif defined(__aarch64__)
		__asm__ volatile("yield" ::: "memory");
#else
#error "ktstr supports x86_64 and aarch64"
#endif
	}
}

/*
 * Sleep for duration_ns; true and the time really spent when it was slept to the end, false when
 * the stop came first (or had come already).
 */
bool worker_sleep(const struct ktstr_worker *worker, uint64_t duration_ns, uint64_t *ret_asleep_ns);

/*
 * Do the work of plan until told to stop and report on it. The arrays of the report lie in
 * plan->telemetry.
 */
void worker_run(const struct worker_plan *plan, const volatile sig_atomic_t *signalled,
		struct ktstr_worker_report *ret_report);
