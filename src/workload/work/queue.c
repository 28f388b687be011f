// SPDX-License-Identifier: GPL-2.0-only
/* ProducerConsumerImbalance: a bounded queue of many producers and many consumers. */
#include <sched.h>

#include "base/clock.h"
#include "workload/futex.h"
#include "workload/work.h"
#include "workload/work/cohort_size.h"
#include "workload/work/futex_await.h"
#include "workload/worker.h"

/*
 * Positions count up and never wrap; a place is its position modulo the depth. Producers reserve
 * at head and make visible in order, at published; what lies from tail to published is to be
 * taken. Each wake word rises with every item that passes, so that nobody sleeps on old news.
 */
struct queue {
	_Atomic uint64_t head, tail;
	_Atomic uint32_t producer_wake, consumer_wake;
	_Atomic uint64_t published;
	_Atomic uint64_t places[];
};
_Static_assert(offsetof(struct queue, places) == 32, "the queue's own words");

static unsigned queue_group_size(const void *params)
{
	const struct ktstr_work_producer_consumer_imbalance_params *queue = params;

	return cohort_size((uint64_t)queue->producers + queue->consumers);
}

static void queue_plumbing(const void *params, struct work_plumbing *ret_plumbing)
{
	const struct ktstr_work_producer_consumer_imbalance_params *queue = params;

	ret_plumbing->shared_bytes = sizeof(struct queue) +
				     (size_t)queue->queue_depth_target * sizeof(uint64_t);
}

static void announce(_Atomic uint32_t *wake)
{
	atomic_fetch_add_explicit(wake, 1, memory_order_release);
	futex_wake(wake, 1);
}

/*
 * The wake word is read first: an item that passes after that changes it, and the nap ends at
 * once. The tail before the head, which it never overtakes: their difference is at least what
 * there is.
 */
static bool reserve(struct ktstr_worker *worker, struct queue *queue, unsigned depth,
		    uint64_t *ret_position)
{
	while (!worker_stopping(worker)) {
		uint32_t wake = atomic_load_explicit(&queue->producer_wake, memory_order_acquire);
		uint64_t tail = atomic_load_explicit(&queue->tail, memory_order_acquire);
		uint64_t head = atomic_load_explicit(&queue->head, memory_order_acquire);

		if (head - tail >= depth) {
			futex_nap(worker, &queue->producer_wake, wake);
		} else if (atomic_compare_exchange_strong_explicit(&queue->head, &head, head + 1,
								   memory_order_relaxed,
								   memory_order_relaxed)) {
			*ret_position = head;
			return true;
		}
	}
	return false;
}

/* Wait for the producers that reserved before: a short while, unless one lost its CPU there. */
static bool await_turn(const struct ktstr_worker *worker, struct queue *queue, uint64_t position)
{
	while (atomic_load_explicit(&queue->published, memory_order_acquire) != position) {
		if (worker_stopping(worker))
			return false;
		sched_yield();
	}
	return true;
}

static bool put_item(struct ktstr_worker *worker, struct queue *queue, unsigned depth)
{
	uint64_t position;

	if (!reserve(worker, queue, depth, &position))
		return false;
	atomic_store_explicit(&queue->places[position % depth], position, memory_order_relaxed);
	if (!await_turn(worker, queue, position))
		return false;
	atomic_store_explicit(&queue->published, position + 1, memory_order_release);
	announce(&queue->consumer_wake);
	return true;
}

/* Another consumer may take the same item first; then what was read of it does not count. */
static bool take_item(struct ktstr_worker *worker, struct queue *queue, unsigned depth)
{
	while (!worker_stopping(worker)) {
		uint32_t wake = atomic_load_explicit(&queue->consumer_wake, memory_order_acquire);
		uint64_t tail = atomic_load_explicit(&queue->tail, memory_order_acquire);

		if (atomic_load_explicit(&queue->published, memory_order_acquire) == tail) {
			futex_nap(worker, &queue->consumer_wake, wake);
			continue;
		}
		(void)atomic_load_explicit(&queue->places[tail % depth], memory_order_relaxed);
		if (atomic_compare_exchange_strong_explicit(&queue->tail, &tail, tail + 1,
							    memory_order_release,
							    memory_order_relaxed)) {
			announce(&queue->producer_wake);
			return true;
		}
	}
	return false;
}

/*
 * One item is one pass, so that the loop publishes after each of them. A pass that the stop
 * ends without an item does not count.
 */
static enum work_next queue_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_producer_consumer_imbalance_params *params = worker->params;
	unsigned depth = params->queue_depth_target;
	struct queue *queue = worker->shared;
	bool produces = worker->position < params->producers;
	uint64_t ignored_ns;

	if (!depth || !(produces ? put_item : take_item)(worker, queue, depth))
		return WORK_END;
	if (produces) {
		worker->work_units++;
		if (params->produce_rate_hz)
			worker_sleep(worker, NS_PER_S / params->produce_rate_hz, &ignored_ns);
	} else {
		worker_spin(worker, params->consume_iters);
	}
	worker_excuse_gap(worker, clock_now_ns());
	return WORK_NEXT;
}

#define QUEUE_NUMBER(field, default_, summary_)                                                    \
	WORK_NUMBER(struct ktstr_work_producer_consumer_imbalance_params, field, default_, summary_)

const struct ktstr_work_ops ktstr_work_producer_consumer_imbalance = {
	.name = "ProducerConsumerImbalance",
	.summary = "producers and consumers of unequal speed share a bounded queue",
	.params_size = sizeof(struct ktstr_work_producer_consumer_imbalance_params),
	.params =
		(const struct work_param[]){
			QUEUE_NUMBER(producers, 2, "workers that produce"),
			QUEUE_NUMBER(consumers, 1, "workers that consume"),
			QUEUE_NUMBER(produce_rate_hz, 1000,
				     "items a second and producer, 0: as fast as it can"),
			QUEUE_NUMBER(consume_iters, 4096, "units of computing per item"),
			QUEUE_NUMBER(queue_depth_target, 1024, "items that have room"),
			{ 0 },
		},
	.group_size = queue_group_size,
	.plumbing = queue_plumbing,
	.iterate = queue_iterate,
};
