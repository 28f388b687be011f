/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sched.h>
#include <stddef.h>
#include <stdint.h>

#include <ktstr/report.h>

/*
 * What a worker notices when it looks up from its work every now and then: that it was away for
 * long, and that it is on another CPU. Pure bookkeeping over (time, CPU) pairs; the caller brings
 * the clock. Takes no memory of its own, so it can run in a work loop.
 */
struct checkpoint {
	uint64_t start_ns; /* of the work loop */
	uint64_t last_ns;  /* previous checkpoint */
	int cpu;	   /* at the previous checkpoint */

	uint64_t max_gap_ns;
	uint64_t max_gap_at_ns; /* end of that gap, since start_ns */
	int max_gap_cpu;	/* CPU before that gap */

	/* The same within the phase that is running. */
	uint64_t phase_max_gap_ns;
	int phase_max_gap_cpu;
	cpu_set_t phase_cpus_used;

	cpu_set_t cpus_used;
	uint64_t migration_count;
	struct ktstr_migration *migrations; /* borrowed: the first migrations_capacity of them */
	size_t migrations_capacity;
};

/* A checkpoint is due every time work_units is a multiple of this, 0 included. */
#define CHECKPOINT_UNITS 1024

void checkpoint_begin(struct checkpoint *checkpoint, struct ktstr_migration *migrations,
		      size_t migrations_capacity, uint64_t now_ns, int cpu);

/* cpu as sched_getcpu() gives it; -1 (unknown) counts as no change. */
void checkpoint_take(struct checkpoint *checkpoint, uint64_t now_ns, int cpu);

/* A phase begins here: where the worker is now, and no gap so far. */
void checkpoint_begin_phase(struct checkpoint *checkpoint);

/* How many of the migrations fitted. */
size_t checkpoint_migrations_kept(const struct checkpoint *checkpoint);
