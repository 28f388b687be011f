// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>

#include "runner/facts.h"

#include "unit.h"

#define PANIC .trouble = CONSOLE_PANIC, .trouble_line = "Kernel panic - not syncing: Fatal exception"
#define OOPS .trouble = CONSOLE_OOPS, .trouble_line = "Oops: 0002 [#1]"

/* One recorded run; what is not set was not seen. */
struct run {
	const char *name;
	enum run_stage stage;
	bool has_verdict;
	enum verdict_outcome verdict;
	bool exited;
	int exit_code, signal;
	bool scheduler_exit;
	const char *failed_stage, *infra, *stream, *vm_end, *trouble_line, *milestone;
	enum console_notice trouble;
	uint64_t timed_out_ms;
	bool qemu_died, unresponsive, interrupted;

	enum outcome_kind kind;          /* what has to come out */
	const char *part;                /* and stand in its text */
	enum outcome_kind expecting_err; /* the same with expect_err */
};

#define JUDGED(outcome) \
	.stage = STAGE_DONE, .has_verdict = true, .verdict = VERDICT_##outcome, .exited = true
#define BOTH(outcome) .kind = OUTCOME_##outcome, .expecting_err = OUTCOME_##outcome

static const struct run runs[] = {
	{ "nothing was seen", BOTH(NO_RESULT), .part = "no test result received from guest" },
	{ "pass", JUDGED(PASS), .kind = OUTCOME_PASS, .part = "", .expecting_err = OUTCOME_FAIL },
	{ "fail", JUDGED(FAIL), .kind = OUTCOME_FAIL, .part = "the message", .expecting_err = OUTCOME_PASS },
	{ "skip", JUDGED(SKIP), BOTH(SKIP), .part = "the message" },
	{ "inconclusive", JUDGED(INCONCLUSIVE), .kind = OUTCOME_INCONCLUSIVE, .part = "the message",
	  .expecting_err = OUTCOME_FAIL },
	{ "could not run", JUDGED(FAIL), .exit_code = 2, BOTH(INFRA), .part = "the message" },
	{ "pass, then a crash of the test", JUDGED(PASS), .exit_code = -1, .signal = SIGSEGV, BOTH(NO_RESULT),
	  .part = "killed by signal 11" },
	{ "pass, then a bad exit", JUDGED(PASS), .exit_code = 7, BOTH(NO_RESULT), .part = "status 7" },
	{ "pass, then no end", .stage = STAGE_SCENARIO, .has_verdict = true, .verdict = VERDICT_PASS,
	  .timed_out_ms = 2500, BOTH(TIMEOUT), .part = "after 2.5 s: the test gave its result" },
	{ "pass, then a broken frame", .stage = STAGE_SCENARIO, .has_verdict = true,
	  .verdict = VERDICT_PASS, .stream = "crc", BOTH(NO_RESULT), .part = "not reported: crc" },
	{ "pass, then the agent failed", JUDGED(PASS), .failed_stage = "detach", BOTH(INFRA),
	  .part = "detach: the agent said so" },
	{ "crash without result", .stage = STAGE_SCENARIO, .exited = true, .exit_code = -1,
	  .signal = SIGABRT, .milestone = "step_start 0", BOTH(NO_RESULT),
	  .part = "killed by signal 6 (Aborted), last milestone 'step_start 0'" },
	{ "exit without result", .stage = STAGE_SCENARIO, .exited = true, .exit_code = 3, BOTH(NO_RESULT),
	  .part = "status 3" },
	{ "panic", .stage = STAGE_SCENARIO, PANIC, BOTH(GUEST_PANIC),
	  .part = "guest crashed: Kernel panic - not syncing: Fatal exception" },
	{ "panic wins over a pass", JUDGED(PASS), PANIC, BOTH(GUEST_PANIC), .part = "panic" },
	{ "oops wins over a lost connection", .stage = STAGE_SCENARIO, OOPS,
	  .stream = "frame cut short", BOTH(GUEST_OOPS), .part = "Oops: 0002" },
	{ "oops wins over a hang", .stage = STAGE_SCENARIO, OOPS, .timed_out_ms = 9000,
	  .unresponsive = true, BOTH(GUEST_OOPS), .part = "Oops: 0002" },
	{ "a bug is an oops", .stage = STAGE_SCENARIO, .trouble = CONSOLE_BUG,
	  .trouble_line = "kernel BUG at mm/slub.c:1", BOTH(GUEST_OOPS), .part = "kernel BUG at" },
	{ "a stall decides nothing", JUDGED(SKIP), .trouble = CONSOLE_STALL,
	  .trouble_line = "soft lockup", BOTH(SKIP), .part = "the message" },
	{ "scheduler died", .stage = STAGE_DONE, .has_verdict = true, .verdict = VERDICT_FAIL,
	  .exited = true, .scheduler_exit = true, .kind = OUTCOME_SCHED_EXIT,
	  .part = "scheduler 'simple' died unexpectedly: SCX_EXIT_ERROR_STALL, runnable task stall",
	  .expecting_err = OUTCOME_PASS },
	{ "scheduler died, result passed", JUDGED(PASS), .scheduler_exit = true,
	  .kind = OUTCOME_SCHED_EXIT, .part = "died", .expecting_err = OUTCOME_PASS },
	{ "scheduler did not load", .stage = STAGE_SCENARIO, .failed_stage = "scheduler", BOTH(FAIL),
	  .part = "the agent said so" },
	{ "agent could not do its part", .stage = STAGE_AGENT, .failed_stage = "file", BOTH(INFRA),
	  .part = "file: the agent said so" },
	{ "wrong topology", .stage = STAGE_BOOT, .failed_stage = "topology", BOTH(BOOT_FAIL),
	  .part = "topology: the agent said so" },
	{ "broken frame", .stage = STAGE_SCENARIO, .stream = "crc 1 is not 2", BOTH(NO_RESULT),
	  .part = "crc 1 is not 2" },
	{ "timeout", .stage = STAGE_SCENARIO, .timed_out_ms = 32000, .milestone = "step_start 1",
	  BOTH(TIMEOUT), .part = "timed out after 32.0 s while the test ran, last milestone 'step_start 1'" },
	{ "hang", .stage = STAGE_SCENARIO, .timed_out_ms = 32000, .unresponsive = true, BOTH(HANG),
	  .part = "does not answer any more" },
	{ "stuck boot", .stage = STAGE_BOOT, .timed_out_ms = 30000, .unresponsive = true, BOTH(BOOT_FAIL),
	  .part = "while the kernel booted" },
	{ "boot ended in a reset", .stage = STAGE_BOOT, .vm_end = "the guest reset itself", BOTH(BOOT_FAIL),
	  .part = "the guest reset itself while the kernel booted" },
	{ "powered off in the test", .stage = STAGE_SCENARIO, .vm_end = "the guest powered off",
	  BOTH(NO_RESULT), .part = "the guest powered off while the test ran" },
	{ "qemu killed", .stage = STAGE_SCENARIO, .vm_end = "QEMU was killed by signal 9", .qemu_died = true,
	  BOTH(INFRA), .part = "QEMU was killed by signal 9, while the test ran" },
	{ "qemu killed after a pass", JUDGED(PASS), .vm_end = "QEMU was killed by signal 9",
	  .qemu_died = true, BOTH(INFRA), .part = "after the test gave its result" },
	{ "qemu did not start", .infra = "exec 'qemu': no such file", BOTH(INFRA), .part = "exec 'qemu'" },
	{ "interrupted", .stage = STAGE_SCENARIO, .interrupted = true, PANIC, BOTH(INFRA),
	  .part = "interrupted while the test ran" },
};

static void fill(const struct run *run, struct run_facts *facts)
{
	facts->stage = run->stage;
	if (run->has_verdict) {
		facts->verdict = verdict_new();
		assert_non_null(facts->verdict);
		if (run->verdict != VERDICT_PASS)
			verdict_add(facts->verdict, run->verdict, DETAIL_OTHER, "the message");
	}
	facts->exited = run->exited;
	facts->exit_code = run->exit_code;
	facts->signal = run->signal;
	facts->scheduler_exit.seen = run->scheduler_exit;
	if (run->scheduler_exit) {
		facts->scheduler_exit.name = strdup("simple");
		facts->scheduler_exit.kind = strdup("SCX_EXIT_ERROR_STALL");
		facts->scheduler_exit.reason = strdup("runnable task stall");
	}
	if (run->failed_stage) {
		snprintf(facts->failed_stage, sizeof(facts->failed_stage), "%s", run->failed_stage);
		snprintf(facts->failed_text, sizeof(facts->failed_text), "the agent said so");
	}
	snprintf(facts->infra_error, sizeof(facts->infra_error), "%s", run->infra ? run->infra : "");
	snprintf(facts->stream_error, sizeof(facts->stream_error), "%s", run->stream ? run->stream : "");
	snprintf(facts->vm_end, sizeof(facts->vm_end), "%s", run->vm_end ? run->vm_end : "");
	snprintf(facts->trouble_line, sizeof(facts->trouble_line), "%s",
		 run->trouble_line ? run->trouble_line : "");
	facts->trouble = run->trouble;
	facts->qemu_died = run->qemu_died;
	snprintf(facts->last_milestone, sizeof(facts->last_milestone), "%s",
		 run->milestone ? run->milestone : "");
	facts->timed_out_ms = run->timed_out_ms;
	facts->unresponsive = run->unresponsive;
	facts->interrupted = run->interrupted;
}

static void outcome_classify_follows_the_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(runs); i++) {
		const struct run *run = &runs[i];
		struct run_facts facts = { 0 };
		struct outcome outcome, inverted;

		fill(run, &facts);
		outcome_classify(&facts, false, &outcome);
		outcome_classify(&facts, true, &inverted);
		run_facts_release(&facts);
		if (outcome.kind != run->kind || !strstr(outcome.text, run->part))
			fail_msg("%s: got %s '%s'", run->name, outcome_str(outcome.kind), outcome.text);
		if (inverted.kind != run->expecting_err)
			fail_msg("%s, expect_err: got %s '%s'", run->name, outcome_str(inverted.kind),
				 inverted.text);
		assert_false(outcome.expected_failure);
		assert_int_equal(inverted.expected_failure, inverted.kind == OUTCOME_PASS);
	}
}

static void outcome_status_never_passes_by_default(void **state)
{
	struct outcome nobody_judged = { 0 };

	(void)state;
	assert_int_equal(nobody_judged.kind, OUTCOME_NO_RESULT);
	assert_int_equal(outcome_status(nobody_judged.kind), 1);
	assert_int_equal(outcome_status(OUTCOME_PASS), 0);
	assert_int_equal(outcome_status(OUTCOME_SKIP), 0);
	assert_int_equal(outcome_status(OUTCOME_INFRA), 2);
	assert_int_equal(outcome_worse_status(0, 2), 2);
	assert_int_equal(outcome_worse_status(2, 1), 1);
	assert_int_equal(outcome_worse_status(1, 0), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcome_classify_follows_the_rules),
		cmocka_unit_test(outcome_status_never_passes_by_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
