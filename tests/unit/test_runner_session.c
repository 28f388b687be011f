// SPDX-License-Identifier: GPL-2.0-only
/* What sessions make of what a guest that was booted does. */
#include "fake_session.h"

static const struct session_env env = { .stop_fd = 0 };

static const struct scene {
	const char *name;
	struct line lines[16];
	enum outcome_kind kind;
	const char *part;
	unsigned runs, power_offs;
} scenes[] = {
	{ "pass", { HELLO, { CTL, MESSAGE_EVENT, "{\"name\": \"step_start\", \"at_us\": 5, \"step\": 0}" },
		    PASSED, EXITED("0"), DONE, SHUTDOWN_BY_GUEST, { QEMU_EXIT } },
	  OUTCOME_PASS, "", 1, 0 },
	{ "no result", { HELLO, EXITED("3"), DONE, SHUTDOWN_BY_GUEST, { QEMU_EXIT } }, OUTCOME_NO_RESULT,
	  "status 3", 1, 0 },
	{ "scheduler did not load",
	  { HELLO, { CTL, MESSAGE_FAILED, "{\"id\": 2, \"stage\": \"scheduler\", \"text\": \"verifier\"}" },
	    { QEMU_EXIT } },
	  OUTCOME_FAIL, "verifier", 1, 0 },
	{ "scheduler died",
	  { HELLO, { CTL, MESSAGE_SCHED_EXIT, "{\"name\": \"s\", \"kind\": \"ERROR\", \"reason\": \"stall\", "
					      "\"trace\": \"\", \"at_us\": 1}" },
	    PASSED, EXITED("0"), DONE, { QEMU_EXIT } },
	  OUTCOME_SCHED_EXIT, "'s' died unexpectedly: ERROR, stall", 1, 0 },
	{ "wrong topology",
	  { { CTL, MESSAGE_HELLO, "{\"protocol\": 1, \"kernel\": \"7\", \"uptime_us\": 1, \"phases\": [], "
				  "\"topology\": {\"error\": \"asked 2, saw 1\"}}" },
	    { QEMU_EXIT } },
	  OUTCOME_BOOT_FAIL, "topology: asked 2, saw 1", 0, 0 },
	{ "another protocol",
	  { { CTL, MESSAGE_HELLO, "{\"protocol\": 9}" } }, OUTCOME_NO_RESULT, "protocol 9, this tool 1", 0, 0 },
	{ "silent boot", { { SILENCE } }, OUTCOME_BOOT_FAIL, "timed out after 62.0 s while the kernel booted",
	  0, 0 },
	{ "silent agent",
	  { { QMP, 0, "{\"event\": \"VSERPORT_CHANGE\", \"data\": {\"open\": true, \"id\": \"port-log\"}}" },
	    { QMP, 0, "{\"event\": \"VSERPORT_CHANGE\", \"data\": {\"open\": true, \"id\": \"port-ctl\"}}" },
	    { SILENCE } },
	  OUTCOME_BOOT_FAIL, "timed out after 62.0 s while the agent started, before it said hello", 0, 0 },
	{ "another port alone",
	  { { QMP, 0, "{\"event\": \"VSERPORT_CHANGE\", \"data\": {\"open\": true, \"id\": \"port-log\"}}" },
	    { SILENCE } },
	  OUTCOME_BOOT_FAIL, "while the kernel booted", 0, 0 },
	{ "agent gives up", { { CONSOLE, 0, "PANIC: mount /proc: no\n" }, { QEMU_EXIT } }, OUTCOME_BOOT_FAIL,
	  "agent: mount /proc: no", 0, 0 },
	{ "panic in the test",
	  { HELLO, { CONSOLE, 0, "[    2.0] Kernel panic - not syncing: boom\n" }, { QEMU_EXIT } },
	  OUTCOME_GUEST_PANIC, "guest crashed: Kernel panic - not syncing: boom", 1, 0 },
	{ "oops after a broken channel",
	  { HELLO, { BROKEN, 0, "crc" }, { CONSOLE, 0, "[    2.0] Oops: 0000 [#1]\n" }, { SILENCE } },
	  OUTCOME_GUEST_OOPS, "Oops: 0000", 1, 0 },
	{ "broken channel", { HELLO, { BROKEN, 0, "crc 1 is not 2" }, { SILENCE } }, OUTCOME_NO_RESULT,
	  "crc 1 is not 2", 1, 0 },
	{ "qemu dies", { HELLO, { QEMU_EXIT } }, OUTCOME_INFRA, "QEMU was killed by signal 9, while the test",
	  1, 0 },
	{ "guest resets", { HELLO, SHUTDOWN_BY_GUEST, { QEMU_EXIT } }, OUTCOME_NO_RESULT, "while the test", 1,
	  0 },
	{ "timeout", { HELLO, { SILENCE }, SHUTDOWN_BY_GUEST, { QEMU_EXIT } }, OUTCOME_TIMEOUT,
	  "timed out after 5.0 s while the test ran", 1, 1 },
	{ "hang", { HELLO, { SILENCE }, { SILENCE } }, OUTCOME_HANG, "does not answer any more", 1, 1 },
	{ "interrupted", { HELLO, { STOP } }, OUTCOME_INFRA, "interrupted while the test ran", 1, 0 },
	{ "interrupted as the test has ended", { HELLO, PASSED, EXITED("0"), DONE, { STOP } }, OUTCOME_INFRA,
	  "interrupted after the test had ended", 1, 0 },
	{ "two results", { HELLO, PASSED, PASSED, { SILENCE } }, OUTCOME_NO_RESULT,
	  "its end was not reported: message from the guest: a second result", 1, 0 },
	{ "not JSON", { HELLO, { CTL, MESSAGE_EVENT, "nonsense" }, { SILENCE } }, OUTCOME_NO_RESULT,
	  "message from the guest: ", 1, 0 },
	{ "a message of the host's", { HELLO, { CTL, MESSAGE_RUN, "{}" }, { SILENCE } }, OUTCOME_NO_RESULT,
	  "RUN (34) is no message of an agent", 1, 0 },
	{ "an exit code that is none",
	  { HELLO, { CTL, MESSAGE_EXITED, "{\"id\": 2, \"exit_code\": 4096}" }, { SILENCE } },
	  OUTCOME_NO_RESULT, "exit_code", 1, 0 },
};

static void session_run_reports_what_the_guest_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(scenes); i++) {
		const struct scene *scene = &scenes[i];
		struct run_facts facts;
		struct outcome outcome;

		script = scene->lines;
		session_run(&env, &plan, &facts);
		outcome_classify(&facts, false, &outcome);
		run_facts_release(&facts);
		if (outcome.kind != scene->kind || !strstr(outcome.text, scene->part))
			fail_msg("%s: got %s '%s'", scene->name, outcome_str(outcome.kind), outcome.text);
		if (the_vm.sent_run != scene->runs || the_vm.sent_power_off != scene->power_offs)
			fail_msg("%s: %u runs, %u requests to power off", scene->name, the_vm.sent_run,
				 the_vm.sent_power_off);
		assert_int_equal(vms_alive, 0);
	}
}

static void session_run_collects_logs_and_phases(void **state)
{
	static const struct line lines[] = {
		HELLO,
		{ LOG, MESSAGE_LOG_TEST, "hello " },
		{ LOG, MESSAGE_LOG_SCHED, "enabled" },
		{ LOG, MESSAGE_LOG_PROCESSES, "7 (demo) sleeps" },
		{ LOG, MESSAGE_LOG_TEST, "world" },
		{ CTL, MESSAGE_EVENT, "{\"name\": \"test_end\", \"at_us\": 5}" },
		{ CONSOLE, 0, "[    1.0] one line\n" },
		PASSED, EXITED("0"), DONE, SHUTDOWN_BY_GUEST, { QEMU_EXIT }, { END },
	};
	struct run_facts facts;

	(void)state;
	script = lines;
	session_run(&env, &plan, &facts);
	assert_string_equal(facts.kernel, "7.2.13");
	assert_string_equal(tail_text(&facts.test_log), "hello world");
	assert_string_equal(tail_text(&facts.scheduler_log), "enabled");
	assert_string_equal(tail_text(&facts.processes), "7 (demo) sleeps");
	assert_string_equal(facts.last_milestone, "test_end");
	assert_string_equal(facts.console, "[    1.0] one line");
	assert_int_equal(facts.stage, STAGE_DONE);
	assert_true(facts.phases_count >= 3);
	run_facts_release(&facts);
	assert_string_equal(the_vm.run_text,
		"{\"binary\":\"/ktstr/bin/demo\",\"check\":{\"isolation\":null,\"max_gap_ms\":9,"
		"\"max_spread_pct\":null,\"max_throughput_cv\":null,\"max_wake_latency_cv\":null,\"not_stuck\":null},\"duration_ms\":700,\"id\":2,"
		"\"scheduler\":{\"name\":\"s\",\"object\":\"/ktstr/sched/s.bpf.o\",\"struct_ops\":null},"
		"\"test\":\"t\",\"timeout_ms\":5000,\"topology\":\"1n1l2c1t\",\"verbose\":false,\"workers_per_cgroup\":3}");
}

static void session_run_says_why_there_is_no_vm(void **state)
{
	struct run_facts facts;
	struct outcome outcome;

	(void)state;
	script = NULL;
	session_run(&env, &plan, &facts);
	outcome_classify(&facts, true, &outcome);
	assert_int_equal(outcome.kind, OUTCOME_INFRA);
	assert_string_equal(outcome.text, "no QEMU here");
	run_facts_release(&facts);
}

static void session_run_says_that_the_bundle_took_too_long(void **state)
{
	static const struct line lines[] = { HELLO, SHUTDOWN_BY_GUEST, { QEMU_EXIT }, { END } };
	struct run_facts facts;
	struct outcome outcome;

	(void)state;
	script = lines;
	bundle_takes_too_long = true;
	session_run(&env, &plan, &facts);
	bundle_takes_too_long = false;
	outcome_classify(&facts, false, &outcome);
	assert_int_equal(outcome.kind, OUTCOME_TIMEOUT);
	assert_string_equal(outcome.text, "timed out after 60.0 s while the test binary was handed over");
	assert_int_equal(the_vm.sent_run, 0);
	assert_int_equal(the_vm.sent_power_off, 1);
	run_facts_release(&facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(session_run_reports_what_the_guest_does),
		cmocka_unit_test(session_run_collects_logs_and_phases),
		cmocka_unit_test(session_run_says_why_there_is_no_vm),
		cmocka_unit_test(session_run_says_that_the_bundle_took_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
