// SPDX-License-Identifier: GPL-2.0-only
/*
 * The agent over socket pairs, as process 1 of a pid namespace of its own: what it kills and reaps
 * is real, and the machine that runs the tests is safe from it. This program is also the test
 * binary that the agent starts.
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

/* What the test binary does, by the name of the test. */

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

static int act_die(void)
{
	return raise(SIGKILL);
}

static int act_garbage(void)
{
	if (write(channel, "not a frame at all, is it?", 26) != 26)
		return 99;
	pause();
	return 0;
}

static int act_wrong_type(void)
{
	send_frame(MESSAGE_DONE, "{\"id\":1}");
	pause();
	return 0;
}

static int act_cut(void)
{
	return write(channel, "KSTR\2", 5) == 5 ? 0 : 99;
}

static int act_hang(void)
{
	signal(SIGTERM, SIG_IGN);
	for (;;)
		pause();
	return 0;
}

/* Sleepers in sessions of their own, deaf to polite signals, holding the pipes open. */
static int act_orphans(void)
{
	for (int i = 0; i < 20; i++) {
		if (fork())
			continue;
		setsid();
		signal(SIGTERM, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
		for (;;)
			pause();
	}
	return 0;
}

/* 0 when there is no process but init and this one. */
static int act_alone(void)
{
	return kill(-1, 0) && errno == ESRCH ? 0 : 1;
}

static int act_attack_init(void)
{
	static const int signals[] = { SIGTERM, SIGKILL, SIGCHLD, SIGINT, SIGHUP, SIGSTOP };

	for (size_t i = 0; i < COUNT(signals); i++)
		kill(1, signals[i]);
	return 0;
}

static int act_flood(void)
{
	char block[4096];

	memset(block, 'x', sizeof(block));
	for (int i = 0; i < 512; i++)
		if (write(1, block, sizeof(block)) != sizeof(block))
			return 99;
	return 0;
}

static const struct {
	const char *test;
	int (*act)(void);
} acts[] = {
	{ "pass", act_pass },		{ "die", act_die },	{ "garbage", act_garbage },
	{ "wrong_type", act_wrong_type }, { "cut", act_cut },	{ "hang", act_hang },
	{ "orphans", act_orphans },	{ "alone", act_alone }, { "attack_init", act_attack_init },
	{ "flood", act_flood },
};

static int act(const char *test)
{
	channel = (int)strtol(getenv(WIRE_CHANNEL_FD_ENV), NULL, 10);
	send_frame(MESSAGE_EVENT, "{\"name\":\"scenario_start\",\"at_us\":1}");
	for (size_t i = 0; i < COUNT(acts); i++)
		if (!strcmp(acts[i].test, test))
			return acts[i].act();
	return 98;
}

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

	channel = (int)strtol(getenv(WIRE_CHANNEL_FD_ENV), NULL, 10);
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

/* A child that the scheduler under test does not let run: it never gets to its setsid(). */
static bool starved;

pid_t __real_setsid(void);
pid_t __wrap_setsid(void);
pid_t __wrap_setsid(void)
{
	while (starved)
		pause();
	return __real_setsid();
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

static int start_starved_guest(void **state)
{
	int err;

	starved = true; /* in the agent and its children, which are forked from here */
	err = start_guest(state);
	starved = false;
	return err;
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

static const struct {
	const char *test;
	int timeout_ms;
	int exit_code, signal; /* -1: null */
	bool event, result;
	const char *stage, *text; /* of FAILED; NULL: DONE */
} runs[] = {
	{ "pass", 10000, 3, -1, true, true, NULL, NULL },
	{ "die", 10000, -1, SIGKILL, true, false, NULL, NULL },
	{ "garbage", 10000, -1, SIGKILL, true, false, "channel", "0x20746f6e where 0x5254534b" },
	{ "wrong_type", 10000, -1, SIGKILL, true, false, "channel", "DONE (type 6) where EVENT" },
	{ "cut", 10000, 0, -1, true, false, "channel", "cut short after 5 of 16" },
	{ "hang", 60, -1, SIGKILL, true, false, "timeout", "'hang' did not end within 60 ms" },
	{ "orphans", 10000, 0, -1, true, false, NULL, NULL },
	{ "alone", 10000, 0, -1, true, false, NULL, NULL },
	{ "attack_init", 10000, 0, -1, true, false, NULL, NULL },
	{ "flood", 10000, 0, -1, true, false, NULL, NULL },
	{ "alone", 10000, 0, -1, true, false, NULL, NULL },
};

static void expect_number(json_t *message, const char *key, int number)
{
	json_t *value = json_object_get(message, key);

	if (number < 0 ? !json_is_null(value) : json_integer_value(value) != number)
		fail_msg("%s is %s, not %d", key, json_dumps(value, JSON_ENCODE_ANY), number);
}

static void expect_run(struct guest *guest, size_t row)
{
	json_t *message = NULL;

	if (runs[row].event)
		expect(guest, MESSAGE_EVENT, NULL);
	if (runs[row].result)
		expect(guest, MESSAGE_RESULT, NULL);
	expect(guest, MESSAGE_EXITED, &message);
	expect_number(message, "id", (int)guest->id);
	expect_number(message, "exit_code", runs[row].exit_code);
	expect_number(message, "signal", runs[row].signal);
	json_decref(message);
	expect(guest, runs[row].stage ? MESSAGE_FAILED : MESSAGE_DONE, &message);
	expect_number(message, "id", (int)guest->id);
	if (runs[row].stage) {
		assert_string_equal(json_string_value(json_object_get(message, "stage")),
				    runs[row].stage);
		assert_contains(json_string_value(json_object_get(message, "text")), runs[row].text);
	} else {
		assert_true(json_is_null(json_object_get(message, "scheduler")));
	}
	json_decref(message);
}

/* One agent for all rows: whatever a test does, the next one finds the guest as new. */
static void agent_survives_every_test(void **state)
{
	struct guest *guest = *state;

	for (size_t i = 0; i < COUNT(runs); i++) {
		request_run(guest, this_program(), runs[i].test, runs[i].timeout_ms);
		expect_run(guest, i);
	}
	request(guest, MESSAGE_POWER_OFF, json_pack("{s:i}", "id", 0));
	assert_int_equal(wait_for_keeper(guest), 0);
}

static void agent_times_out_a_test_that_never_ran(void **state)
{
	struct guest *guest = *state;
	json_t *message = NULL;

	request_run(guest, this_program(), "pass", 60);
	expect(guest, MESSAGE_EXITED, &message);
	expect_number(message, "signal", SIGKILL);
	json_decref(message);
	expect(guest, MESSAGE_FAILED, &message);
	assert_string_equal(json_string_value(json_object_get(message, "stage")), "timeout");
	json_decref(message);
}

static void agent_sends_output_and_the_request_to_the_log(void **state)
{
	struct guest *guest = *state;

	request_run(guest, this_program(), "pass", 10000);
	expect_run(guest, 0);
	while (!strstr(guest->log_text, "stderr"))
		assert_true(take_log(guest));
	assert_contains(guest->log_text, "this is the log, {");
	assert_contains(guest->log_text, "\"timeout_ms\":10000");
	assert_contains(guest->log_text, "and this is stderr");
}

static const struct {
	const char *name;
	enum message_type type;
	const char *payload, *stage, *text;
} refused[] = {
	{ "no such binary", MESSAGE_RUN,
	  "{\"id\":1,\"binary\":\"/no/such\",\"test\":\"x\",\"timeout_ms\":9000,\"scheduler\":null}",
	  "exec", "'/no/such': No such file" },
	{ "no sched_ext or no object", MESSAGE_RUN,
	  "{\"id\":1,\"binary\":\"/t\",\"test\":\"x\",\"timeout_ms\":9000,"
	  "\"scheduler\":{\"name\":\"s\",\"object\":\"/no/such.bpf.o\"}}",
	  "scheduler", "" },
	{ "not JSON", MESSAGE_RUN, "{", "request", "message RUN of 1 bytes" },
	{ "field missing", MESSAGE_RUN, "{\"id\":1}", "request", "binary" },
	{ "not a request", MESSAGE_HELLO, "{\"id\":1}", "request", "HELLO (type 1)" },
	{ "no such port", MESSAGE_SHELL,
	  "{\"id\":1,\"exec\":7,\"term\":\"vt100\",\"rows\":24,\"columns\":80}", "shell", "'exec'" },
	{ "nothing to wait", MESSAGE_PREPARE, "{\"id\":1,\"binary\":\"x\",\"timeout_ms\":1}", "request",
	  "'binary' 'x'" },
	{ "relative path", MESSAGE_FILE, "{\"id\":1,\"path\":\"x\",\"mode\":420,\"size\":0}", "file",
	  "'x'" },
};

static void agent_answers_what_it_refuses(void **state)
{
	struct guest *guest = *state;

	for (size_t i = 0; i < COUNT(refused); i++) {
		json_t *message = NULL;
		unsigned type;

		assert_int_equal(frame_write(guest->ctl, refused[i].type, refused[i].payload,
					     strlen(refused[i].payload), clock_deadline_ms(5000),
					     NULL), 0);
		type = receive(guest, &message);
		if (type == MESSAGE_EXITED) {
			json_decref(message);
			type = receive(guest, &message);
		}
		if (type != MESSAGE_FAILED)
			fail_msg("%s: %s", refused[i].name, message_type_str(type));
		assert_string_equal(json_string_value(json_object_get(message, "stage")),
				    refused[i].stage);
		assert_contains(json_string_value(json_object_get(message, "text")),
				refused[i].text);
		json_decref(message);
	}
}

static void agent_runs_one_job_at_a_time(void **state)
{
	struct guest *guest = *state;
	json_t *message = NULL;

	request_run(guest, this_program(), "hang", 10000);
	expect(guest, MESSAGE_EVENT, NULL);
	request_run(guest, this_program(), "pass", 10000);
	expect(guest, MESSAGE_FAILED, &message);
	expect_number(message, "id", 2);
	assert_string_equal(json_string_value(json_object_get(message, "stage")), "busy");
	json_decref(message);
	/* Power off does not wait for the job. */
	request(guest, MESSAGE_POWER_OFF, json_pack("{s:i}", "id", 0));
	assert_int_equal(wait_for_keeper(guest), 0);
}

static void agent_ends_when_the_host_is_gone(void **state)
{
	struct guest *guest = *state;

	request_run(guest, this_program(), "hang", 10000);
	expect(guest, MESSAGE_EVENT, NULL);
	shutdown(guest->ctl, SHUT_RDWR);
	assert_int_equal(wait_for_keeper(guest), 1);
}

static void agent_ends_when_the_host_talks_nonsense(void **state)
{
	struct guest *guest = *state;

	assert_int_equal(write(guest->ctl, "sixteen bytes....", 16), 16);
	assert_int_equal(wait_for_keeper(guest), 1);
}

static void agent_stores_files(void **state)
{
	struct guest *guest = *state;
	char path[] = "/tmp/ktstr-test-agent-XXXXXX", content[8] = "";
	int fd = mkstemp(path);

	request(guest, MESSAGE_FILE, json_pack("{s:i, s:s, s:i, s:i}", "id", 7, "path", path, "mode",
					       0600, "size", 5));
	assert_int_equal(frame_write(guest->ctl, MESSAGE_FILE_DATA, "hel", 3, clock_deadline_ms(5000),
				     NULL), 0);
	assert_int_equal(frame_write(guest->ctl, MESSAGE_FILE_DATA, "lo", 2, clock_deadline_ms(5000),
				     NULL), 0);
	expect(guest, MESSAGE_DONE, NULL);
	close(fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, content, sizeof(content)), 5);
	assert_string_equal(content, "hello");
	close(fd);
	unlink(path);
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
	expect_run(guest, 0);
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

int main(int argc, char **argv)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, start_guest, stop_guest)
	const struct CMUnitTest tests[] = {
		CASE(agent_survives_every_test),
		cmocka_unit_test_setup_teardown(agent_times_out_a_test_that_never_ran,
						start_starved_guest, stop_guest),
		CASE(agent_sends_output_and_the_request_to_the_log),
		CASE(agent_answers_what_it_refuses),
		CASE(agent_runs_one_job_at_a_time),
		CASE(agent_ends_when_the_host_is_gone),
		CASE(agent_ends_when_the_host_talks_nonsense),
		CASE(agent_stores_files),
		CASE(agent_runs_the_test_in_the_process_that_waits),
		CASE(agent_says_why_a_binary_does_not_wait),
		CASE(agent_starts_a_process_where_none_waits),
	};
	void *state = NULL;
	int skip;

	if (argc > 1 && !strcmp(argv[1], WIRE_RUN_ARGUMENT)) {
		int status = argc > 2 ? act(argv[2]) : act_waiting();

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
	return cmocka_run_group_tests(tests, NULL, NULL);
}
