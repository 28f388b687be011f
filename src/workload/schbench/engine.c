// SPDX-License-Identifier: GPL-2.0-only
/* schbench's memory and threads: made, started, stopped and freed. */
#include "workload/schbench/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workload/schbench/engine_private.h"
#include "workload/schbench/multiply.h"
#include "workload/work/matrix.h"

#define STACK_BYTES (256u << 10) /* the deepest call reads a file of /proc into 256 bytes */

static int check_range(const char *name, uint64_t value, uint64_t least, uint64_t most,
		       struct ktstr_error *error)
{
	if (value >= least && value <= most)
		return 0;
	return ktstr_error_set(error, -EINVAL, "%s %llu out of range %llu..=%llu", name,
			       (unsigned long long)value, (unsigned long long)least,
			       (unsigned long long)most);
}

int schbench_check(const struct schbench_config *config, struct ktstr_error *error)
{
	int err = check_range("message_threads", config->message_threads, 1, SCHBENCH_THREADS_MAX,
			      error);

	if (!err)
		err = check_range("threads",
				  (uint64_t)config->message_threads *
					  (1 + (uint64_t)config->worker_threads),
				  1, SCHBENCH_THREADS_MAX, error);
	if (!err)
		err = check_range("cache_footprint_kib", config->cache_footprint_kib, 0,
				  SCHBENCH_FOOTPRINT_KIB_MAX, error);
	if (!err)
		err = check_range("auto_rps_pct", config->auto_rps_pct, 0, 100, error);
	if (!err && config->split)
		err = check_range("split_pct", config->split_pct, 0, 100, error);
	if (!err)
		err = check_range("pipe_transfer_bytes", config->pipe_bytes, 0,
				  SCHBENCH_PIPE_BYTES_MAX, error);
	if (!err && config->requests_per_sec)
		err = check_range("requests_per_sec", config->requests_per_sec,
				  config->message_threads, INT32_MAX, error);
	return err;
}

void schbench_dimensions(const struct schbench_config *config, unsigned *ret_private,
			 unsigned *ret_shared)
{
	uint64_t kib = config->cache_footprint_kib;
	uint64_t private_pct = config->split ? config->split_pct : 100;

	*ret_private = matrix_dimension((unsigned)(kib * private_pct / 100), 1);
	*ret_shared = config->split
			      ? matrix_dimension((unsigned)(kib * (100 - private_pct) / 100), 1)
			      : 0;
}

static void plan_work(struct schbench *bench)
{
	const struct schbench_config *config = &bench->config;
	unsigned private_pct = config->split ? config->split_pct : 100;

	if (config->pipe_bytes)
		return;
	schbench_dimensions(config, &bench->private_dimension, &bench->shared_dimension);
	bench->private_operations = (unsigned)((uint64_t)config->operations * private_pct / 100);
	bench->shared_operations = config->operations - bench->private_operations;
}

/* One worker thread for each CPU the caller may use, shared out among the message threads. */
static unsigned default_workers(const struct schbench_config *config)
{
	cpu_set_t cpus;
	unsigned count = 1;

	if (!sched_getaffinity(0, sizeof(cpus), &cpus))
		count = (unsigned)CPU_COUNT(&cpus);
	return (count + config->message_threads - 1) / config->message_threads;
}

static void *map_zeroed(size_t bytes)
{
	void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return base == MAP_FAILED ? NULL : base;
}

static void wire_threads(struct schbench *bench)
{
	unsigned messengers = bench->config.message_threads;

	for (unsigned m = 0; m < messengers; m++) {
		struct schbench_thread *messenger = messenger_at(bench, m);

		messenger->bench = bench;
		messenger->workers = &bench->threads[messengers + m * bench->workers_max];
		for (unsigned w = 0; w < bench->workers_max; w++) {
			struct schbench_thread *worker = &messenger->workers[w];

			worker->bench = bench;
			worker->messenger = messenger;
			if (bench->pages)
				worker->page = bench->pages + (size_t)(m * bench->workers_max + w) *
								      bench->config.pipe_bytes;
		}
	}
}

static int map_matrices(struct schbench *bench, struct ktstr_error *error)
{
	size_t messengers = bench->config.message_threads;

	if (bench->shared_operations) {
		int err = multiply_map(bench->shared_dimension, &bench->shared_matrices, error);

		if (err)
			return err;
	}
	if (!bench->private_operations)
		return 0;
	for (size_t i = messengers; i < bench->threads_max; i++) {
		int err = multiply_map(bench->private_dimension, &bench->threads[i].matrices,
				       error);

		if (err)
			return err;
	}
	return 0;
}

static int allocate(struct schbench *bench, struct ktstr_error *error)
{
	size_t workers = (size_t)bench->config.message_threads * bench->workers_max;
	size_t threads = bench->config.message_threads + workers;

	bench->threads = map_zeroed(threads * sizeof(*bench->threads));
	bench->threads_max = bench->threads ? threads : 0;
	bench->locks = map_zeroed(CPU_SETSIZE * sizeof(*bench->locks));
	bench->epochs.claimed = calloc(bench->epochs.capacity, sizeof(*bench->epochs.claimed));
	bench->page_bytes = workers * bench->config.pipe_bytes;
	if (bench->page_bytes)
		bench->pages = map_zeroed(bench->page_bytes);
	if (!bench->threads || !bench->locks || !bench->epochs.claimed ||
	    (bench->page_bytes && !bench->pages))
		return ktstr_error_set(error, -ENOMEM, "schbench: no memory for %zu threads",
				       threads);
	wire_threads(bench);
	return map_matrices(bench, error);
}

static int open_proc_stat(struct schbench *bench, struct ktstr_error *error)
{
	if (!bench->config.auto_rps_pct)
		return 0;
	bench->proc_stat = open("/proc/stat", O_RDONLY | O_CLOEXEC);
	if (bench->proc_stat < 0) {
		int err = -errno;

		return ktstr_error_set(error, err, "schbench: open /proc/stat: %s", strerror(-err));
	}
	return 0;
}

/* -A without a rate starts from here. */
#define AUTO_RPS_START 10

static void plan_rate(struct schbench *bench)
{
	unsigned rps = bench->config.requests_per_sec;
	unsigned messengers = bench->config.message_threads;

	if (bench->config.pipe_bytes)
		return;
	if (!rps && bench->config.auto_rps_pct)
		rps = AUTO_RPS_START < messengers ? messengers : AUTO_RPS_START;
	bench->paced = rps > 0;
	atomic_store(&bench->rate, rps / messengers);
}

int schbench_new(const struct schbench_config *config, struct schbench **ret_bench,
		 struct ktstr_error *error)
{
	struct schbench *bench;
	int err = schbench_check(config, error);

	if (err)
		return err;
	bench = map_zeroed(sizeof(*bench));
	if (!bench)
		return ktstr_error_set(error, -ENOMEM, "schbench: no memory");
	bench->config = *config;
	bench->proc_stat = -1;
	bench->epochs.word = config->epoch;
	bench->epochs.capacity = config->slices_max;
	bench->workers_max = config->worker_threads ? config->worker_threads
						    : default_workers(config);
	plan_work(bench);
	plan_rate(bench);
	err = allocate(bench, error);
	if (!err)
		err = open_proc_stat(bench, error);
	if (err) {
		schbench_free(bench);
		return err;
	}
	*ret_bench = bench;
	return 0;
}

static int create_thread(struct schbench_thread *thread, const cpu_set_t *cpus,
			 struct ktstr_error *error)
{
	pthread_attr_t attr;
	int err = pthread_attr_init(&attr);

	if (!err)
		err = pthread_attr_setstacksize(&attr, STACK_BYTES);
	if (!err && cpus)
		err = pthread_attr_setaffinity_np(&attr, sizeof(*cpus), cpus);
	if (!err)
		err = pthread_create(&thread->pthread, &attr, schbench_thread_main, thread);
	pthread_attr_destroy(&attr);
	if (err)
		return ktstr_error_set(error, -err, "schbench: create a thread: %s", strerror(err));
	thread->created = true;
	return 0;
}

/* -M gives each message thread one CPU of the set, in turn. */
static const cpu_set_t *messenger_cpu(const cpu_set_t *cpus, unsigned index, cpu_set_t *one)
{
	int turn, cpu = 0;

	if (!cpus || !CPU_COUNT(cpus))
		return NULL;
	turn = (int)(index % (unsigned)CPU_COUNT(cpus));
	for (; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, cpus) && turn-- == 0)
			break;
	CPU_ZERO(one);
	CPU_SET(cpu, one);
	return one;
}

static int create_threads(struct schbench *bench, struct ktstr_error *error)
{
	for (unsigned m = 0; m < bench->config.message_threads; m++) {
		struct schbench_thread *messenger = messenger_at(bench, m);
		cpu_set_t one;
		int err = create_thread(messenger,
					messenger_cpu(bench->config.message_cpus, m, &one), error);

		for (unsigned w = 0; !err && w < bench->worker_threads; w++)
			err = create_thread(&messenger->workers[w], bench->config.worker_cpus,
					    error);
		if (err)
			return err;
	}
	return 0;
}

int schbench_start(struct schbench *bench, struct ktstr_error *error)
{
	sigset_t all, before;
	int err;

	bench->worker_threads = bench->workers_max;
	if (!bench->config.worker_threads) {
		/* Counted again: the CPUs allowed may have become fewer since new. */
		unsigned workers = default_workers(&bench->config);

		if (workers < bench->worker_threads)
			bench->worker_threads = workers;
	}
	if (bench->shared_matrices)
		multiply_touch(bench->shared_matrices, bench->shared_dimension);
	bench->start_us = bench->tick_us = stamp_now_us();
	bench->tick_epoch = epochs_now(&bench->epochs);
	/* Signals are the caller's: one that ends its sleep must not be taken here. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = create_threads(bench, error);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err)
		schbench_stop(bench);
	return err;
}

void schbench_stop(struct schbench *bench)
{
	if (stop_flag_raised(&bench->stop))
		return;
	bench->end_us = stamp_now_us();
	stop_flag_raise(&bench->stop);
	for (size_t i = 0; i < bench->threads_max; i++)
		if (bench->threads[i].created)
			handshake_post(&bench->threads[i].handshake);
	for (size_t i = 0; i < bench->threads_max; i++)
		if (bench->threads[i].created)
			pthread_join(bench->threads[i].pthread, NULL);
}

static void unmap(void *base, size_t bytes)
{
	if (base && bytes)
		munmap(base, bytes);
}

void schbench_free(struct schbench *bench)
{
	if (!bench)
		return;
	schbench_stop(bench);
	if (bench->proc_stat >= 0)
		close(bench->proc_stat);
	for (size_t i = 0; i < bench->threads_max; i++)
		multiply_unmap(bench->threads[i].matrices, bench->private_dimension);
	multiply_unmap(bench->shared_matrices, bench->shared_dimension);
	unmap(bench->pages, bench->page_bytes);
	unmap(bench->threads, bench->threads_max * sizeof(*bench->threads));
	unmap(bench->locks, CPU_SETSIZE * sizeof(*bench->locks));
	free(bench->epochs.claimed);
	unmap(bench, sizeof(*bench));
}
