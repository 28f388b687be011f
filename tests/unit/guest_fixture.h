/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/*
 * The agent over socket pairs, as process 1 of a pid namespace of its own: what it kills and reaps
 * is real, and the machine that runs the tests is safe from it. The program of the tests is also the
 * test binary that the agent starts.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "guest/agent.h"
#include "unit.h"
#include "wire/message_json.h"

#define REPLY_TIMEOUT_MS 20000
#define SKIPPED 77

/* For the test binary. */

static int channel;

static void send_frame(enum message_type type, const char *payload)
{
	if (frame_write(channel, type, payload, strlen(payload), clock_deadline_ms(5000), NULL))
		_exit(99);
}

static int act_pass(void)
{
	printf("this is the log, %s\n", getenv(WIRE_RUN_ENV));
	fprintf(stderr, "and this is stderr\n");
	send_frame(MESSAGE_RESULT, "{\"outcome\":\"pass\"}");
	return 3;
}

/* The agent in its namespace, and the host's side of it. */

struct guest {
	pid_t keeper; /* outside; its end is the end of the namespace */
	int ctl, log;
	struct frame_reader *ctl_reader, *log_reader;
	char log_text[8192];
	size_t log_bytes;
	json_int_t id;
};

static _Noreturn void be_init(int ctl, int log)
{
	struct agent_config config = { .ctl_fd = ctl, .log_fd = log,
				       .cgroup_parent = "/nonexistent/ktstr",
				       .hello = json_pack("{s:i}", "protocol", WIRE_PROTOCOL) };
	struct ktstr_error error = { 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	_exit(agent_serve(&config, &error) ? 1 : 0);
}

static _Noreturn void keep(int ctl, int log)
{
	int status;
	pid_t init;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWPID) && unshare(CLONE_NEWUSER | CLONE_NEWPID))
		_exit(SKIPPED);
	init = fork();
	if (!init)
		be_init(ctl, log);
	close(ctl);
	close(log);
	if (init < 0 || waitpid(init, &status, 0) != init || !WIFEXITED(status))
		_exit(2);
	_exit(WEXITSTATUS(status));
}

static int take_log(struct guest *guest)
{
	struct frame frame;
	long got = frame_reader_fill(guest->log_reader, guest->log);

	while (frame_reader_next(guest->log_reader, &frame, NULL) == 1) {
		size_t room = sizeof(guest->log_text) - 1;

		if (guest->log_bytes + frame.length < room)
			memcpy(guest->log_text + guest->log_bytes, frame.payload, frame.length);
		guest->log_bytes += frame.length;
	}
	return got > 0;
}

/* The next message on ctl, as JSON; its type, or 0 at the end of the stream. */
static unsigned receive(struct guest *guest, json_t **ret_message)
{
	uint64_t deadline_ns = clock_deadline_ms(REPLY_TIMEOUT_MS);

	for (;;) {
		struct pollfd ready[] = { { .fd = guest->ctl, .events = POLLIN },
					  { .fd = guest->log, .events = POLLIN } };
		struct ktstr_error error = { 0 };
		struct frame frame;
		int result = frame_reader_next(guest->ctl_reader, &frame, &error);

		if (result < 0)
			fail_msg("%s", error.text);
		if (result) {
			assert_int_equal(message_parse(&frame, ret_message, NULL), 0);
			return frame.type;
		}
		if (poll(ready, 2, clock_poll_timeout_ms(deadline_ns)) <= 0)
			fail_msg("no message from the agent within %d ms", REPLY_TIMEOUT_MS);
		if (ready[1].revents && !take_log(guest))
			return 0;
		if (ready[0].revents && frame_reader_fill(guest->ctl_reader, guest->ctl) <= 0)
			return 0;
	}
}

static void expect(struct guest *guest, enum message_type type, json_t **ret_message)
{
	json_t *message = NULL;
	unsigned seen = receive(guest, &message);

	if (seen != type)
		fail_msg("%s where %s is due: %s", message_type_str(seen), message_type_str(type),
			 json_dumps(message, 0));
	if (ret_message)
		*ret_message = message;
	else
		json_decref(message);
}

static int wait_for_keeper(struct guest *guest)
{
	int status = 0;

	assert_int_equal(waitpid(guest->keeper, &status, 0), guest->keeper);
	guest->keeper = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int start_guest(void **state)
{
	struct guest *guest = calloc(1, sizeof(*guest));
	int ctl[2], log[2];
	struct pollfd ready;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ctl), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, log), 0);
	fcntl(ctl[1], F_SETFL, O_NONBLOCK);
	fcntl(log[1], F_SETFL, O_NONBLOCK);
	guest->ctl = ctl[0];
	guest->log = log[0];
	assert_int_equal(frame_reader_new(&guest->ctl_reader, NULL), 0);
	assert_int_equal(frame_reader_new(&guest->log_reader, NULL), 0);
	*state = guest;
	guest->keeper = fork();
	if (!guest->keeper)
		keep(ctl[1], log[1]);
	close(ctl[1]);
	close(log[1]);
	ready = (struct pollfd){ .fd = guest->ctl, .events = POLLIN };
	if (poll(&ready, 1, REPLY_TIMEOUT_MS) == 1 && recv(guest->ctl, &(char){ 0 }, 1, MSG_PEEK) == 0)
		return wait_for_keeper(guest) == SKIPPED ? SKIPPED : -1;
	expect(guest, MESSAGE_HELLO, NULL);
	return 0;
}

static int stop_guest(void **state)
{
	struct guest *guest = *state;

	if (guest->keeper > 0) {
		kill(guest->keeper, SIGKILL);
		waitpid(guest->keeper, NULL, 0);
	}
	close(guest->ctl);
	close(guest->log);
	frame_reader_free(guest->ctl_reader);
	frame_reader_free(guest->log_reader);
	free(guest);
	return 0;
}

static void request(struct guest *guest, enum message_type type, json_t *payload)
{
	assert_non_null(payload);
	assert_int_equal(message_write(guest->ctl, type, payload, clock_deadline_ms(5000), NULL), 0);
	json_decref(payload);
}

static void request_run(struct guest *guest, const char *binary, const char *test, int timeout_ms)
{
	request(guest, MESSAGE_RUN,
		json_pack("{s:I, s:s, s:s, s:i, s:n}", "id", ++guest->id, "binary", binary, "test",
			  test, "timeout_ms", timeout_ms, "scheduler"));
}

static const char *this_program(void)
{
	static char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	assert_true(length > 0);
	return path;
}

/* How a run ends: rows of a table. */
struct run_row {
	const char *test;
	int timeout_ms;
	int exit_code, signal; /* -1: null */
	bool event, result;
	const char *stage, *text; /* of FAILED; NULL: DONE */
};

/* Of act_pass(). */
#define PASS_ROW { "pass", 10000, 3, -1, true, true, NULL, NULL }

static void expect_number(json_t *message, const char *key, int number)
{
	json_t *value = json_object_get(message, key);

	if (number < 0 ? !json_is_null(value) : json_integer_value(value) != number)
		fail_msg("%s is %s, not %d", key, json_dumps(value, JSON_ENCODE_ANY), number);
}

static void expect_run(struct guest *guest, const struct run_row *row)
{
	json_t *message = NULL;

	if (row->event)
		expect(guest, MESSAGE_EVENT, NULL);
	if (row->result)
		expect(guest, MESSAGE_RESULT, NULL);
	expect(guest, MESSAGE_EXITED, &message);
	expect_number(message, "id", (int)guest->id);
	expect_number(message, "exit_code", row->exit_code);
	expect_number(message, "signal", row->signal);
	json_decref(message);
	expect(guest, row->stage ? MESSAGE_FAILED : MESSAGE_DONE, &message);
	expect_number(message, "id", (int)guest->id);
	if (row->stage) {
		assert_string_equal(json_string_value(json_object_get(message, "stage")),
				    row->stage);
		assert_contains(json_string_value(json_object_get(message, "text")), row->text);
	} else {
		assert_true(json_is_null(json_object_get(message, "scheduler")));
	}
	json_decref(message);
}

/*
 * The program: the test binary of the agent, act(test) or with NULL the one that waits, or the tests.
 */
static int guest_main(int argc, char **argv, int (*act)(const char *test), int (*run_cases)(void))
{
	void *state = NULL;
	int skip;

	if (argc > 1 && !strcmp(argv[1], WIRE_RUN_ARGUMENT)) {
		int status;

		channel = (int)strtol(getenv(WIRE_CHANNEL_FD_ENV), NULL, 10);
		status = act(argc > 2 ? argv[2] : NULL);
		/* Not through exit(): a leak checker's helper process would not be alone either. */
		fflush(NULL);
		_exit(status);
	}
	skip = start_guest(&state) == SKIPPED;
	stop_guest(&state);
	if (skip) {
		puts("1..0 # SKIP pid namespaces are not allowed here");
		return SKIPPED;
	}
	return run_cases();
}
