/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <ktstr/error.h>
#include <ktstr/schbench.h>

/*
 * schbench as a library: message threads that wake worker threads, which compute. It knows nothing
 * of who runs it: a worker of ktstr, or the command line.
 *
 * The life cycle is new, start, tick about once a second, stop, report, free. One thread makes all
 * these calls. What is measured lands in slices, one for each epoch that the threads saw.
 */
struct schbench;

/* All values are meant as they stand; there are no defaults here. */
struct schbench_config {
	unsigned message_threads; /* at least 1 */
	unsigned worker_threads;  /* for each of them; 0: one per allowed CPU in all, rounded up */
	unsigned cache_footprint_kib;
	unsigned operations;	   /* multiplications a request */
	unsigned sleep_us;	   /* think time before them; 0: none */
	bool skip_locking;	   /* compute without holding the lock of the CPU */
	bool calibrate;		   /* think time does not count as part of the request */
	unsigned requests_per_sec; /* of all message threads; 0: as many as there can be */
	unsigned auto_rps_pct;	   /* find requests_per_sec so that CPUs are that busy; 0: do not */
	bool split;		   /* part of the footprint and of the operations is shared */
	unsigned split_pct;	   /* the part that is not */
	unsigned pipe_bytes;	   /* > 0: hand over so many bytes instead of computing */

	const cpu_set_t *message_cpus, *worker_cpus; /* NULL: wherever the caller may run */

	const _Atomic uint32_t *epoch;	     /* see epochs.h; NULL: always 0 */
	struct ktstr_schbench_slice *slices; /* zeroed; borrowed as long as the engine lives */
	size_t slices_max;		     /* at least 1 */
};

#define SCHBENCH_PIPE_BYTES_MAX (1u << 20)
#define SCHBENCH_THREADS_MAX 65536u
#define SCHBENCH_FOOTPRINT_KIB_MAX (64u << 20)

/* -EINVAL for what cannot run; the text names the field. */
int schbench_check(const struct schbench_config *config,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Allocates all that the threads will need. */
int schbench_new(const struct schbench_config *config, struct schbench **ret_bench,
		 struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Create the threads, with all signals blocked. When one cannot be, none is left. */
int schbench_start(struct schbench *bench, struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Take a sample of the requests per second since the last tick, and adjust their rate where that is
 * asked for. Returns the sample; 0 when the time was too short for one.
 */
double schbench_tick(struct schbench *bench);

/*
 * What was measured in the epoch that is running, as far as it can be seen from outside; after the
 * stop, all that its slice has. Adds to *ret_slice, which must be zeroed.
 */
void schbench_read(struct schbench *bench, struct ktstr_schbench_slice *ret_slice);

/* Mean delay of a run over all threads of that sort, from schedstat of those that live. */
void schbench_read_delays(struct schbench *bench, uint64_t *ret_message_ns,
			  uint64_t *ret_worker_ns);

/* All threads are gone when it returns. Idempotent. */
void schbench_stop(struct schbench *bench);

/* After the stop. Points to the config's slices. */
void schbench_report(const struct schbench *bench, struct ktstr_schbench_report *ret_report);

/* Requests finished so far, whatever the epoch. */
uint64_t schbench_loop_count(const struct schbench *bench);
unsigned schbench_worker_threads(const struct schbench *bench); /* for each message thread */
unsigned schbench_goal_rps(const struct schbench *bench);	/* of all message threads */

/* Stops first where that has not happened. NULL-safe. */
void schbench_free(struct schbench *bench);

/* The dimensions of private and shared matrices. */
void schbench_dimensions(const struct schbench_config *config, unsigned *ret_private,
			 unsigned *ret_shared);
