// SPDX-License-Identifier: GPL-2.0-only
/* Work that runs across a buffer: CachePressure, CacheYield, CachePipe. */
#include <sched.h>

#include "base/clock.h"
#include "workload/work.h"
#include "workload/work/pipe_exchange.h"
#include "workload/worker.h"

#define BYTES_PER_KIB 1024u
#define PASS_UNITS 1024
#define CACHE_LINE_BYTES 64

/* Increment times bytes of the buffer, which is not empty, from its start on and around. */
static void increment_bytes(struct ktstr_worker *worker, size_t stride, unsigned times)
{
	volatile char *bytes = worker->buffer;
	size_t at = 0;

	for (unsigned i = 0; i < times; i++) {
		bytes[at]++;
		at = (at + stride) % worker->buffer_bytes;
	}
	worker->work_units += times;
}

static void cache_pressure_plumbing(const void *params, struct work_plumbing *ret_plumbing)
{
	const struct ktstr_work_cache_pressure_params *cache = params;

	ret_plumbing->buffer_bytes = (size_t)cache->size_kib * BYTES_PER_KIB;
}

static enum work_next cache_pressure_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_cache_pressure_params *cache = worker->params;

	if (!worker->buffer_bytes || !cache->stride_bytes)
		return WORK_END;
	increment_bytes(worker, cache->stride_bytes, PASS_UNITS);
	return WORK_NEXT;
}

static void cache_yield_plumbing(const void *params, struct work_plumbing *ret_plumbing)
{
	const struct ktstr_work_cache_yield_params *cache = params;

	ret_plumbing->buffer_bytes = (size_t)cache->size_kib * BYTES_PER_KIB;
}

static enum work_next cache_yield_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_cache_yield_params *cache = worker->params;
	uint64_t yield_ns;

	if (!worker->buffer_bytes || !cache->stride_bytes)
		return WORK_END;
	increment_bytes(worker, cache->stride_bytes, PASS_UNITS);
	yield_ns = clock_now_ns();
	sched_yield();
	worker_sample_wake(worker, clock_now_ns() - yield_ns);
	return WORK_NEXT;
}

static unsigned pair(const void *params)
{
	(void)params;
	return 2;
}

static void cache_pipe_plumbing(const void *params, struct work_plumbing *ret_plumbing)
{
	const struct ktstr_work_cache_pipe_params *cache = params;

	ret_plumbing->buffer_bytes = (size_t)cache->size_kib * BYTES_PER_KIB;
	ret_plumbing->pipes = 2;
}

static enum work_next cache_pipe_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_cache_pipe_params *cache = worker->params;

	if (worker->buffer_bytes)
		increment_bytes(worker, CACHE_LINE_BYTES, cache->burst_iters);
	pipe_exchange(worker);
	return WORK_NEXT;
}

const struct ktstr_work_ops ktstr_work_cache_pressure = {
	.name = "CachePressure",
	.summary = "increments bytes across a buffer and never gives the CPU away",
	.params_size = sizeof(struct ktstr_work_cache_pressure_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_cache_pressure_params, size_kib, 32,
				    "KiB of the buffer"),
			WORK_NUMBER(struct ktstr_work_cache_pressure_params, stride_bytes, 64,
				    "bytes from one increment to the next"),
			{ 0 },
		},
	.plumbing = cache_pressure_plumbing,
	.iterate = cache_pressure_iterate,
};

const struct ktstr_work_ops ktstr_work_cache_yield = {
	.name = "CacheYield",
	.summary = "increments bytes across a buffer and yields",
	.params_size = sizeof(struct ktstr_work_cache_yield_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_cache_yield_params, size_kib, 32,
				    "KiB of the buffer"),
			WORK_NUMBER(struct ktstr_work_cache_yield_params, stride_bytes, 64,
				    "bytes from one increment to the next"),
			{ 0 },
		},
	.plumbing = cache_yield_plumbing,
	.iterate = cache_yield_iterate,
};

const struct ktstr_work_ops ktstr_work_cache_pipe = {
	.name = "CachePipe",
	.summary = "increments bytes across a buffer and wakes its partner through a pipe",
	.params_size = sizeof(struct ktstr_work_cache_pipe_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_cache_pipe_params, size_kib, 32,
				    "KiB of the buffer"),
			WORK_NUMBER(struct ktstr_work_cache_pipe_params, burst_iters, 1024,
				    "increments before each exchange"),
			{ 0 },
		},
	.group_size = pair,
	.plumbing = cache_pipe_plumbing,
	.iterate = cache_pipe_iterate,
};
