/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <pthread.h>

#include "workload/epochs.h"
#include "workload/prng.h"
#include "workload/schbench/handshake.h"
#include "workload/taobench/engine.h"
#include "workload/taobench/plan.h"
#include "workload/taobench/queue.h"
#include "workload/taobench/store.h"

/* What engine.c sets up and thread.c runs. */

/* Of clients and dispatchers. */
struct taobench_thread {
	struct taobench *bench;
	pthread_t pthread;
	bool created;
	struct prng prng;
};

struct taobench_client {
	/* A miss on its way: what the client hands to a dispatcher and waits for. */
	_Alignas(64) struct request request;
	struct handshake served;
	uint64_t key;

	_Alignas(64) _Atomic uint64_t ops;
	struct taobench_thread thread;
	uint64_t sink; /* what the values sum up to */
	uint64_t start_ns, slice_start_ns, elapsed_ns;
	uint32_t epoch;
	size_t slice;
	struct ktstr_taobench_counters counters; /* since slice_start_ns */
	struct ktstr_histogram serve_us;
};

struct taobench {
	struct stop_flag stop;
	struct taobench_config config;
	unsigned clients_max, dispatchers_max; /* allocated */
	unsigned clients, dispatchers;	       /* used */
	uint64_t key_range;
	uint64_t interval_ns; /* between the requests of a client; 0: none */
	struct taobench_fetch fetch;
	struct epochs epochs;
	struct taobench_store *store;
	struct request_queue queue;
	bool has_queue;
	struct taobench_client *client;
	struct taobench_thread *dispatcher;
};

/* Threads from their first instruction to their last. */
void *taobench_client_main(void *argument);	/* a struct taobench_client */
void *taobench_dispatcher_main(void *argument); /* a struct taobench_thread */
