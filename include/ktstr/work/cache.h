/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_CACHE_H
#define KTSTR_WORK_CACHE_H

/*
 * Work with a footprint: bytes read and written across a buffer of the worker's own, pages taken
 * and given back.
 */

#define KTSTR_WORK_TYPES_CACHE(X)                                                                  \
	X(cache_pressure, "CachePressure")                                                         \
	X(cache_yield, "CacheYield")                                                               \
	X(cache_pipe, "CachePipe")                                                                 \
	X(page_fault_churn, "PageFaultChurn")

/*
 * CachePressure: 1024 bytes of the buffer incremented, stride_bytes apart, from its start on and
 * around. A worker without a buffer or a stride stops at once.
 */
struct ktstr_work_cache_pressure_params {
	unsigned size_kib;     /* of the buffer, default 32 */
	unsigned stride_bytes; /* default 64 */
};

/* CacheYield: the same, then sched_yield(2), whose duration is the wake sample. */
struct ktstr_work_cache_yield_params {
	unsigned size_kib;     /* default 32 */
	unsigned stride_bytes; /* default 64 */
};

/*
 * CachePipe: workers in pairs that increment burst_iters bytes of their buffers, 64 bytes apart,
 * give their partner a byte and wait for its byte; the wait is the wake sample and no gap.
 */
struct ktstr_work_cache_pipe_params {
	unsigned size_kib;    /* default 32 */
	unsigned burst_iters; /* default 1024 */
};

/*
 * PageFaultChurn: touch touches_per_cycle random pages (4 KiB) of a region, give all of them back
 * to the kernel, spin for spin_iters. A worker that cannot have the region stops at once and says
 * so in its report.
 */
struct ktstr_work_page_fault_churn_params {
	unsigned region_kib;	    /* default 4096 */
	unsigned touches_per_cycle; /* default 256 */
	unsigned spin_iters;	    /* default 64 */
};

#endif
