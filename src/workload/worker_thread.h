/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <ktstr/error.h>

#include "workload/worker.h"

/*
 * A worker as a thread of this process. All signals but those of faults are blocked in it: handlers
 * are the business of the threads that were there before.
 */
enum muster {
	MUSTER_OPEN, /* threads are still being made: those that exist wait */
	MUSTER_COMPLETE,
	MUSTER_FAILED, /* one could not be made: the others end, without a report */
};

struct worker_thread {
	struct worker_plan plan; /* telemetry and buffer are the thread's own */
	const _Atomic int *signalled;
	_Atomic uint32_t *muster; /* enum muster of its crew. Futex */
	struct process_pages *process_pages;
	char name[32]; /* the kernel keeps 15 bytes of it */
	pthread_t thread;
	bool exists;		  /* to be joined */
	bool abandoned;		  /* it did not end when it should have */
	_Atomic uint32_t tid;	  /* 0: not yet known. Futex */
	_Atomic bool has_started; /* got past the gate */
	struct ktstr_worker worker;
};

/* Start a thread of name, plan (but for telemetry and buffer), and what it borrows. */
int worker_thread_start(struct worker_thread *thread, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The kernel's id of a started thread. -ETIMEDOUT: it has not run by deadline_ns. */
int worker_thread_await_tid(struct worker_thread *thread, uint64_t deadline_ns, pid_t *ret_tid,
			    struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Wait for the end of the thread and give back what it had; also for one that was never started.
 * False: it still runs at deadline_ns, and whatever it may touch has to stay for ever.
 */
bool worker_thread_join(struct worker_thread *thread, uint64_t deadline_ns);
