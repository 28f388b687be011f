/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktstr/report.h>

#include "workload/checkpoint.h"
#include "workload/counters.h"
#include "workload/reservoir.h"
#include "workload/telemetry.h"

/*
 * The phases of one worker: what it measured is cut into slices wherever the parent moves the
 * epoch. Memory of all slices exists before the start; a worker whose last slice is open stays in
 * it, whatever comes, and marks it KTSTR_PHASE_BETWEEN, which nobody takes for a step.
 */
struct phases {
	const _Atomic uint32_t *word; /* where the parent says which epoch it is; NULL: no phases */
	struct telemetry *telemetry;  /* borrowed: the memory of num_phases slices */
	size_t closed;		      /* slices that are complete; the next one is open */
	bool full;		      /* the open one is the last there is room for, and goes on */
	uint32_t epoch;		      /* of the open one */
	pid_t tid;

	/* At the start of the open slice. */
	uint64_t start_ns, start_cpu_ns, start_iterations, start_migrations;
	struct counters start;
	struct reservoir wake_latencies, timer_latencies;
};

/* What a worker stands at when a slice begins or ends. */
struct phase_mark {
	uint64_t now_ns, cpu_time_ns, iterations;
	struct counters counters;
};

/* As many as telemetry has room for. */
void phases_init(struct phases *phases, const _Atomic uint32_t *word, struct telemetry *telemetry,
		 pid_t tid);

/* The first slice begins, and checkpoint with it. */
void phases_begin(struct phases *phases, const struct phase_mark *mark,
		  struct checkpoint *checkpoint);

/* Whether the parent has moved on. For every pass of a loop: a load, and often not even that. */
static inline bool phases_moved(const struct phases *phases)
{
	return phases->word && !phases->full &&
	       atomic_load_explicit(phases->word, memory_order_relaxed) != phases->epoch;
}

static inline void phases_sample_wake(struct phases *phases, uint64_t ns)
{
	if (phases->word)
		reservoir_offer(&phases->wake_latencies, ns);
}

static inline void phases_sample_timer(struct phases *phases, uint64_t ns)
{
	if (phases->word)
		reservoir_offer(&phases->timer_latencies, ns);
}

/* Close the slice of the epoch that ended and open the next. checkpoint has just been taken. */
void phases_next(struct phases *phases, const struct phase_mark *mark,
		 struct checkpoint *checkpoint, const void *numa_region);

/*
 * The end of the loop: the open slice too is closed, if there was another before it. How many there
 * are in telemetry->slices: none where the parent never moved.
 */
size_t phases_end(struct phases *phases, const struct phase_mark *mark,
		  const struct checkpoint *checkpoint, const void *numa_region);
