// SPDX-License-Identifier: GPL-2.0-only
/* The agent and a test binary that waits for its test. */
#include "guest_fixture.h"

static const struct run_row pass_row = PASS_ROW;

/* What the binary does when it is to wait, by the last word of the agent's request. */

static const char *wait_for(enum message_type type)
{
	static struct frame_reader *reader;
	static char text[1024];
	struct frame frame;

	if (!reader && frame_reader_new(&reader, NULL))
		_exit(97);
	while (frame_reader_next(reader, &frame, NULL) != 1)
		if (frame_reader_fill(reader, channel) <= 0)
			_exit(96);
	if (frame.type != type)
		_exit(95);
	snprintf(text, sizeof(text), "%.*s", (int)frame.length, (const char *)frame.payload);
	return text;
}

static int act_waiting(void)
{
	char how[1024];
	const char *text;

	printf("loaded, ");
	fflush(stdout);
	snprintf(how, sizeof(how), "%s", wait_for(MESSAGE_PREPARE));
	if (strstr(how, "crash"))
		raise(SIGKILL);
	if (strstr(how, "leave"))
		return 7;
	while (strstr(how, "hang"))
		pause();
	if (strstr(how, "wrong"))
		send_frame(MESSAGE_RESULT, "{}");
	send_frame(MESSAGE_READY, "{}");
	if (strstr(how, "die later"))
		return 8;
	text = wait_for(MESSAGE_RUN);
	send_frame(MESSAGE_EVENT, "{\"name\":\"scenario_start\",\"at_us\":1}");
	printf("%s ran\n", strstr(text, "\"test\":\"second\"") ? "second" : "another");
	send_frame(MESSAGE_RESULT, "{\"outcome\":\"pass\"}");
	return 4;
}

static int act(const char *test)
{
	if (!test)
		return act_waiting();
	send_frame(MESSAGE_EVENT, "{\"name\":\"scenario_start\",\"at_us\":1}");
	return strcmp(test, "pass") ? 98 : act_pass();
}

static void request_prepare(struct guest *guest, const char *binary, const char *how, int timeout_ms)
{
	request(guest, MESSAGE_PREPARE,
		json_pack("{s:I, s:s, s:s, s:i}", "id", ++guest->id, "binary", binary, "topology", how,
			  "timeout_ms", timeout_ms));
}

/* Two rounds in one guest, so that nothing of the first is in the way of the second. */
static void agent_runs_the_test_in_the_process_that_waits(void **state)
{
	struct guest *guest = *state;

	for (int i = 0; i < 2; i++) {
		json_t *message = NULL;

		memset(guest->log_text, 0, sizeof(guest->log_text));
		guest->log_bytes = 0;
		request_prepare(guest, this_program(), "well", 10000);
		expect(guest, MESSAGE_DONE, &message);
		expect_number(message, "id", (int)guest->id);
		json_decref(message);
		/* What it printed while it loaded belongs to the test that it will run. */
		assert_int_equal(guest->log_bytes, 0);
		request_run(guest, this_program(), "second", 10000);
		expect(guest, MESSAGE_EVENT, NULL);
		expect(guest, MESSAGE_RESULT, NULL);
		expect(guest, MESSAGE_EXITED, &message);
		expect_number(message, "id", (int)guest->id);
		expect_number(message, "exit_code", 4);
		json_decref(message);
		expect(guest, MESSAGE_DONE, NULL);
		while (!strstr(guest->log_text, "ran"))
			assert_true(take_log(guest));
		assert_string_equal(guest->log_text, "loaded, second ran\n");
	}
}

static const struct {
	const char *how;
	int timeout_ms;
	const char *part;
} unloadables[] = {
	{ "crash", 10000, "was killed by signal 9 as it was loaded" },
	{ "leave", 10000, "ended with exit code 7 as it was loaded" },
	{ "hang", 60, "did not come to wait within 60 ms" },
	{ "wrong", 10000, "message RESULT (type 3) where READY is due" },
};

static void agent_says_why_a_binary_does_not_wait(void **state)
{
	struct guest *guest = *state;

	for (size_t i = 0; i < COUNT(unloadables); i++) {
		json_t *message = NULL;

		request_prepare(guest, this_program(), unloadables[i].how, unloadables[i].timeout_ms);
		expect(guest, MESSAGE_FAILED, &message);
		expect_number(message, "id", (int)guest->id);
		assert_string_equal(json_string_value(json_object_get(message, "stage")), "prepare");
		assert_contains(json_string_value(json_object_get(message, "text")), unloadables[i].part);
		json_decref(message);
	}
	request_prepare(guest, "/no/such", "well", 10000);
	expect(guest, MESSAGE_FAILED, NULL);
	/* And goes on as if nothing had been. */
	request_run(guest, this_program(), "pass", 10000);
	expect_run(guest, &pass_row);
}

/* The one that waits is gone, or of another binary: the test runs all the same, or is refused. */
static void agent_starts_a_process_where_none_waits(void **state)
{
	struct guest *guest = *state;
	json_t *message = NULL;

	request_prepare(guest, this_program(), "die later", 10000);
	expect(guest, MESSAGE_DONE, NULL);
	/* Nothing tells of its end; what it was asked next it may still have waited for. */
	for (;;) {
		unsigned type;

		request_run(guest, this_program(), "pass", 10000);
		type = receive(guest, &message);
		json_decref(message);
		if (type == MESSAGE_EVENT)
			break;
		while (type != MESSAGE_DONE && type != MESSAGE_FAILED) {
			type = receive(guest, &message);
			json_decref(message);
		}
	}
	expect(guest, MESSAGE_RESULT, NULL);
	expect(guest, MESSAGE_EXITED, NULL);
	expect(guest, MESSAGE_DONE, NULL);
	request_prepare(guest, this_program(), "well", 10000);
	expect(guest, MESSAGE_DONE, NULL);
	request_run(guest, "/another", "pass", 10000);
	expect(guest, MESSAGE_FAILED, &message);
	assert_contains(json_string_value(json_object_get(message, "text")),
			"'/another' is not the binary that waits");
	json_decref(message);
	request_prepare(guest, this_program(), "well", 10000);
	expect(guest, MESSAGE_FAILED, &message);
	assert_string_equal(json_string_value(json_object_get(message, "stage")), "busy");
	json_decref(message);
}

static int run_cases(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, start_guest, stop_guest)
	const struct CMUnitTest tests[] = {
		CASE(agent_runs_the_test_in_the_process_that_waits),
		CASE(agent_says_why_a_binary_does_not_wait),
		CASE(agent_starts_a_process_where_none_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return guest_main(argc, argv, act, run_cases);
}
