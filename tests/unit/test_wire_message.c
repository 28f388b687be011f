// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "unit.h"
#include "wire/message_json.h"

static void message_type_str_names_every_type_once(void **state)
{
	static const unsigned types[] = {
#define X(name, value) value,
		MESSAGE_TYPES(X)
#undef X
	};

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		assert_string_not_equal(message_type_str(types[i]), "unknown");
		for (size_t j = 0; j < i; j++) {
			assert_int_not_equal(types[i], types[j]);
			assert_string_not_equal(message_type_str(types[i]), message_type_str(types[j]));
		}
	}
	assert_string_equal(message_type_str(MESSAGE_POWER_OFF), "POWER_OFF");
	assert_string_equal(message_type_str(0), "unknown");
	assert_string_equal(message_type_str(UINT32_MAX), "unknown");
}

static void message_parse_returns_what_message_write_sent(void **state)
{
	json_t *sent = json_pack("{s:i, s:s}", "id", 7, "text", "gr\xc3\xbc\xc3\x9f");
	json_t *received = NULL;
	struct frame_reader *reader;
	struct frame frame;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(message_write(ends[0], MESSAGE_DONE, sent, clock_deadline_ms(1000), NULL), 0);
	assert_int_equal(frame_reader_new(&reader, NULL), 0);
	assert_true(frame_reader_fill(reader, ends[1]) > 0);
	assert_int_equal(frame_reader_next(reader, &frame, NULL), 1);
	assert_int_equal(message_parse(&frame, &received, NULL), 0);
	assert_true(json_equal(sent, received));
	json_decref(sent);
	json_decref(received);
	frame_reader_free(reader);
	close(ends[0]);
	close(ends[1]);
}

static const struct {
	const char *payload, *names;
} refused[] = {
	{ "", "0 bytes" },
	{ "{\"id\": }", "byte 8" },
	{ "[1, 2]", "not a JSON object" },
	{ "{\"id\": 1, \"id\": 2}", "duplicate" },
	{ "{\"id\": 1} x", "end of file expected" },
	{ "{\"text\": \"\xff\"}", "byte 0xff" },
};

static void message_parse_refuses_and_names_the_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct frame frame = {
			.type = MESSAGE_RUN,
			.payload = (const uint8_t *)refused[i].payload,
			.length = strlen(refused[i].payload),
		};
		struct ktstr_error error = { 0 };
		json_t *payload = NULL;

		assert_int_equal(message_parse(&frame, &payload, &error), -EBADMSG);
		assert_null(payload);
		assert_contains(error.text, "message RUN of ");
		assert_contains(error.text, refused[i].names);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_type_str_names_every_type_once),
		cmocka_unit_test(message_parse_returns_what_message_write_sent),
		cmocka_unit_test(message_parse_refuses_and_names_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
