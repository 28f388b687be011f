// SPDX-License-Identifier: GPL-2.0-only
/* A byte to the next worker of a ring, a byte from the one before it. */
#include "workload/work/pipe_exchange.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"

void pipe_send(const struct ktstr_worker *worker)
{
	char byte = 0;

	/*
	 * Neither failure matters: a full pipe (EAGAIN) wakes its reader as well as one more byte
	 * would, and a reader that is dead (EPIPE, its signal is ignored) is a silent partner.
	 */
	if (write(worker->write_fd, &byte, 1) < 0)
		return;
}

/* 1: a byte has come, 0: not yet, -1: none will. */
static int try_read(const struct ktstr_worker *worker)
{
	struct pollfd end = { .fd = worker->read_fd, .events = POLLIN };
	int ready = poll(&end, 1, WORKER_STOP_POLL_NS / NS_PER_MS);
	ssize_t got;
	char byte;

	if (ready < 0)
		return errno == EINTR ? 0 : -1;
	if (!ready)
		return 0;
	got = read(worker->read_fd, &byte, 1);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	return got == 1 ? 1 : -1;
}

bool pipe_await(struct ktstr_worker *worker)
{
	uint64_t start_ns = clock_now_ns(), now_ns;
	int got = 0;

	while (!got && !worker_stopping(worker))
		got = try_read(worker);
	now_ns = clock_now_ns();
	if (got > 0)
		worker_sample_wake(worker, now_ns - start_ns);
	worker_excuse_gap(worker, now_ns);
	return got > 0;
}

void pipe_exchange(struct ktstr_worker *worker)
{
	pipe_send(worker);
	pipe_await(worker);
}
