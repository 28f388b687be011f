/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_QUEUE_H
#define KTSTR_WORK_QUEUE_H

/* Workers that pass items through a queue in shared memory. */

#define KTSTR_WORK_TYPES_QUEUE(X) X(producer_consumer_imbalance, "ProducerConsumerImbalance")

/*
 * ProducerConsumerImbalance: producers put an item into a bounded queue at a given rate, consumers
 * take them out and compute. The first producers workers of a cohort of producers + consumers are
 * the producers.
 *
 * An iteration is an item: a unit for its producer, consume_iters units for its consumer.
 * wake_latencies: each wait for room or for an item, one that timed out after 100 ms included; no
 * gap.
 */
struct ktstr_work_producer_consumer_imbalance_params {
	unsigned producers;	     /* default 2 */
	unsigned consumers;	     /* default 1 */
	unsigned produce_rate_hz;    /* items a second and producer; default 1000, zero: unpaced */
	unsigned consume_iters;	     /* units of computing per item; default 4096 */
	unsigned queue_depth_target; /* items that have room; default 1024; zero: nothing to do */
};

#endif
