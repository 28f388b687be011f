// SPDX-License-Identifier: GPL-2.0-only
/* MutexContention and PriorityInversion: a lock and those who want it. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "workload/futex.h"
#include "workload/work.h"
#include "workload/work/cohort_size.h"
#include "workload/work/futex_await.h"
#include "workload/worker.h"

#define HIGH_PRIORITY 70
#define MEDIUM_PRIORITY 50
#define LOW_PRIORITY 30

static void one_word(const void *params, struct work_plumbing *ret_plumbing)
{
	(void)params;
	ret_plumbing->shared_bytes = sizeof(_Atomic uint32_t);
}

/* 0: free, 1: taken. False: the worker is to stop, and does not have the lock. */
static bool lock_plain(struct ktstr_worker *worker)
{
	_Atomic uint32_t *word = worker->shared;

	for (;;) {
		uint32_t free_value = 0;

		if (atomic_compare_exchange_strong_explicit(
			    word, &free_value, 1, memory_order_acquire, memory_order_relaxed))
			return true;
		if (worker_stopping(worker))
			return false;
		futex_nap(worker, word, 1);
	}
}

static void unlock_plain(struct ktstr_worker *worker)
{
	_Atomic uint32_t *word = worker->shared;

	atomic_store_explicit(word, 0, memory_order_release);
	futex_wake(word, 1);
}

/*
 * As lock_plain(), with the kernel's help. A signal does not end FUTEX_LOCK_PI, it starts over
 * (ERESTARTNOINTR): only the time-out brings a waiter back to look at the stop. PI2 is the
 * one whose time is CLOCK_MONOTONIC.
 */
static bool lock_pi(struct ktstr_worker *worker)
{
	_Atomic uint32_t *word = worker->shared;
	uint64_t ignored_ns;

	while (!worker_stopping(worker)) {
		struct timespec deadline = clock_timespec(clock_now_ns() + WORKER_STOP_POLL_NS);
		int err = 0;

		if (syscall(SYS_futex, word, FUTEX_LOCK_PI2, 0, &deadline, NULL, 0))
			err = errno;
		if (!err)
			return true;
		if (err == ETIMEDOUT || err == EAGAIN || err == EINTR)
			continue;
		/* ESRCH: the owner died with the lock, and nobody will ever give it back. */
		worker_complain(worker, "take the PI lock: %s", strerror(err));
		worker_sleep(worker, WORKER_STOP_POLL_NS, &ignored_ns);
	}
	return false;
}

static void unlock_pi(struct ktstr_worker *worker)
{
	syscall(SYS_futex, worker->shared, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
}

static unsigned contention_group_size(const void *params)
{
	return ((const struct ktstr_work_mutex_contention_params *)params)->contenders;
}

static enum work_next contention_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_mutex_contention_params *contention = worker->params;

	worker_spin(worker, contention->work_iters);
	if (lock_plain(worker)) {
		worker_spin(worker, contention->hold_iters);
		unlock_plain(worker);
	}
	worker_excuse_gap(worker, clock_now_ns());
	return WORK_NEXT;
}

const struct ktstr_work_ops ktstr_work_mutex_contention = {
	.name = "MutexContention",
	.summary = "workers compete for one lock and compute while they hold it",
	.params_size = sizeof(struct ktstr_work_mutex_contention_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_mutex_contention_params, contenders, 4,
				    "workers that share a lock"),
			WORK_NUMBER(struct ktstr_work_mutex_contention_params, hold_iters, 256,
				    "units of computing with the lock"),
			WORK_NUMBER(struct ktstr_work_mutex_contention_params, work_iters, 1024,
				    "units of computing without it"),
			{ 0 },
		},
	.group_size = contention_group_size,
	.plumbing = one_word,
	.iterate = contention_iterate,
};

enum role { HIGH, MEDIUM, LOW };

static const unsigned priorities[] = {
	[HIGH] = HIGH_PRIORITY,
	[MEDIUM] = MEDIUM_PRIORITY,
	[LOW] = LOW_PRIORITY,
};

static unsigned inversion_group_size(const void *params)
{
	const struct ktstr_work_priority_inversion_params *inversion = params;

	return cohort_size((uint64_t)inversion->high_count + inversion->medium_count +
			   inversion->low_count);
}

static enum role role_of(const struct ktstr_worker *worker,
			 const struct ktstr_work_priority_inversion_params *inversion)
{
	if (worker->position < inversion->high_count)
		return HIGH;
	return worker->position - inversion->high_count < inversion->medium_count ? MEDIUM : LOW;
}

static void contend_by_pi(struct ktstr_worker *worker,
			  const struct ktstr_work_priority_inversion_params *inversion)
{
	if (!lock_pi(worker))
		return;
	worker_spin(worker, inversion->hold_iters);
	unlock_pi(worker);
}

static void contend_plainly(struct ktstr_worker *worker,
			    const struct ktstr_work_priority_inversion_params *inversion,
			    enum role role)
{
	if (!lock_plain(worker))
		return;
	worker_spin(worker, role == LOW ? inversion->hold_iters : inversion->work_iters);
	unlock_plain(worker);
}

static enum work_next inversion_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_priority_inversion_params *inversion = worker->params;
	enum role role = role_of(worker, inversion);

	if (!worker->iterations)
		worker_set_policy(worker, &KTSTR_POLICY_FIFO(priorities[role]));
	worker_spin(worker, inversion->work_iters);
	if (role != MEDIUM && inversion->pi_mode == KTSTR_FUTEX_LOCK_PI)
		contend_by_pi(worker, inversion);
	else if (role != MEDIUM)
		contend_plainly(worker, inversion, role);
	worker_excuse_gap(worker, clock_now_ns());
	return WORK_NEXT;
}

static const char *const lock_modes[] = { "plain", "pi", NULL };

const struct ktstr_work_ops ktstr_work_priority_inversion = {
	.name = "PriorityInversion",
	.summary =
		"FIFO workers of high and low priority compete for a lock, medium ones interfere",
	.params_size = sizeof(struct ktstr_work_priority_inversion_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_priority_inversion_params, high_count, 1,
				    "workers at FIFO 70"),
			WORK_NUMBER(struct ktstr_work_priority_inversion_params, medium_count, 1,
				    "workers at FIFO 50, without the lock"),
			WORK_NUMBER(struct ktstr_work_priority_inversion_params, low_count, 1,
				    "workers at FIFO 30"),
			WORK_NUMBER(struct ktstr_work_priority_inversion_params, hold_iters, 4096,
				    "units of computing with the lock"),
			WORK_NUMBER(struct ktstr_work_priority_inversion_params, work_iters, 1024,
				    "units of computing without it"),
			WORK_WORD(struct ktstr_work_priority_inversion_params, pi_mode, lock_modes,
				  "whether the owner inherits the priority of who waits"),
			{ 0 },
		},
	.group_size = inversion_group_size,
	.plumbing = one_word,
	.iterate = inversion_iterate,
};
