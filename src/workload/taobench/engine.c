// SPDX-License-Identifier: GPL-2.0-only
/* taobench's memory and threads: made, started, stopped and freed. */
#include "workload/taobench/engine.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "workload/taobench/engine_private.h"

#define STACK_BYTES (256u << 10)

static int check_range(const char *name, uint64_t value, uint64_t least, uint64_t most,
		       struct ktstr_error *error)
{
	if (value >= least && value <= most)
		return 0;
	return ktstr_error_set(error, -EINVAL, "%s %llu out of range %llu..=%llu", name,
			       (unsigned long long)value, (unsigned long long)least,
			       (unsigned long long)most);
}

int taobench_check(const struct taobench_config *config, struct ktstr_error *error)
{
	int err = check_range("client_threads", config->client_threads, 0, TAOBENCH_THREADS_MAX,
			      error);

	if (!err)
		err = check_range("slow_threads", config->slow_threads, 0, TAOBENCH_THREADS_MAX,
				  error);
	if (!err)
		err = check_range("cache_capacity_mib", config->cache_capacity_mib, 1,
				  TAOBENCH_CAPACITY_MIB_MAX, error);
	if (!err)
		err = check_range("target_hit_pct", config->target_hit_pct, 1, 99, error);
	return err;
}

static unsigned allowed_cpus(void)
{
	cpu_set_t cpus;

	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		return 1;
	return (unsigned)CPU_COUNT(&cpus);
}

static void count_threads(const struct taobench_config *config, unsigned *ret_clients,
			  unsigned *ret_dispatchers)
{
	unsigned clients = config->client_threads ? config->client_threads : allowed_cpus();
	unsigned third = clients / 3 ? clients / 3 : 1;

	*ret_clients = clients;
	*ret_dispatchers = config->slow_threads ? config->slow_threads : third;
}

static int allocate(struct taobench *bench, struct ktstr_error *error)
{
	size_t clients_bytes = bench->clients_max * sizeof(*bench->client);
	uint64_t objects = taobench_objects(bench->config.cache_capacity_mib);
	int err;

	bench->client = aligned_alloc(_Alignof(struct taobench_client), clients_bytes);
	bench->dispatcher = calloc(bench->dispatchers_max, sizeof(*bench->dispatcher));
	bench->epochs.claimed = calloc(bench->epochs.capacity, sizeof(*bench->epochs.claimed));
	if (!bench->client || !bench->dispatcher || !bench->epochs.claimed)
		return ktstr_error_set(error, -ENOMEM, "taobench: no memory for %u threads",
				       bench->clients_max + bench->dispatchers_max);
	memset(bench->client, 0, clients_bytes);
	err = request_queue_init(&bench->queue, error);
	if (err)
		return err;
	bench->has_queue = true;
	bench->key_range = taobench_key_range(objects, bench->config.target_hit_pct);
	return taobench_store_new(objects, bench->key_range, &bench->store, error);
}

int taobench_new(const struct taobench_config *config, struct taobench **ret_bench,
		 struct ktstr_error *error)
{
	struct taobench *bench;
	int err = taobench_check(config, error);

	if (err)
		return err;
	bench = calloc(1, sizeof(*bench));
	if (!bench)
		return ktstr_error_set(error, -ENOMEM, "taobench: no memory");
	bench->config = *config;
	bench->epochs.word = config->epoch;
	bench->epochs.capacity = config->slices_max;
	bench->fetch = taobench_fetch_plan(config->slow_path_us, config->slow_path_p99_us);
	count_threads(config, &bench->clients_max, &bench->dispatchers_max);
	err = allocate(bench, error);
	if (err) {
		taobench_free(bench);
		return err;
	}
	*ret_bench = bench;
	return 0;
}

static int create_thread(struct taobench *bench, struct taobench_thread *thread, uint64_t seed,
			 void *(*body)(void *), void *argument, struct ktstr_error *error)
{
	pthread_attr_t attr;
	int err = pthread_attr_init(&attr);

	thread->bench = bench;
	thread->prng = prng_seeded(seed);
	if (!err)
		err = pthread_attr_setstacksize(&attr, STACK_BYTES);
	if (!err)
		err = pthread_create(&thread->pthread, &attr, body, argument);
	pthread_attr_destroy(&attr);
	if (err)
		return ktstr_error_set(error, -err, "taobench: create a thread: %s", strerror(err));
	thread->created = true;
	return 0;
}

static int create_threads(struct taobench *bench, struct ktstr_error *error)
{
	/* Distinct from thread to thread and from run to run. */
	uint64_t seed = clock_now_ns();
	int err = 0;

	for (unsigned i = 0; i < bench->dispatchers && !err; i++)
		err = create_thread(bench, &bench->dispatcher[i], seed++, taobench_dispatcher_main,
				    &bench->dispatcher[i], error);
	for (unsigned i = 0; i < bench->clients && !err; i++)
		err = create_thread(bench, &bench->client[i].thread, seed++, taobench_client_main,
				    &bench->client[i], error);
	return err;
}

int taobench_start(struct taobench *bench, struct ktstr_error *error)
{
	sigset_t all, before;
	int err;

	/* Counted again: the CPUs allowed may have become fewer since new. */
	count_threads(&bench->config, &bench->clients, &bench->dispatchers);
	if (bench->clients > bench->clients_max)
		bench->clients = bench->clients_max;
	if (bench->dispatchers > bench->dispatchers_max)
		bench->dispatchers = bench->dispatchers_max;
	if (bench->config.arrival_rate) {
		bench->interval_ns = NS_PER_S * bench->clients / bench->config.arrival_rate;
		if (!bench->interval_ns)
			bench->interval_ns = 1;
	}
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = create_threads(bench, error);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err)
		taobench_stop(bench);
	return err;
}

void taobench_stop(struct taobench *bench)
{
	if (stop_flag_raised(&bench->stop))
		return;
	stop_flag_raise(&bench->stop);
	for (unsigned i = 0; bench->client && i < bench->clients; i++)
		if (bench->client[i].thread.created)
			pthread_join(bench->client[i].thread.pthread, NULL);
	if (bench->has_queue)
		request_queue_close(&bench->queue);
	for (unsigned i = 0; bench->dispatcher && i < bench->dispatchers; i++)
		if (bench->dispatcher[i].created)
			pthread_join(bench->dispatcher[i].pthread, NULL);
}

void taobench_report(const struct taobench *bench, struct ktstr_taobench_report *ret_report)
{
	struct ktstr_taobench_slice *slices = bench->config.slices;

	*ret_report = (struct ktstr_taobench_report){ .slices = slices };
	for (size_t i = 0; i < bench->epochs.capacity; i++) {
		struct ktstr_taobench_slice *to = &slices[ret_report->slices_count];
		uint32_t epoch;

		if (!epochs_claimed(&bench->epochs, i, &epoch))
			continue;
		if (to != &slices[i])
			*to = slices[i];
		to->epoch = epoch;
		ktstr_taobench_merge(&ret_report->whole, &to->counters);
		ret_report->slices_count++;
	}
	ret_report->whole.elapsed_ns = 0;
	for (unsigned i = 0; i < bench->clients; i++)
		if (bench->client[i].elapsed_ns > ret_report->whole.elapsed_ns)
			ret_report->whole.elapsed_ns = bench->client[i].elapsed_ns;
}

uint64_t taobench_ops(const struct taobench *bench)
{
	uint64_t ops = 0;

	for (unsigned i = 0; i < bench->clients; i++)
		ops += atomic_load_explicit(&bench->client[i].ops, memory_order_relaxed);
	return ops;
}

unsigned taobench_clients(const struct taobench *bench)
{
	return bench->clients;
}

unsigned taobench_dispatchers(const struct taobench *bench)
{
	return bench->dispatchers;
}

void taobench_free(struct taobench *bench)
{
	if (!bench)
		return;
	taobench_stop(bench);
	if (bench->has_queue)
		request_queue_release(&bench->queue);
	taobench_store_free(bench->store);
	free(bench->epochs.claimed);
	free(bench->dispatcher);
	free(bench->client);
	free(bench);
}
