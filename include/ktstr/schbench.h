/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_SCHBENCH_H
#define KTSTR_SCHBENCH_H

#include <stddef.h>
#include <stdint.h>

#include <ktstr/histogram.h>

/*
 * What a worker of the kind Schbench measured: message threads that wake worker threads, which
 * compute. Latencies are whole microseconds.
 */

/* One phase of the run; a worker that lives for one step has a single one, of epoch 0. */
struct ktstr_schbench_slice {
	uint32_t epoch; /* 0: before the first step; step k: k + 1; UINT32_MAX: between steps */
	uint64_t loop_count; /* requests that the worker threads finished */
	/* Runnable without a CPU, and times picked, over all threads of that sort (schedstat). */
	uint64_t message_run_delay_ns, message_run_count;
	uint64_t worker_run_delay_ns, worker_run_count;
	struct ktstr_histogram wakeup_us;  /* from the wake-up of a worker thread until it runs */
	struct ktstr_histogram request_us; /* think time and work of one request */
	struct ktstr_histogram rps;	   /* requests a second, taken about once a second */
};

/* More phases than this count as time between steps. */
#define KTSTR_SCHBENCH_SLICES_MAX 32

struct ktstr_schbench_report {
	uint64_t runtime_ns;
	uint64_t worker_runtime_us; /* summed over the worker threads */
	/* Means over the threads of each one's mean delay; not what the slices' sums come to. */
	uint64_t message_sched_delay_ns, worker_sched_delay_ns;
	size_t slices_count;
	struct ktstr_schbench_slice *slices; /* together they are the whole run */
};

#endif
