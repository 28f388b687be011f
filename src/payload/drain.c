// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pipes and the thread that empties them. Until drain_stop() has joined it, the texts are the
 * thread's alone.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/pipe.h"
#include "base/utf8.h"
#include "payload/drain.h"

#define NUM_STREAMS 2
#define CHUNK_BYTES 16384
/* For what somebody who escaped goes on writing while we read what the dead have left. */
#define LAST_READ_MS 1000

struct stream {
	int ends[2]; /* ours, the child's; -1: closed */
	char *text;
	size_t size, capacity; /* capacity has room for a zero byte beyond it */
	uint64_t discarded;
};

struct drain {
	struct stream streams[NUM_STREAMS];
	int stop_fd;
	pid_t owner;
	bool running;
	pthread_t thread;
};

int drain_new(struct drain **ret_drain, struct ktstr_error *error)
{
	struct drain *drain = calloc(1, sizeof(*drain));
	int err = 0;

	if (!drain)
		return ktstr_error_set(error, -ENOMEM, "no memory");
	drain->owner = getpid();
	for (size_t i = 0; i < NUM_STREAMS; i++)
		drain->streams[i].ends[0] = drain->streams[i].ends[1] = -1;
	drain->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (drain->stop_fd < 0)
		err = -errno;
	for (size_t i = 0; !err && i < NUM_STREAMS; i++)
		err = pipe_open_above(STDERR_FILENO, drain->streams[i].ends);
	if (err) {
		drain_free(drain);
		return ktstr_error_set(error, err, "pipes for its output: %s", strerror(-err));
	}
	*ret_drain = drain;
	return 0;
}

int drain_child_fd(const struct drain *drain, enum ktstr_stream stream)
{
	return drain->streams[stream].ends[1];
}

/* False: what comes now has to be discarded. */
static bool make_room(struct stream *stream)
{
	size_t capacity = stream->capacity ? stream->capacity * 2 : CHUNK_BYTES;
	char *grown;

	if (stream->capacity == KTSTR_PAYLOAD_OUTPUT_MAX)
		return false;
	if (capacity > KTSTR_PAYLOAD_OUTPUT_MAX)
		capacity = KTSTR_PAYLOAD_OUTPUT_MAX;
	grown = realloc(stream->text, capacity + 1);
	if (!grown)
		return false;
	stream->text = grown;
	stream->capacity = capacity;
	return true;
}

/* One read; false when there is nothing for now, or never again: then the end is closed. */
static bool read_some(struct stream *stream)
{
	char excess[CHUNK_BYTES];
	bool keep = stream->size < stream->capacity || make_room(stream);
	ssize_t got = keep ? read(stream->ends[0], stream->text + stream->size,
				  stream->capacity - stream->size)
			   : read(stream->ends[0], excess, sizeof(excess));

	if (got > 0) {
		if (keep)
			stream->size += (size_t)got;
		else
			stream->discarded += (uint64_t)got;
		return true;
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	close(take_fd(&stream->ends[0]));
	return false;
}

static void read_the_rest(struct drain *drain)
{
	uint64_t deadline_ns = clock_deadline_ms(LAST_READ_MS);

	for (size_t i = 0; i < NUM_STREAMS; i++)
		while (drain->streams[i].ends[0] >= 0 && read_some(&drain->streams[i]) &&
		       clock_now_ns() < deadline_ns)
			;
}

static void *drain_main(void *data)
{
	struct drain *drain = data;

	for (;;) {
		struct pollfd fds[NUM_STREAMS + 1] = {
			{ .fd = drain->streams[0].ends[0], .events = POLLIN },
			{ .fd = drain->streams[1].ends[0], .events = POLLIN },
			{ .fd = drain->stop_fd, .events = POLLIN },
		};

		if (poll(fds, NUM_STREAMS + 1, -1) < 0 && errno != EINTR)
			break;
		if (fds[NUM_STREAMS].revents)
			break;
		for (size_t i = 0; i < NUM_STREAMS; i++)
			if (fds[i].revents)
				read_some(&drain->streams[i]);
	}
	read_the_rest(drain);
	return NULL;
}

int drain_start(struct drain *drain, struct ktstr_error *error)
{
	sigset_t all, before;
	int failed;

	for (size_t i = 0; i < NUM_STREAMS; i++)
		close(take_fd(&drain->streams[i].ends[1]));
	/* The test's handlers are for the test's threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&drain->thread, NULL, drain_main, drain);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed)
		return ktstr_error_set(error, -failed, "a thread for its output: %s",
				       strerror(failed));
	drain->running = true;
	return 0;
}

void drain_stop(struct drain *drain)
{
	const uint64_t once = 1;

	if (!drain->running)
		return;
	/* The counter of an eventfd of ours takes one more. */
	while (write(drain->stop_fd, &once, sizeof(once)) < 0 && errno == EINTR)
		;
	pthread_join(drain->thread, NULL);
	drain->running = false;
}

char *drain_take(struct drain *drain, enum ktstr_stream which, size_t *ret_size)
{
	struct stream *stream = &drain->streams[which];
	char *text = stream->text ? take_pointer(stream->text) : malloc(1);

	if (!text)
		return NULL;
	text[stream->size] = '\0';
	for (char *zero = text; (zero = memchr(zero, '\0', stream->size - (size_t)(zero - text)));)
		*zero = ' ';
	utf8_repair(text);
	*ret_size = stream->size;
	return text;
}

uint64_t drain_discarded(const struct drain *drain)
{
	return drain->streams[KTSTR_STDOUT].discarded + drain->streams[KTSTR_STDERR].discarded;
}

void drain_free(struct drain *drain)
{
	if (!drain)
		return;
	if (drain->owner == getpid())
		drain_stop(drain);
	for (size_t i = 0; i < NUM_STREAMS; i++) {
		auto_close_fn(&drain->streams[i].ends[0]);
		auto_close_fn(&drain->streams[i].ends[1]);
		free(drain->streams[i].text);
	}
	auto_close_fn(&drain->stop_fd);
	free(drain);
}
