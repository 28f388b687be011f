// SPDX-License-Identifier: GPL-2.0-only
/*
 * From what was seen of a run to its outcome. Rules in the order in which they win: a kernel that
 * crashed explains everything that follows from it, a broken host says nothing about the test,
 * and only what is left is judged by the guest's own verdict.
 */
#include <stdio.h>
#include <string.h>

#include "runner/facts.h"

#define TEST_COULD_NOT_RUN 2 /* exit status of a test process, see harness/run.h */

static const char *const stage_texts[] = {
	[STAGE_NOT_STARTED] = "before QEMU ran",
	[STAGE_BOOT] = "while the kernel booted, before the agent answered",
	[STAGE_HELLO] = "while the agent started, before it said hello",
	[STAGE_AGENT] = "while the test binary was handed over",
	[STAGE_BUNDLE] = "before the test was started",
	[STAGE_SCENARIO] = "while the test ran",
	[STAGE_DONE] = "after the test had ended",
};

static void set(struct outcome *outcome, enum outcome_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void set(struct outcome *outcome, enum outcome_kind kind, const char *format, ...)
{
	va_list args;

	outcome->kind = kind;
	va_start(args, format);
	vsnprintf(outcome->text, sizeof(outcome->text), format, args);
	va_end(args);
}

/* ", last milestone: step_start 0", or nothing. */
static const char *milestone(const struct run_facts *facts, char *buffer, size_t size)
{
	if (facts->last_milestone[0])
		snprintf(buffer, size, ", last milestone '%s'", facts->last_milestone);
	else
		buffer[0] = '\0';
	return buffer;
}

/* What is less than a bug in the kernel's own eyes (warnings, stalls) decides nothing. */
static bool classify_crash(const struct run_facts *facts, struct outcome *outcome)
{
	if (facts->trouble < CONSOLE_BUG)
		return false;
	set(outcome, facts->trouble == CONSOLE_PANIC ? OUTCOME_GUEST_PANIC : OUTCOME_GUEST_OOPS,
	    "guest crashed: %s", facts->trouble_line);
	return true;
}

static bool classify_host(const struct run_facts *facts, struct outcome *outcome)
{
	char buffer[96];

	if (facts->interrupted)
		set(outcome, OUTCOME_INFRA, "interrupted %s", stage_texts[facts->stage]);
	else if (facts->infra_error[0])
		set(outcome, OUTCOME_INFRA, "%s", facts->infra_error);
	else if (facts->qemu_died && !facts->verdict)
		set(outcome, OUTCOME_INFRA, "%s, %s%s", facts->vm_end, stage_texts[facts->stage],
		    milestone(facts, buffer, sizeof(buffer)));
	else
		return false;
	return true;
}

static bool classify_scheduler_exit(const struct run_facts *facts, struct outcome *outcome)
{
	const struct scheduler_exit *exit = &facts->scheduler_exit;
	char buffer[96];

	if (!exit->seen)
		return false;
	set(outcome, OUTCOME_SCHED_EXIT, "scheduler '%s' died unexpectedly: %s%s%s%s",
	    exit->name ? exit->name : "?", exit->kind ? exit->kind : "kind unknown",
	    exit->reason ? ", " : "", exit->reason ? exit->reason : "",
	    milestone(facts, buffer, sizeof(buffer)));
	return true;
}

/* No result, because the run did not come that far or broke on the way. */
static void classify_missing(const struct run_facts *facts, struct outcome *outcome)
{
	const char *where = stage_texts[facts->stage];
	char buffer[96];

	milestone(facts, buffer, sizeof(buffer));
	if (facts->failed_stage[0] && facts->stage < STAGE_AGENT)
		set(outcome, OUTCOME_BOOT_FAIL, "%s: %s", facts->failed_stage, facts->failed_text);
	else if (facts->failed_stage[0] && strcmp(facts->failed_stage, "scheduler") == 0)
		set(outcome, OUTCOME_FAIL, "%s", facts->failed_text);
	else if (facts->failed_stage[0])
		set(outcome, OUTCOME_INFRA, "%s: %s", facts->failed_stage, facts->failed_text);
	else if (facts->stream_error[0])
		set(outcome, OUTCOME_NO_RESULT, "%s%s", facts->stream_error, buffer);
	else if (facts->timed_out_ms && facts->stage < STAGE_AGENT)
		set(outcome, OUTCOME_BOOT_FAIL, "timed out after %.1f s %s",
		    (double)facts->timed_out_ms / 1000, where);
	else if (facts->timed_out_ms)
		set(outcome, facts->unresponsive ? OUTCOME_HANG : OUTCOME_TIMEOUT,
		    "timed out after %.1f s %s%s%s", (double)facts->timed_out_ms / 1000, where,
		    buffer, facts->unresponsive ? "; the guest does not answer any more" : "");
	else if (facts->exited && facts->signal)
		set(outcome, OUTCOME_NO_RESULT, "the test process was killed by signal %d (%s)%s",
		    facts->signal, strsignal(facts->signal), buffer);
	else if (facts->exited)
		set(outcome, OUTCOME_NO_RESULT,
		    "the test process exited with status %d and gave no result%s", facts->exit_code,
		    buffer);
	else if (facts->vm_end[0])
		set(outcome, facts->stage < STAGE_AGENT ? OUTCOME_BOOT_FAIL : OUTCOME_NO_RESULT,
		    "%s %s%s", facts->vm_end, where, buffer);
	else
		set(outcome, OUTCOME_NO_RESULT,
		    "no test result received from guest; it was lost %s%s", where, buffer);
}

static void classify_verdict(const struct run_facts *facts, struct outcome *outcome)
{
	static const enum outcome_kind kinds[] = {
		[VERDICT_SKIP] = OUTCOME_SKIP,
		[VERDICT_PASS] = OUTCOME_PASS,
		[VERDICT_INCONCLUSIVE] = OUTCOME_INCONCLUSIVE,
		[VERDICT_FAIL] = OUTCOME_FAIL,
	};
	const struct verdict_entry *terminal = verdict_terminal(facts->verdict);
	enum verdict_outcome verdict = verdict_outcome(facts->verdict);

	set(outcome, kinds[verdict], "%s", terminal ? terminal->message : "");
	if (facts->exited && facts->exit_code == TEST_COULD_NOT_RUN)
		outcome->kind = OUTCOME_INFRA;
	if (verdict == VERDICT_FAIL)
		return;
	/* A result says what was measured, not that the process then came to its end. */
	if (facts->exited && facts->signal)
		set(outcome, OUTCOME_NO_RESULT,
		    "the test process was killed by signal %d (%s) after it gave its result",
		    facts->signal, strsignal(facts->signal));
	else if (facts->exited && facts->exit_code != 0 && facts->exit_code != TEST_COULD_NOT_RUN)
		set(outcome, OUTCOME_NO_RESULT,
		    "the test process exited with status %d after it gave its result",
		    facts->exit_code);
	else if (facts->timed_out_ms)
		set(outcome, OUTCOME_TIMEOUT,
		    "timed out after %.1f s: the test gave its result, but did not end",
		    (double)facts->timed_out_ms / 1000);
	else if (facts->vm_end[0])
		set(outcome, facts->qemu_died ? OUTCOME_INFRA : OUTCOME_NO_RESULT,
		    "%s after the test gave its result", facts->vm_end);
	else if (facts->failed_stage[0])
		set(outcome, OUTCOME_INFRA, "%s: %s", facts->failed_stage, facts->failed_text);
	else if (facts->stage < STAGE_DONE)
		set(outcome, OUTCOME_NO_RESULT,
		    "the test gave its result, but its end was not reported%s%s",
		    facts->stream_error[0] ? ": " : "", facts->stream_error);
}

static bool is_failed_attach(const struct run_facts *facts)
{
	return !facts->verdict && facts->failed_stage[0];
}

static void invert(const struct run_facts *facts, struct outcome *outcome)
{
	char text[OUTCOME_TEXT_MAX];

	memcpy(text, outcome->text, sizeof(text));
	switch (outcome->kind) {
	case OUTCOME_FAIL:
	case OUTCOME_SCHED_EXIT:
		/* A scheduler that was never attached has not shown the expected failure. */
		if (is_failed_attach(facts))
			break;
		outcome->kind = OUTCOME_PASS;
		outcome->expected_failure = true;
		break;
	case OUTCOME_PASS:
		set(outcome, OUTCOME_FAIL, "expected to fail, but passed");
		break;
	case OUTCOME_INCONCLUSIVE:
		set(outcome, OUTCOME_FAIL, "expected to fail, but was inconclusive: %.400s", text);
		break;
	case OUTCOME_NO_RESULT:
	case OUTCOME_SKIP:
	case OUTCOME_GUEST_PANIC:
	case OUTCOME_GUEST_OOPS:
	case OUTCOME_HANG:
	case OUTCOME_TIMEOUT:
	case OUTCOME_BOOT_FAIL:
	case OUTCOME_INFRA:
		break;
	}
}

void outcome_classify(const struct run_facts *facts, bool expect_err, struct outcome *ret_outcome)
{
	struct outcome outcome = { 0 };

	if (!facts->interrupted && classify_crash(facts, &outcome)) {
		*ret_outcome = outcome;
		return;
	}
	if (!classify_host(facts, &outcome) && !classify_scheduler_exit(facts, &outcome)) {
		if (facts->verdict)
			classify_verdict(facts, &outcome);
		else
			classify_missing(facts, &outcome);
	}
	if (expect_err)
		invert(facts, &outcome);
	*ret_outcome = outcome;
}
