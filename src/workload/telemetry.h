/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>
#include <ktstr/report.h>

#include "workload/process_pages.h"

/* Of one phase. */
struct phase_memory {
	uint64_t wake_samples[KTSTR_PHASE_SAMPLES_MAX];
	uint64_t timer_samples[KTSTR_PHASE_SAMPLES_MAX];
	struct ktstr_numa_pages numa_pages[NUMA_NODES_MAX];
};

/*
 * The arrays that one worker fills while it works: private memory that exists before the start,
 * so that nothing is allocated in the loop. The parent maps it once and then leaves it alone; each
 * forked worker then has its own copy, of which only the pages it writes cost anything.
 */
struct telemetry {
	uint64_t wake_samples[KTSTR_SAMPLES_MAX];
	uint64_t cost_samples[KTSTR_SAMPLES_MAX];
	uint64_t timer_samples[KTSTR_SAMPLES_MAX];
	struct ktstr_migration migrations[KTSTR_MIGRATIONS_MAX];
	uint64_t node_pages[NUMA_NODES_MAX];
	struct ktstr_numa_pages numa_pages[NUMA_NODES_MAX];

	struct process_pages
		*process_pages; /* of a thread; NULL: the process is the worker's alone */
	size_t size;		/* of the mapping */
	size_t num_phases;
	struct ktstr_phase_slice *slices; /* num_phases of them */
	struct phase_memory phases[];	  /* num_phases of them */
};

/* With room for so many phases. */
int telemetry_map(unsigned num_phases, struct telemetry **ret_telemetry,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;
void telemetry_unmap(struct telemetry *telemetry); /* NULL-safe */

/*
 * The pages of this process, or of the region alone, per node: as many as it returns. shared, which
 * takes a lock and so is for the time after the work loop, spares threads that ask at the same time
 * a reading each; NULL: read.
 */
size_t telemetry_list_pages(struct telemetry *telemetry, const void *region,
			    struct process_pages *shared,
			    struct ktstr_numa_pages ret_pages[NUMA_NODES_MAX]);

static inline void auto_telemetry_unmap_fn(struct telemetry **telemetry)
{
	telemetry_unmap(*telemetry);
}
#define auto_telemetry_unmap __attribute__((cleanup(auto_telemetry_unmap_fn)))
