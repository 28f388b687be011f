// SPDX-License-Identifier: GPL-2.0-only
/* What message threads and worker threads do between start and stop. */
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "workload/schbench/engine_private.h"
#include "workload/schbench/multiply.h"

#define QUEUE_LIMIT 128	     /* requests for one worker thread; more are not queued */
#define QUEUE_FULL_US 100    /* pause then */
#define SLEEP_SLICE_US 50000 /* think time is interrupted that often to look for the stop */

static bool stopping(const struct schbench_thread *thread)
{
	return stop_flag_raised(&thread->bench->stop);
}

/* nanosleep, as the original does, and not a futex with a timeout: it is part of the load. */
static void sleep_us(const struct schbench_thread *thread, uint64_t us)
{
	while (us && !stopping(thread)) {
		uint64_t slice = us < SLEEP_SLICE_US ? us : SLEEP_SLICE_US;
		struct timespec ts = clock_timespec(slice * NS_PER_US);

		nanosleep(&ts, NULL);
		us -= slice;
	}
}

static uint64_t grown(uint64_t before, uint64_t after)
{
	return after > before ? after - before : 0;
}

/* Add what the thread counted since it opened its slice, and begin anew. */
static void close_slice(struct schbench_thread *thread)
{
	struct ktstr_schbench_slice *slice =
		&thread->bench->config
			 .slices[atomic_load_explicit(&thread->slice, memory_order_relaxed)];
	uint64_t loops = atomic_load_explicit(&thread->loops, memory_order_relaxed);
	struct schedstat before = thread->schedstat, after;
	uint64_t *delay = &slice->worker_run_delay_ns, *count = &slice->worker_run_count;

	if (!thread->messenger) {
		delay = &slice->message_run_delay_ns;
		count = &slice->message_run_count;
	}
	if (schedstat_read(thread->tid, &after)) {
		__atomic_fetch_add(delay, grown(before.run_delay_ns, after.run_delay_ns),
				   __ATOMIC_RELAXED);
		__atomic_fetch_add(count, grown(before.run_count, after.run_count),
				   __ATOMIC_RELAXED);
		thread->schedstat = after;
	}
	__atomic_fetch_add(&slice->loop_count, loops - thread->loops_at_slice, __ATOMIC_RELAXED);
	thread->loops_at_slice = loops;
	histogram_pour(&slice->wakeup_us, &thread->wakeup_us);
	histogram_pour(&slice->request_us, &thread->request_us);
}

static void follow_epoch(struct schbench_thread *thread)
{
	struct epochs *epochs = &thread->bench->epochs;
	uint32_t epoch = epochs_now(epochs);

	if (epoch == thread->epoch)
		return;
	close_slice(thread);
	thread->epoch = epoch;
	/* Release: who reads the new index sees the histograms emptied. */
	atomic_store_explicit(&thread->slice, epochs_slice(epochs, epoch), memory_order_release);
}

static void push_waiter(struct schbench_thread *messenger, struct schbench_thread *worker)
{
	struct schbench_thread *first = atomic_load_explicit(&messenger->next,
							     memory_order_relaxed);

	do {
		atomic_store_explicit(&worker->next, first, memory_order_relaxed);
	} while (!atomic_compare_exchange_weak(&messenger->next, &first, worker));
}

/*
 * One reading of the clock for all of them, before the first is woken: a worker thread that had to
 * wait because the scheduler took the waker's CPU away is to have waited that long. In pipe mode
 * filling the page takes time of its own.
 */
static void wake_waiters(struct schbench_thread *messenger)
{
	unsigned pipe_bytes = messenger->bench->config.pipe_bytes;
	struct schbench_thread *worker = atomic_exchange(&messenger->next, NULL);
	uint64_t now_us = stamp_now_us();

	while (worker) {
		struct schbench_thread *next = atomic_load_explicit(&worker->next,
								    memory_order_relaxed);

		if (pipe_bytes) {
			memset(worker->page, 1, pipe_bytes);
			now_us = stamp_now_us();
		}
		atomic_store_explicit(&worker->stamp_us, now_us, memory_order_relaxed);
		handshake_post(&worker->handshake);
		worker = next;
	}
}

static void answer_waiters(struct schbench_thread *self)
{
	for (;;) {
		handshake_clear(&self->handshake);
		wake_waiters(self);
		if (stopping(self))
			return;
		follow_epoch(self);
		handshake_wait(&self->handshake);
	}
}

static void queue_request(struct schbench_thread *worker)
{
	uint64_t now_us = stamp_now_us();

	if (atomic_load(&worker->queued) > QUEUE_LIMIT) {
		sleep_us(worker, QUEUE_FULL_US);
		return;
	}
	atomic_fetch_add(&worker->queued, 1);
	atomic_store_explicit(&worker->stamp_us, now_us, memory_order_relaxed);
	handshake_post(&worker->handshake);
}

/* The requests of a second all at once, then the rest of it asleep. */
static void queue_requests(struct schbench_thread *self)
{
	struct schbench *bench = self->bench;
	unsigned turn = 0;

	while (!stopping(self)) {
		uint64_t start_ns = clock_now_ns();

		for (unsigned i = 0; i < atomic_load(&bench->rate) && !stopping(self); i++) {
			queue_request(&self->workers[turn]);
			turn = (turn + 1) % bench->worker_threads;
		}
		follow_epoch(self);
		stop_flag_sleep(&bench->stop, start_ns + NS_PER_S);
	}
}

static void record_since(struct ktstr_histogram *histogram, uint64_t start_us)
{
	uint64_t now_us = stamp_now_us();
	uint64_t delta = now_us - start_us;

	/* Less than a microsecond says nothing; so does a stamp made after the wake-up. */
	if (now_us > start_us)
		histogram_record(histogram, delta < UINT32_MAX ? (uint32_t)delta : UINT32_MAX);
}

static void wait_to_be_woken(struct schbench_thread *self)
{
	/* Not when the messenger is gone: it will not wake anybody any more. */
	if (stopping(self))
		return;
	handshake_wait(&self->handshake);
	follow_epoch(self);
	if (!stopping(self))
		record_since(&self->wakeup_us,
			     atomic_load_explicit(&self->stamp_us, memory_order_relaxed));
}

static void wait_for_answer(struct schbench_thread *self)
{
	if (self->bench->config.pipe_bytes)
		memset(self->page, 2, self->bench->config.pipe_bytes);
	handshake_clear(&self->handshake);
	atomic_store_explicit(&self->stamp_us, stamp_now_us(), memory_order_relaxed);
	push_waiter(self->messenger, self);
	handshake_post(&self->messenger->handshake);
	wait_to_be_woken(self);
}

/* The number of requests queued; where there is none, one wait, after which there may be some. */
static uint32_t wait_for_requests(struct schbench_thread *self)
{
	uint32_t queued;

	handshake_clear(&self->handshake);
	atomic_store_explicit(&self->stamp_us, stamp_now_us(), memory_order_relaxed);
	queued = atomic_exchange(&self->queued, 0);
	if (!queued)
		wait_to_be_woken(self);
	return queued;
}

static void compute(struct schbench_thread *self)
{
	struct schbench *bench = self->bench;
	struct cpu_lock *lock = NULL;

	if (!bench->config.skip_locking) {
		lock = cpu_lock_take(bench->locks, &bench->stop);
		if (!lock)
			return;
	}
	for (unsigned i = 0; i < bench->shared_operations && !stopping(self); i++)
		multiply_matrices(bench->shared_matrices, bench->shared_dimension, &bench->stop);
	for (unsigned i = 0; i < bench->private_operations && !stopping(self); i++)
		multiply_matrices(self->matrices, bench->private_dimension, &bench->stop);
	if (lock)
		cpu_lock_release(lock);
}

static void serve(struct schbench_thread *self)
{
	const struct schbench_config *config = &self->bench->config;
	uint64_t start_us;

	follow_epoch(self);
	start_us = stamp_now_us();
	if (!config->pipe_bytes) {
		sleep_us(self, config->sleep_us);
		if (config->calibrate)
			start_us = stamp_now_us();
		compute(self);
		/* A request that the stop cut short has no time. */
		if (stopping(self))
			return;
		record_since(&self->request_us, start_us);
	}
	atomic_store_explicit(&self->loops,
			      atomic_load_explicit(&self->loops, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

static void serve_requests(struct schbench_thread *self)
{
	while (!stopping(self)) {
		if (self->bench->paced) {
			for (uint32_t left = wait_for_requests(self); left && !stopping(self);
			     left--)
				serve(self);
		} else {
			wait_for_answer(self);
			if (!stopping(self))
				serve(self);
		}
	}
}

static void begin(struct schbench_thread *self)
{
	struct schbench *bench = self->bench;

	/* 15 characters and the end are all that fit. */
	prctl(PR_SET_NAME, self->messenger ? "schbench-worker" : "schbench-msg");
	atomic_store(&self->tid, gettid());
	if (self->matrices)
		multiply_touch(self->matrices, bench->private_dimension);
	if (!schedstat_read(self->tid, &self->schedstat))
		self->schedstat = (struct schedstat){ 0 };
	self->epoch = epochs_now(&bench->epochs);
	atomic_store_explicit(&self->slice, epochs_slice(&bench->epochs, self->epoch),
			      memory_order_release);
}

static void end(struct schbench_thread *self)
{
	close_slice(self);
	if (self->schedstat.run_count)
		self->mean_delay_ns = self->schedstat.run_delay_ns / self->schedstat.run_count;
}

void *schbench_thread_main(void *argument)
{
	struct schbench_thread *self = argument;
	uint64_t start_us;

	begin(self);
	start_us = stamp_now_us();
	if (self->messenger)
		serve_requests(self);
	else if (self->bench->paced)
		queue_requests(self);
	else
		answer_waiters(self);
	self->runtime_us = stamp_now_us() - start_us;
	end(self);
	return NULL;
}
