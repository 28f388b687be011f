// SPDX-License-Identifier: GPL-2.0-only
/* The agent: tests that it runs, requests that it refuses, files that it stores. */
#include "guest_fixture.h"

/* What the test binary does, by the name of the test. */

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
	if (!test)
		return 98;
	send_frame(MESSAGE_EVENT, "{\"name\":\"scenario_start\",\"at_us\":1}");
	for (size_t i = 0; i < COUNT(acts); i++)
		if (!strcmp(acts[i].test, test))
			return acts[i].act();
	return 98;
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

static int start_starved_guest(void **state)
{
	int err;

	starved = true; /* in the agent and its children, which are forked from here */
	err = start_guest(state);
	starved = false;
	return err;
}

static const struct run_row runs[] = {
	PASS_ROW,
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

/* One agent for all rows: whatever a test does, the next one finds the guest as new. */
static void agent_survives_every_test(void **state)
{
	struct guest *guest = *state;

	for (size_t i = 0; i < COUNT(runs); i++) {
		request_run(guest, this_program(), runs[i].test, runs[i].timeout_ms);
		expect_run(guest, &runs[i]);
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
	expect_run(guest, &runs[0]);
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

static int run_cases(void)
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return guest_main(argc, argv, act, run_cases);
}
