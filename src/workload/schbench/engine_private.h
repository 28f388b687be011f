/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <pthread.h>
#include <sys/types.h>

#include "workload/epochs.h"
#include "workload/procstat.h"
#include "workload/schbench/cpu_lock.h"
#include "workload/schbench/engine.h"
#include "workload/schbench/handshake.h"
#include "workload/schbench/histogram.h"
#include "workload/schbench/pace.h"

/* What engine.c sets up and thread.c runs. */

struct schbench_thread {
	/* What a message thread and a worker thread hand each other, in one cache line. */
	_Alignas(64) struct handshake handshake;
	_Atomic uint32_t queued;		/* requests waiting, where there is a rate */
	_Atomic uint64_t stamp_us;		/* when it was woken, or began to wait */
	_Atomic(struct schbench_thread *) next; /* on a list of waiters; in a messenger: its list */

	/* What the thread alone writes. */
	_Alignas(64) _Atomic uint64_t loops;
	_Atomic uint64_t slice;	 /* the index it counts into */
	uint64_t loops_at_slice; /* loops when it began to */
	uint32_t epoch;
	struct schedstat schedstat; /* the same for the kernel's counters */
	uint64_t runtime_us;
	uint64_t mean_delay_ns; /* at the end */
	struct ktstr_histogram wakeup_us, request_us;

	/* Fixed before it starts. */
	_Alignas(64) struct schbench *bench;
	struct schbench_thread *messenger; /* NULL: it is one */
	struct schbench_thread *workers;   /* a messenger's */
	uint64_t *matrices;		   /* NULL: nothing to multiply that is its own */
	char *page;			   /* of pipe mode */
	pthread_t pthread;
	bool created;
	_Atomic pid_t tid; /* 0: not running yet */
};

struct schbench {
	struct stop_flag stop;
	_Alignas(64) _Atomic unsigned rate; /* requests per second of each message thread */

	_Alignas(64) struct schbench_config config;
	unsigned worker_threads, workers_max;
	unsigned private_dimension, shared_dimension;
	unsigned private_operations, shared_operations;
	bool paced; /* there is a rate */
	struct epochs epochs;
	struct schbench_thread *threads; /* messengers, then the workers of each */
	size_t threads_max;
	struct cpu_lock *locks;
	uint64_t *shared_matrices;
	char *pages; /* of pipe mode, page_bytes of them */
	size_t page_bytes;

	uint64_t start_us, end_us;

	/* The ticks'. */
	uint64_t tick_us, tick_loops;
	uint32_t tick_epoch;
	int proc_stat; /* -1: none */
	bool has_times;
	struct cpu_times times;
	bool hit; /* the rate that was looked for */
};

static inline struct schbench_thread *messenger_at(const struct schbench *bench, unsigned index)
{
	return &bench->threads[index];
}

/* Whole microseconds, as upstream stamps: the difference of two is right on average. */
static inline uint64_t stamp_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* A thread from its first instruction to its last; argument is a struct schbench_thread. */
void *schbench_thread_main(void *argument);
