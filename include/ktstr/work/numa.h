/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_NUMA_H
#define KTSTR_WORK_NUMA_H

#include <stddef.h>

/* Work that moves between the NUMA nodes of the machine, with its memory or with its CPUs. */

#define KTSTR_WORK_TYPES_NUMA(X)                                                                   \
	X(numa_working_set_sweep, "NumaWorkingSetSweep")                                           \
	X(numa_migration_churn, "NumaMigrationChurn")

/* .target_nodes = KTSTR_TARGET_NODES(0, 1) */
#define KTSTR_TARGET_NODES(...)                                                                    \
	{                                                                                          \
		.items = (const unsigned[]){ __VA_ARGS__ },                                        \
		.count = sizeof((const unsigned[]){ __VA_ARGS__ }) / sizeof(unsigned)              \
	}

/*
 * NumaWorkingSetSweep: bind a region to the next of target_nodes, with the pages that it has
 * (mbind(2)), write to every page (4 KiB, a unit each), sleep for sweep_period_ms: a wake sample
 * and no gap. Workers begin at different nodes. Without target_nodes nothing is bound. What the
 * kernel refuses is left undone, and the report says so (work_error).
 */
struct ktstr_work_numa_working_set_sweep_params {
	unsigned region_kib;	  /* default 4096; a worker without a region stops at once */
	unsigned sweep_period_ms; /* default 100; KTSTR_ZERO: no sleep */
	struct {
		const unsigned *items;
		size_t count;
	} target_nodes;
};

/*
 * NumaMigrationChurn: go to the CPUs of the next node (sched_setaffinity(2)), sleep for period_ms,
 * which is no gap, spin 256 times. On a machine with one node it stays there. The affinity that
 * the worker was given is lost. A report notices the CPU at every fourth pass only (1024 units), so
 * with 2 or 4 nodes cpus_used and migrations show one of them.
 */
struct ktstr_work_numa_migration_churn_params {
	unsigned period_ms; /* default 100 */
};

#endif
