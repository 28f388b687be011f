// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "guest/relay.h"
#include "unit.h"

static void open_pipe(int ends[2])
{
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
}

/* Let the relay do what it asks for, as the agent's loop would, until nothing is ready. */
static void run_relay(struct relay *relay)
{
	for (;;) {
		struct watch_list list = { 0 };
		struct pollfd ready;

		relay_watch(relay, &list);
		if (!list.count)
			return;
		ready = (struct pollfd){ .fd = list.entries[0].fd, .events = list.entries[0].events };
		if (poll(&ready, 1, 0) == 0)
			return;
		assert_int_equal(list.entries[0].ready(list.entries[0].owner, NULL), 0);
	}
}

static void relay_passes_bytes_on_until_the_end(void **state)
{
	int in[2], out[2];
	struct relay relay;
	char got[16] = "";

	(void)state;
	open_pipe(in);
	open_pipe(out);
	relay_init(&relay, in[0], out[1]);
	assert_int_equal(write(in[1], "hello", 5), 5);
	run_relay(&relay);
	assert_int_equal(read(out[0], got, sizeof(got)), 5);
	assert_string_equal(got, "hello");
	assert_false(relay.ended);
	close(in[1]);
	run_relay(&relay);
	assert_true(relay.ended);
	close(in[0]);
	close(out[0]);
	close(out[1]);
}

static size_t empty(int fd)
{
	char chunk[4096];
	size_t total = 0;
	ssize_t got;

	while ((got = read(fd, chunk, sizeof(chunk))) > 0)
		total += (size_t)got;
	return total;
}

static void relay_reads_nothing_while_the_receiver_is_full(void **state)
{
	int in[2], out[2];
	struct relay relay;
	char block[4096] = { 0 };
	size_t sent = 0, passed;

	(void)state;
	open_pipe(in);
	open_pipe(out);
	relay_init(&relay, in[0], out[1]);
	/* Both pipes fill up, and then the sender is held: nothing is kept in memory without bound. */
	for (int round = 0; round < 64; round++) {
		ssize_t written = write(in[1], block, sizeof(block));

		sent += written > 0 ? (size_t)written : 0;
		run_relay(&relay);
	}
	assert_true(sent < 64 * sizeof(block));
	passed = empty(out[0]);
	while (passed < sent) {
		size_t more;

		run_relay(&relay);
		more = empty(out[0]);
		assert_true(more > 0);
		passed += more;
	}
	assert_int_equal(passed, sent);
	close(in[0]);
	close(in[1]);
	close(out[0]);
	close(out[1]);
}

static void relay_drain_keeps_its_deadline(void **state)
{
	uint64_t before = clock_now_ns();
	int in[2], out[2];
	struct relay relay;
	char block[4096] = { 0 };

	(void)state;
	open_pipe(in);
	open_pipe(out);
	while (write(out[1], block, sizeof(block)) > 0)
		;
	assert_int_equal(write(in[1], "x", 1), 1);
	relay_init(&relay, in[0], out[1]);
	relay_drain(&relay, clock_deadline_ms(20));
	assert_true(clock_now_ns() - before < 2 * NS_PER_S);
	empty(out[0]);
	relay_drain(&relay, clock_deadline_ms(1000));
	assert_int_equal(read(out[0], block, sizeof(block)), 1);
	close(in[0]);
	close(in[1]);
	close(out[0]);
	close(out[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(relay_passes_bytes_on_until_the_end),
		cmocka_unit_test(relay_reads_nothing_while_the_receiver_is_full),
		cmocka_unit_test(relay_drain_keeps_its_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
