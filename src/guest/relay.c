// SPDX-License-Identifier: GPL-2.0-only
/* Passing bytes on. */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "guest/relay.h"

void relay_init(struct relay *relay, int from, int to)
{
	relay->from = from;
	relay->to = to;
	relay->ended = false;
	relay->start = relay->end = 0;
}

static void flush(struct relay *relay)
{
	while (relay->start < relay->end) {
		ssize_t written = write(relay->to, relay->buffer + relay->start,
					relay->end - relay->start);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0 && errno == EAGAIN)
			return;
		if (written < 0) {
			relay->ended = true;
			return;
		}
		relay->start += (size_t)written;
	}
	relay->start = relay->end = 0;
}

static void fill(struct relay *relay)
{
	ssize_t got = read(relay->from, relay->buffer, sizeof(relay->buffer));

	if (got > 0)
		relay->end = (size_t)got;
	/* EIO: the last process has closed its end of a pseudoterminal. */
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		relay->ended = true;
}

static int relay_ready(void *data, struct ktstr_error *error)
{
	struct relay *relay = data;

	(void)error;
	if (relay->start == relay->end)
		fill(relay);
	flush(relay);
	return 0;
}

void relay_watch(struct relay *relay, struct watch_list *list)
{
	if (relay->ended)
		return;
	if (relay->start < relay->end)
		watch_add(list, relay->to, POLLOUT, relay_ready, relay);
	else
		watch_add(list, relay->from, POLLIN, relay_ready, relay);
}

void relay_drain(struct relay *relay, uint64_t deadline_ns)
{
	for (;;) {
		struct pollfd room = { .fd = relay->to, .events = POLLOUT };

		if (relay->start == relay->end) {
			if (relay->ended)
				return;
			fill(relay);
			if (relay->start == relay->end)
				return;
		}
		flush(relay);
		if (relay->ended || (relay->start < relay->end &&
				     poll(&room, 1, clock_poll_timeout_ms(deadline_ns)) <= 0))
			return;
	}
}
