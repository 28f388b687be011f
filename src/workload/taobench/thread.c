// SPDX-License-Identifier: GPL-2.0-only
/* What clients and dispatchers do between start and stop. */
#include <sys/prctl.h>

#include "workload/schbench/histogram.h"
#include "workload/taobench/engine_private.h"

static bool stopping(const struct taobench_client *client)
{
	return stop_flag_raised(&client->thread.bench->stop);
}

static void add(uint64_t *to, uint64_t value)
{
	__atomic_fetch_add(to, value, __ATOMIC_RELAXED);
}

static void raise_to(uint64_t *to, uint64_t value)
{
	uint64_t seen = __atomic_load_n(to, __ATOMIC_RELAXED);

	while (value > seen && !__atomic_compare_exchange_n(to, &seen, value, true,
							    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

/* Add what the client counted since it opened its slice, and begin anew. */
static void close_slice(struct taobench_client *client, uint64_t now_ns)
{
	struct ktstr_taobench_slice *slice = &client->thread.bench->config.slices[client->slice];
	struct ktstr_taobench_counters *counters = &client->counters;

	add(&slice->counters.get_cmds, counters->get_cmds);
	add(&slice->counters.get_misses, counters->get_misses);
	add(&slice->counters.fast_ops, counters->fast_ops);
	add(&slice->counters.slow_ops, counters->slow_ops);
	raise_to(&slice->counters.elapsed_ns, now_ns - client->slice_start_ns);
	histogram_pour(&slice->serve_us, &client->serve_us);
	*counters = (struct ktstr_taobench_counters){ 0 };
	client->slice_start_ns = now_ns;
}

static void follow_epoch(struct taobench_client *client)
{
	struct epochs *epochs = &client->thread.bench->epochs;
	uint32_t epoch = epochs_now(epochs);

	if (epoch == client->epoch)
		return;
	close_slice(client, clock_now_ns());
	client->epoch = epoch;
	client->slice = epochs_slice(epochs, epoch);
}

static void serve(struct taobench_client *client, uint64_t key)
{
	struct taobench *bench = client->thread.bench;

	client->counters.get_cmds++;
	if (taobench_store_get(bench->store, key, &client->sink)) {
		client->counters.fast_ops++;
	} else {
		client->counters.get_misses++;
		client->key = key;
		handshake_clear(&client->served);
		request_queue_push(&bench->queue, &client->request);
		/* Also when the stop has come: dispatchers stay until all clients have left. */
		handshake_wait(&client->served);
		client->counters.slow_ops++;
	}
	atomic_store_explicit(&client->ops,
			      atomic_load_explicit(&client->ops, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

static uint64_t draw_key(struct taobench_client *client)
{
	return prng_next(&client->thread.prng) % client->thread.bench->key_range;
}

static void request_one_after_the_other(struct taobench_client *client)
{
	while (!stopping(client)) {
		follow_epoch(client);
		serve(client, draw_key(client));
	}
}

/* Requests are due whether the one before is served or not: latency counts from then. */
static void request_on_schedule(struct taobench_client *client)
{
	struct taobench *bench = client->thread.bench;
	uint64_t due_ns = client->start_ns;

	for (;;) {
		uint64_t served_ns, us;

		due_ns += bench->interval_ns;
		stop_flag_sleep(&bench->stop, due_ns);
		if (stopping(client))
			return;
		follow_epoch(client);
		serve(client, draw_key(client));
		served_ns = clock_now_ns();
		/* The stop hurries fetches along: what it meets has no latency. */
		if (stopping(client) || served_ns < due_ns)
			continue;
		us = (served_ns - due_ns) / NS_PER_US;
		histogram_record(&client->serve_us, us < UINT32_MAX ? (uint32_t)us : UINT32_MAX);
	}
}

void *taobench_client_main(void *argument)
{
	struct taobench_client *client = argument;
	struct taobench *bench = client->thread.bench;
	uint64_t end_ns;

	prctl(PR_SET_NAME, "taobench-client");
	client->start_ns = client->slice_start_ns = clock_now_ns();
	client->epoch = epochs_now(&bench->epochs);
	client->slice = epochs_slice(&bench->epochs, client->epoch);
	if (bench->interval_ns)
		request_on_schedule(client);
	else
		request_one_after_the_other(client);
	end_ns = clock_now_ns();
	client->elapsed_ns = end_ns - client->start_ns;
	close_slice(client, end_ns);
	return NULL;
}

static struct taobench_client *client_of(struct request *request)
{
	return (struct taobench_client *)((char *)request -
					  offsetof(struct taobench_client, request));
}

void *taobench_dispatcher_main(void *argument)
{
	struct taobench_thread *self = argument;
	struct taobench *bench = self->bench;
	struct request *request;

	prctl(PR_SET_NAME, "taobench-slow");
	while ((request = request_queue_pop(&bench->queue))) {
		struct taobench_client *client = client_of(request);
		uint64_t fetch_ns = taobench_fetch_ns(&bench->fetch, &self->prng);

		if (fetch_ns)
			stop_flag_sleep(&bench->stop, clock_now_ns() + fetch_ns);
		taobench_store_put(bench->store, client->key);
		handshake_post(&client->served);
	}
	return NULL;
}
