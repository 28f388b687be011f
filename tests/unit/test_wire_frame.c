// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "unit.h"
#include "wire/frame.h"

/* A stream of known frames, as bytes: what frame_write() puts on a socket. */
static const char step_start[] = "{\"name\":\"step_start\"}";
static uint8_t stream[4096];
static size_t stream_size;

static int make_stream(void **state)
{
	uint64_t deadline_ns = clock_deadline_ms(1000);
	int ends[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(frame_write(ends[0], MESSAGE_EVENT, step_start, strlen(step_start),
				     deadline_ns, NULL), 0);
	assert_int_equal(frame_write(ends[0], MESSAGE_POWER_OFF, NULL, 0, deadline_ns, NULL), 0);
	stream_size = (size_t)read(ends[1], stream, sizeof(stream));
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void expect_event(struct frame_reader *reader)
{
	struct frame frame;

	assert_int_equal(frame_reader_next(reader, &frame, NULL), 1);
	assert_int_equal(frame.type, MESSAGE_EVENT);
	assert_int_equal(frame.length, strlen(step_start));
	assert_memory_equal(frame.payload, step_start, frame.length);
}

static void expect_power_off(struct frame_reader *reader)
{
	struct frame frame;

	assert_int_equal(frame_reader_next(reader, &frame, NULL), 1);
	assert_int_equal(frame.type, MESSAGE_POWER_OFF);
	assert_int_equal(frame.length, 0);
}

static void frame_reader_next_cuts_any_split_alike(void **state)
{
	(void)state;
	for (size_t first = 0; first <= stream_size; first++) {
		struct frame_reader *reader;
		struct frame frame;

		assert_int_equal(frame_reader_new(&reader, NULL), 0);
		assert_int_equal(frame_reader_feed(reader, stream, first), first);
		if (first < 16 + strlen(step_start)) {
			assert_int_equal(frame_reader_next(reader, &frame, NULL), 0);
			assert_int_equal(frame_reader_pending(reader), first);
		}
		assert_int_equal(frame_reader_feed(reader, stream + first, stream_size - first),
				 stream_size - first);
		expect_event(reader);
		expect_power_off(reader);
		assert_int_equal(frame_reader_next(reader, &frame, NULL), 0);
		assert_int_equal(frame_reader_end(reader, NULL), 0);
		frame_reader_free(reader);
	}
}

static void frame_reader_end_tells_where_a_stream_was_cut(void **state)
{
	size_t event_size = 16 + strlen(step_start);

	(void)state;
	for (size_t size = 0; size <= event_size; size++) {
		struct ktstr_error error = { 0 };
		struct frame_reader *reader;
		struct frame frame;
		char cut[64];

		assert_int_equal(frame_reader_new(&reader, NULL), 0);
		frame_reader_feed(reader, stream, size);
		assert_int_equal(frame_reader_next(reader, &frame, NULL), size == event_size);
		if (size == 0 || size == event_size) {
			assert_int_equal(frame_reader_end(reader, &error), 0);
		} else {
			snprintf(cut, sizeof(cut), "after %zu of %zu", size,
				 size < 16 ? (size_t)16 : event_size);
			assert_int_equal(frame_reader_end(reader, &error), -EBADMSG);
			assert_contains(error.text, cut);
		}
		frame_reader_free(reader);
	}
}

static void frame_reader_next_notices_every_flipped_bit(void **state)
{
	size_t event_size = 16 + strlen(step_start);

	(void)state;
	for (size_t bit = 0; bit < event_size * 8; bit++) {
		struct ktstr_error error = { 0 };
		uint8_t flipped[sizeof(stream)];
		struct frame_reader *reader;
		struct frame frame;
		int result;

		memcpy(flipped, stream, stream_size);
		flipped[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(frame_reader_new(&reader, NULL), 0);
		frame_reader_feed(reader, flipped, stream_size);
		result = frame_reader_next(reader, &frame, &error);
		/* A longer length, still allowed, makes the reader wait for the rest. */
		if (result == 0)
			result = frame_reader_end(reader, &error);
		if (result != -EBADMSG)
			fail_msg("bit %zu: %d", bit, result);
		assert_contains(error.text, "broken frame");
		frame_reader_free(reader);
	}
}

static const struct {
	const char *name;
	uint32_t magic, length, crc;
	const char *seen, *due;
} headers[] = {
	{ "magic", 0x11223344, 0, 0, "0x11223344", "0x5254534b" },
	{ "length", FRAME_MAGIC, FRAME_PAYLOAD_MAX + 1, 0, "1048577", "1048576" },
	{ "largest length", FRAME_MAGIC, UINT32_MAX, 0, "4294967295", "1048576" },
	{ "crc", FRAME_MAGIC, 0, 0x01020304, "CRC 0x", "0x01020304" },
};

static void frame_reader_next_names_both_values_and_stays_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(headers); i++) {
		struct frame_header header = {
			.magic = headers[i].magic,
			.type = MESSAGE_RESULT,
			.length = headers[i].length,
			.crc = headers[i].crc,
		};
		struct ktstr_error error = { 0 }, again = { 0 };
		struct frame_reader *reader;
		struct frame frame;

		assert_int_equal(frame_reader_new(&reader, NULL), 0);
		frame_reader_feed(reader, &header, sizeof(header));
		frame_reader_feed(reader, stream, stream_size);
		assert_int_equal(frame_reader_next(reader, &frame, &error), -EBADMSG);
		assert_contains(error.text, headers[i].seen);
		assert_contains(error.text, headers[i].due);
		assert_int_equal(frame_reader_next(reader, &frame, &again), -EBADMSG);
		assert_string_equal(again.text, error.text);
		assert_int_equal(frame_reader_end(reader, NULL), -EBADMSG);
		frame_reader_free(reader);
	}
}

static void frame_reader_feed_is_bounded(void **state)
{
	auto_free uint8_t *zeros = calloc(1, 3u << 20);
	struct frame_header header = {
		.magic = FRAME_MAGIC, .type = MESSAGE_FILE_DATA, .length = FRAME_PAYLOAD_MAX,
	};
	struct frame_reader *reader;
	size_t taken = 0, step;

	(void)state;
	assert_int_equal(frame_reader_new(&reader, NULL), 0);
	frame_reader_feed(reader, &header, sizeof(header));
	while ((step = frame_reader_feed(reader, zeros, 3u << 20)))
		taken += step;
	assert_int_equal(taken, FRAME_PAYLOAD_MAX);
	frame_reader_free(reader);
}

static void frame_write_refuses_a_payload_too_large(void **state)
{
	struct ktstr_error error = { 0 };

	(void)state;
	assert_int_equal(frame_write(-1, MESSAGE_FILE_DATA, stream, FRAME_PAYLOAD_MAX + 1,
				     UINT64_MAX, &error), -EMSGSIZE);
	assert_contains(error.text, "1048577");
	assert_contains(error.text, "1048576");
}

/* Pipes and sockets, blocking or not: the deadline holds on each. */
static const struct {
	const char *name;
	bool is_socket;
	int flags;
} channels[] = {
	{ "blocking pipe", false, 0 },
	{ "non-blocking pipe", false, O_NONBLOCK },
	{ "blocking socket", true, 0 },
	{ "non-blocking socket", true, O_NONBLOCK },
};

static void open_channel(size_t row, int ends[2])
{
	if (channels[row].is_socket)
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	else
		assert_int_equal(pipe(ends), 0);
	if (!channels[row].is_socket) {
		int reader = ends[0];

		ends[0] = ends[1];
		ends[1] = reader;
	}
	assert_int_equal(fcntl(ends[0], F_SETFL, channels[row].flags), 0);
}

static void frame_write_keeps_its_deadline(void **state)
{
	auto_free uint8_t *zeros = calloc(1, FRAME_PAYLOAD_MAX);

	(void)state;
	for (size_t i = 0; i < COUNT(channels); i++) {
		struct ktstr_error error = { 0 };
		uint64_t before = clock_now_ns();
		int ends[2];

		open_channel(i, ends);
		if (frame_write(ends[0], MESSAGE_FILE_DATA, zeros, FRAME_PAYLOAD_MAX,
				clock_deadline_ms(20), &error) != -ETIMEDOUT)
			fail_msg("%s: %s", channels[i].name, error.text);
		assert_contains(error.text, "FILE_DATA of 1048576 bytes");
		assert_true(clock_now_ns() - before < 2 * NS_PER_S);
		close(ends[0]);
		close(ends[1]);
	}
}

static void frame_write_reports_that_nobody_reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(channels); i++) {
		int ends[2];

		open_channel(i, ends);
		close(ends[1]);
		if (frame_write(ends[0], MESSAGE_EVENT, step_start, strlen(step_start),
				clock_deadline_ms(1000), NULL) != -EPIPE)
			fail_msg("%s", channels[i].name);
		close(ends[0]);
	}
}

static void frame_reader_fill_reads_what_frame_write_wrote(void **state)
{
	auto_free uint8_t *data = malloc(FRAME_PAYLOAD_MAX);
	struct frame_reader *reader;
	struct frame frame;
	int ends[2], result;
	pid_t writer;
	long got = 1;

	(void)state;
	for (size_t i = 0; i < FRAME_PAYLOAD_MAX; i++)
		data[i] = (uint8_t)(i * 31 >> 3);
	assert_int_equal(pipe(ends), 0);
	writer = fork();
	assert_true(writer >= 0);
	if (!writer)
		_exit(frame_write(ends[1], MESSAGE_FILE_DATA, data, FRAME_PAYLOAD_MAX,
				  clock_deadline_ms(5000), NULL) ? 1 : 0);
	close(ends[1]);
	assert_int_equal(frame_reader_new(&reader, NULL), 0);
	while (!(result = frame_reader_next(reader, &frame, NULL)) && got > 0)
		got = frame_reader_fill(reader, ends[0]);
	assert_int_equal(result, 1);
	assert_int_equal(frame.length, FRAME_PAYLOAD_MAX);
	assert_memory_equal(frame.payload, data, FRAME_PAYLOAD_MAX);
	assert_int_equal(frame_reader_fill(reader, ends[0]), 0);
	close(ends[0]);
	frame_reader_free(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frame_reader_next_cuts_any_split_alike),
		cmocka_unit_test(frame_reader_end_tells_where_a_stream_was_cut),
		cmocka_unit_test(frame_reader_next_notices_every_flipped_bit),
		cmocka_unit_test(frame_reader_next_names_both_values_and_stays_broken),
		cmocka_unit_test(frame_reader_feed_is_bounded),
		cmocka_unit_test(frame_write_refuses_a_payload_too_large),
		cmocka_unit_test(frame_write_keeps_its_deadline),
		cmocka_unit_test(frame_write_reports_that_nobody_reads),
		cmocka_unit_test(frame_reader_fill_reads_what_frame_write_wrote),
	};

	return cmocka_run_group_tests(tests, make_stream, NULL);
}
