// SPDX-License-Identifier: GPL-2.0-only
/* A thread for each run, started and awaited by one loop. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "runner/pool.h"

struct pool_thread {
	const struct pool_config *config;
	size_t index;
	int ended_fd; /* takes the index when the run has ended */
	pthread_t thread;
	bool started;
};

struct pool {
	const struct pool_config *config;
	struct admission admission;
	struct pool_thread *threads; /* one a run */
	size_t waiting;		     /* all runs before this one have been started */
	int ended_read, ended_write;
	bool stopped;
};

static void pool_release(struct pool *pool)
{
	free(pool->threads);
	auto_close_fn(&pool->ended_read);
	auto_close_fn(&pool->ended_write);
}
#define auto_pool __attribute__((cleanup(pool_release)))

static void *thread_main(void *arg)
{
	const struct pool_thread *thread = arg;

	thread->config->run(thread->config->data, thread->index);
	/*
	 * Shorter than PIPE_BUF, so it arrives whole; the pipe is deeper than there are slots, so
	 * it does not block. It cannot fail: the reader lives until this thread is joined.
	 */
	while (write(thread->ended_fd, &thread->index, sizeof(thread->index)) < 0 && errno == EINTR)
		;
	return NULL;
}

static int start(struct pool *pool, size_t index, struct ktstr_error *error)
{
	const struct pool_config *config = pool->config;
	struct pool_thread *thread = &pool->threads[index];
	int err;

	*thread = (struct pool_thread){ .config = config,
					.index = index,
					.ended_fd = pool->ended_write };
	err = pthread_create(&thread->thread, NULL, thread_main, thread);
	if (err)
		return ktstr_error_set(error, -err, "start a thread: %s", strerror(err));
	thread->started = true;
	admission_enter(&pool->admission, &config->needs[index]);
	if (config->started)
		config->started(config->data, index);
	return 0;
}

static int start_what_fits(struct pool *pool, struct ktstr_error *error)
{
	const struct pool_config *config = pool->config;

	while (pool->waiting < config->count && pool->threads[pool->waiting].started)
		pool->waiting++;
	for (size_t i = pool->waiting; i < config->count; i++) {
		enum admission_answer answer;
		int err = 0;

		if (pool->threads[i].started)
			continue;
		answer = admission_ask(&pool->admission, &config->needs[i]);
		if (answer == ADMISSION_NO_SLOT)
			break;
		if (answer == ADMISSION_GRANTED)
			err = start(pool, i, error);
		if (!err)
			continue;
		if (!pool->admission.running)
			return err;
		/* The machine gives no more threads: those there are have to do. */
		pool->admission.limits.slots = pool->admission.running;
		break;
	}
	return 0;
}

static void take_ended(struct pool *pool)
{
	const struct pool_config *config = pool->config;
	size_t index;

	if (read(pool->ended_read, &index, sizeof(index)) != sizeof(index))
		return; /* interrupted: it is still there */
	pthread_join(pool->threads[index].thread, NULL);
	admission_leave(&pool->admission, &config->needs[index]);
	if (config->ended)
		config->ended(config->data, index);
}

/*
 * Returns at once when nothing runs. Otherwise there is an end to it because there is an end to
 * every run.
 */
static void wait_for_news(struct pool *pool)
{
	const struct pool_config *config = pool->config;
	struct pollfd polls[] = {
		{ .fd = pool->ended_read, .events = POLLIN },
		/* Readable for good: looking at it again would be a busy loop. */
		{ .fd = pool->stopped ? -1 : config->stop_fd, .events = POLLIN },
	};
	int timeout_ms = !pool->admission.running ? 0 : config->tick_ms ? (int)config->tick_ms : -1;
	int ready = poll(polls, 2, timeout_ms);

	if (ready > 0 && polls[1].revents)
		pool->stopped = true;
	/* A poll that fails (no memory) leaves the wait for the next run that ends. */
	if (pool->admission.running &&
	    ((ready > 0 && polls[0].revents) || (ready < 0 && errno != EINTR)))
		take_ended(pool);
	if (config->tick && config->tick_ms)
		config->tick(config->data);
}

int pool_run(const struct pool_config *config, struct ktstr_error *error)
{
	auto_pool struct pool pool = {
		.config = config,
		.admission = { .limits = config->limits },
		.threads = calloc(config->count + 1, sizeof(*pool.threads)),
		.ended_read = -1,
		.ended_write = -1,
	};
	int ends[2];
	int err = 0;

	if (!pool.threads)
		return ktstr_error_set(error, -ENOMEM, "no memory for %zu tests", config->count);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return ktstr_error_set(error, -errno, "pipe: %s", strerror(errno));
	pool.ended_read = ends[0];
	pool.ended_write = ends[1];
	do {
		wait_for_news(&pool);
		if (!pool.stopped && !err)
			err = start_what_fits(&pool, error);
	} while (pool.admission.running);
	return err;
}
