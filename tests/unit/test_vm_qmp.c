// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "unit.h"
#include "vm/qmp.h"

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n"
#define CAPABLE "{\"return\": {}, \"id\": 0}\r\n"

/* The test is QEMU: what it will say is in the socket before the client asks. */
struct talk {
	struct qmp *qmp;
	int qemu;
};

static int setup(void **state)
{
	struct talk *talk = calloc(1, sizeof(*talk));
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	talk->qemu = ends[1];
	*state = talk;
	return qmp_new(&ends[0], &talk->qmp, NULL);
}

static int teardown(void **state)
{
	struct talk *talk = *state;

	qmp_free(talk->qmp);
	if (talk->qemu >= 0)
		close(talk->qemu);
	free(talk);
	return 0;
}

static void say(struct talk *talk, const char *text)
{
	assert_int_equal(send(talk->qemu, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void assert_heard(struct talk *talk, const char *part)
{
	char text[4096];
	ssize_t got = recv(talk->qemu, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[got > 0 ? got : 0] = '\0';
	assert_contains(text, part);
	assert_int_equal(text[got - 1], '\n');
}

static void qmp_handle_greets_and_keeps_events(void **state)
{
	struct talk *talk = *state;
	json_t *event;

	assert_int_equal(qmp_handle(talk->qmp, NULL), 0);
	assert_false(qmp_ready(talk->qmp));
	say(talk, GREETING);
	assert_int_equal(qmp_handle(talk->qmp, NULL), 0);
	assert_heard(talk, "qmp_capabilities");
	say(talk, "{\"event\": \"A\"}\r\n" CAPABLE "{\"ev");
	assert_int_equal(qmp_handle(talk->qmp, NULL), 0);
	assert_true(qmp_ready(talk->qmp));
	say(talk, "ent\": \"B\"}\n");
	assert_int_equal(qmp_handle(talk->qmp, NULL), 0);
	event = qmp_event_take(talk->qmp);
	assert_string_equal(json_string_value(json_object_get(event, "event")), "A");
	json_decref(event);
	event = qmp_event_take(talk->qmp);
	assert_string_equal(json_string_value(json_object_get(event, "event")), "B");
	json_decref(event);
	assert_null(qmp_event_take(talk->qmp));
}

static void qmp_execute_waits_for_its_own_answer(void **state)
{
	struct talk *talk = *state;
	json_t *arguments = json_pack("{s:i}", "val", 7), *result = NULL, *event;
	struct ktstr_error error = { 0 };

	say(talk, GREETING CAPABLE);
	assert_int_equal(qmp_handle(talk->qmp, NULL), 0);
	say(talk, "{\"return\": {}, \"id\": 77}\n{\"event\": \"STOP\"}\n"
		  "{\"return\": {\"x\": 5}, \"id\": 1}\n");
	assert_int_equal(qmp_execute(talk->qmp, "query-x", arguments, clock_deadline_ms(1000),
				     &result, &error),
			 0);
	assert_int_equal(json_integer_value(json_object_get(result, "x")), 5);
	assert_heard(talk, "\"arguments\":{\"val\":7}");
	event = qmp_event_take(talk->qmp);
	assert_non_null(event);
	json_decref(event);
	json_decref(result);
	json_decref(arguments);

	/* An answer that comes too late does not answer the next question. */
	assert_int_equal(qmp_execute(talk->qmp, "slow", NULL, clock_now_ns(), NULL, &error),
			 -ETIMEDOUT);
	assert_contains(error.text, "'slow'");
	say(talk, "{\"return\": {}, \"id\": 2}\n{\"error\": {\"class\": \"GenericError\", "
		  "\"desc\": \"no such command\"}, \"id\": 3}\n");
	assert_int_equal(qmp_execute(talk->qmp, "odd", NULL, clock_deadline_ms(1000), NULL, &error),
			 -EREMOTEIO);
	assert_contains(error.text, "'odd': no such command");

	close(talk->qemu);
	talk->qemu = -1;
	assert_int_equal(qmp_execute(talk->qmp, "quit", NULL, clock_deadline_ms(1000), NULL,
				     &error),
			 -EPIPE);
	assert_int_equal(qmp_handle(talk->qmp, NULL), 0);
	assert_int_equal(qmp_fd(talk->qmp), -1);
}

static void qmp_submit_leaves_the_waiting_to_the_caller(void **state)
{
	struct talk *talk = *state;
	struct ktstr_error error = { 0 };
	json_t *result = NULL;

	say(talk, GREETING CAPABLE);
	assert_int_equal(qmp_handle(talk->qmp, NULL), 0);
	assert_int_equal(qmp_submit(talk->qmp, "first", NULL, clock_deadline_ms(1000), NULL), 0);
	assert_false(qmp_answered(talk->qmp));
	say(talk, "{\"event\": \"A\"}\n{\"return\": {\"x\": 5}, \"id\": 1}\n");
	assert_int_equal(qmp_handle(talk->qmp, NULL), 0);
	assert_true(qmp_answered(talk->qmp));
	assert_int_equal(qmp_answer_take(talk->qmp, &result, &error), 0);
	assert_int_equal(json_integer_value(json_object_get(result, "x")), 5);
	assert_false(qmp_answered(talk->qmp));
	json_decref(result);
	/* A new request forgets the one before, whose answer comes too late. */
	assert_int_equal(qmp_submit(talk->qmp, "second", NULL, clock_deadline_ms(1000), NULL), 0);
	assert_int_equal(qmp_submit(talk->qmp, "third", NULL, clock_deadline_ms(1000), NULL), 0);
	say(talk, "{\"return\": {}, \"id\": 2}\n");
	assert_int_equal(qmp_handle(talk->qmp, NULL), 0);
	assert_false(qmp_answered(talk->qmp));
	say(talk, "{\"error\": {\"desc\": \"no\"}, \"id\": 3}\n");
	assert_int_equal(qmp_handle(talk->qmp, NULL), 0);
	assert_int_equal(qmp_answer_take(talk->qmp, NULL, &error), -EREMOTEIO);
	assert_string_equal(error.text, "QMP 'third': no");
}

static const struct {
	const char *text, *names;
} nonsense[] = {
	{ "hello\n", "no JSON object" },
	{ "[1]\n", "no JSON object" },
	{ "\n", "no JSON object" },
	{ "{\"event\": \"A\"}\n", "no greeting" },
	{ GREETING "{\"error\": {\"desc\": \"x\"}, \"id\": 0}\n", "capabilities refused" },
	{ GREETING CAPABLE "\377\377\n", "no JSON object" },
};

static void qmp_handle_breaks_off_at_nonsense(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(nonsense); i++) {
		struct ktstr_error error = { 0 };
		void *talk;

		assert_int_equal(setup(&talk), 0);
		say(talk, nonsense[i].text);
		assert_int_equal(qmp_handle(((struct talk *)talk)->qmp, &error), -EBADMSG);
		assert_contains(error.text, nonsense[i].names);
		assert_int_equal(qmp_handle(((struct talk *)talk)->qmp, &error), -EBADMSG);
		assert_int_equal(qmp_execute(((struct talk *)talk)->qmp, "x", NULL,
					     clock_deadline_ms(1000), NULL, &error), -EBADMSG);
		teardown(&talk);
	}
}

static void qmp_handle_bounds_what_it_keeps(void **state)
{
	struct talk *talk = *state;
	struct ktstr_error error = { 0 };
	char step[4096];
	int err = 0;

	say(talk, GREETING CAPABLE);
	for (int i = 0; i < QMP_EVENTS_MAX; i++)
		say(talk, "{\"event\": \"A\"}\n");
	assert_int_equal(qmp_handle(talk->qmp, &error), 0);
	say(talk, "{\"event\": \"A\"}\n");
	assert_int_equal(qmp_handle(talk->qmp, &error), -EBADMSG);
	assert_contains(error.text, "too many");

	teardown(state);
	assert_int_equal(setup(state), 0);
	talk = *state;
	memset(step, 'a', sizeof(step));
	for (size_t sent = 0; !err && sent <= 4 * QMP_LINE_MAX; sent += sizeof(step)) {
		assert_int_equal(send(talk->qemu, step, sizeof(step), MSG_NOSIGNAL), sizeof(step));
		err = qmp_handle(talk->qmp, &error);
	}
	assert_int_equal(err, -EBADMSG);
	assert_contains(error.text, "too long");
}

int main(void)
{
#define with_talk(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		with_talk(qmp_handle_greets_and_keeps_events),
		with_talk(qmp_execute_waits_for_its_own_answer),
		with_talk(qmp_submit_leaves_the_waiting_to_the_caller),
		cmocka_unit_test(qmp_handle_breaks_off_at_nonsense),
		with_talk(qmp_handle_bounds_what_it_keeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
