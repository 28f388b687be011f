/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <ktstr/policy.h>
#include <ktstr/report.h>
#include <ktstr/work.h>

#include "base/clock.h"
#include "workload/checkpoint.h"
#include "workload/phases.h"
#include "workload/reservoir.h"
#include "workload/shared.h"
#include "workload/telemetry.h"
#include "workload/work_group.h"

/* A wait that nothing ends looks this often whether the worker is to stop. */
#define WORKER_STOP_POLL_NS (100 * NS_PER_MS)

/* What a worker is to do: filled by the parent, read by the worker. */
struct worker_plan {
	const struct work_group *group;
	unsigned index;	       /* in the group */
	int read_fd, write_fd; /* of the cohort's pipes; -1: none */
	char *buffer; /* a thread's own; NULL: the group's, of which a process has a copy */
	bool pinned;  /* cpus has a meaning */
	cpu_set_t cpus;
	struct shared_control *control;
	struct worker_slot *slot;
	uint8_t *frame; /* where the report goes */
	size_t frame_capacity;
	unsigned gate_ms; /* patience for the start */
	unsigned max_phases;
	struct telemetry *telemetry;
	/* What the process of the worker could not become; NULL: nothing. */
	const char *setup_error;
};

/*
 * A worker at work. The first part is for its kind of work to read, the second to write; the rest
 * is the loop's and reached by the functions below.
 */
struct ktstr_worker {
	const void *params; /* of its kind, complete */
	pid_t tid;
	unsigned index;	     /* in its group */
	unsigned position;   /* in its cohort; 0 where there is none */
	unsigned group_size; /* of the cohort; 0: there is none */
	void *shared;	     /* with the cohort; NULL: nothing */
	char *buffer;	     /* its own; NULL: none */
	size_t buffer_bytes;
	int read_fd, write_fd; /* the cohort's ring of pipes, not blocking; -1: none */

	uint64_t work_units;
	uint64_t iterations; /* complete ones; the loop counts, except within a pass */
	/* The mapping whose pages the report counts by node; NULL: those of the whole process. */
	const void *numa_region;
	_Alignas(64) char state[WORK_STATE_MAX];

	const struct worker_plan *plan;
	const _Atomic int *signalled; /* set by SIGUSR1 */
	struct reservoir wake_latencies, iteration_costs, timer_latencies;
	struct checkpoint checkpoint;
	struct phases phases;
	bool has_own_policy;
	char policy_error[sizeof(((struct ktstr_worker_report *)NULL)->sched_policy_error)];
	char work_error[sizeof(((struct ktstr_worker_report *)NULL)->work_error)];
};

/* Whether the loop is to end. Cheap; blocking work asks at least every 100 ms. */
static inline bool worker_stopping(const struct ktstr_worker *worker)
{
	return atomic_load_explicit(worker->signalled, memory_order_relaxed) ||
	       atomic_load_explicit(&worker->plan->slot->stop, memory_order_relaxed);
}

/*
 * The word that says which epoch it is, for work that cuts its own slices. NULL: it is always 0, as
 * for a worker that a test makes by hand.
 */
static inline const _Atomic uint32_t *worker_epoch(const struct ktstr_worker *worker)
{
	return worker->plan->control ? &worker->plan->control->epoch : NULL;
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

/* Sleep until deadline_ns (which may have passed): true. False when the stop came first. */
bool worker_sleep_until(const struct ktstr_worker *worker, uint64_t deadline_ns);

/* One observation: a wake-up, the cost of an iteration, a timer that fired late. */
void worker_sample_wake(struct ktstr_worker *worker, uint64_t ns);
void worker_sample_cost(struct ktstr_worker *worker, uint64_t ns);
void worker_sample_timer(struct ktstr_worker *worker, uint64_t ns);

/*
 * Remember for the report what the work could not do as asked. Only the first call of a worker
 * does something, so it may stand where the same thing fails again and again.
 */
void worker_complain(struct ktstr_worker *worker, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * For work whose workers need policies by position: put the worker under policy, after that of its
 * spec and until the loop ends. What the kernel refuses stands in sched_policy_error, and the work
 * goes on without.
 */
void worker_set_policy(struct ktstr_worker *worker, const struct ktstr_sched_policy *policy);

/* The time until now_ns was spent waiting as the work wants it: it is no gap. */
static inline void worker_excuse_gap(struct ktstr_worker *worker, uint64_t now_ns)
{
	worker->checkpoint.last_ns = now_ns;
}

/*
 * What follows a pass: publish the counter of iterations, and take a checkpoint where work_units
 * say so. The loop does it; work that stays inside one pass for long does it there too.
 */
void worker_publish(struct ktstr_worker *worker);

/*
 * Make a worker of plan: everything that can be done before it is to start. What plan points to
 * has to live as long as the worker.
 */
void worker_prepare(struct ktstr_worker *worker, const struct worker_plan *plan,
		    const _Atomic int *signalled);

/* Instead of worker_run(): give back what preparing took. */
void worker_give_up(struct ktstr_worker *worker);

/*
 * Work until told to stop and report on it. The arrays of the report lie in plan->telemetry.
 */
void worker_run(struct ktstr_worker *worker, struct ktstr_worker_report *ret_report);
