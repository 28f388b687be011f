// SPDX-License-Identifier: GPL-2.0-only
/*
 * One test in one VM: hand over the test binary, run, collect, end. The VM comes from
 * session_boot.c, what the guest says is taken down by session_messages.c; here is the order of
 * things and how long each may take.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "runner/run_message.h"
#include "runner/session.h"
#include "runner/session_private.h"

#define BUNDLE_TIMEOUT_MS 60000 /* some MiB at 7 MiB/s and more */
#define SEND_TIMEOUT_MS 5000	/* one message to an agent that reads */
#define LAST_WORDS_MS 1000	/* an Oops may still be on its way when a channel breaks */
#define POWER_OFF_MS 5000	/* the agent has nothing to wait for: killed children, sync, off */

void session_infra_error(struct session *session, const struct ktstr_error *error)
{
	if (!session->facts->infra_error[0])
		snprintf(session->facts->infra_error, sizeof(session->facts->infra_error), "%.500s",
			 error->text);
}

void session_add_phase(struct session *session, const char *name, uint64_t begin_ns,
		       uint64_t end_ns)
{
	if (begin_ns && end_ns > begin_ns)
		run_facts_add_phase(session->facts, name, end_ns - begin_ns);
}

bool session_over(const struct session *session)
{
	const struct run_facts *facts = session->facts;

	return session->ended || facts->interrupted || facts->infra_error[0] ||
	       facts->stream_error[0] || facts->failed_stage[0];
}

bool session_wait(struct session *session, bool (*done)(const struct session *),
		  uint64_t deadline_ns)
{
	while (!done(session) && !session_over(session)) {
		struct vm_event event;

		if (vm_poll(session->vm, deadline_ns, &event) == VM_EVENT_TIMEOUT)
			return false;
		session_handle(session, &event);
	}
	return true;
}

/* Hear what is still said until QEMU ends; whether it did. Who wants to stop does not wait. */
static bool hear_out(struct session *session, uint64_t deadline_ns)
{
	while (!session->ended && !session->facts->interrupted) {
		struct vm_event event;

		if (vm_poll(session->vm, deadline_ns, &event) == VM_EVENT_TIMEOUT)
			return false;
		session_handle(session, &event);
	}
	return true;
}

static bool has_reply(const struct session *session)
{
	return session->replied;
}

static void time_out(struct session *session, uint64_t limit_ms)
{
	session->facts->timed_out_ms = limit_ms;
}

/*
 * The one who sends cannot be told to stop, so a run that is over ends it by ending QEMU, which
 * fails the next write.
 */
static void handle_while_sending(void *data, const struct vm_event *event)
{
	struct session *session = data;
	pid_t qemu = vm_qemu_pid(session->vm);

	session_handle(session, event);
	if (!session_over(session) || session->ended || qemu <= 0)
		return;
	session->ending = true;
	kill(qemu, SIGKILL);
}

static bool hand_over(struct session *session, const struct session_env *env)
{
	const struct bundle_listener listener = { .event = handle_while_sending, .data = session };
	uint64_t begin_ns = clock_now_ns();
	struct ktstr_error error = { 0 };
	const struct bundle *bundle;
	int err;

	/* It waits for the test there. */
	if (session->hot) {
		session->facts->stage = STAGE_BUNDLE;
		return true;
	}
	bundle = test_group_bundle(session->group, env->initramfs, &error);
	err = bundle ? bundle_send(bundle, session->vm, clock_deadline_ms(BUNDLE_TIMEOUT_MS),
				   &listener, &error)
		     : error.code;
	if (err == -EPIPE)
		(void)hear_out(session, clock_deadline_ms(LAST_WORDS_MS));
	else if (err == -ETIMEDOUT)
		time_out(session, BUNDLE_TIMEOUT_MS);
	else if (err)
		session_infra_error(session, &error);
	if (err || session_over(session))
		return false;
	session->facts->stage = STAGE_BUNDLE;
	session_add_phase(session, "bundle", begin_ns, clock_now_ns());
	return true;
}

static bool send_run(struct session *session)
{
	const struct run_message_place place = { .binary = session->paths.binary,
						 .object = session->paths.object };
	struct ktstr_error error = { 0 };
	json_t *message;
	int err;

	session->run_id = vm_next_id(session->vm);
	message = run_message_new(session->plan, session->run_id, &place);
	if (!message)
		err = ktstr_error_set(&error, -ENOMEM, "no memory for the request to run the test");
	else
		err = vm_send_json(session->vm, MESSAGE_RUN, message,
				   clock_deadline_ms(SEND_TIMEOUT_MS), &error);
	json_decref(message);
	if (err == -EPIPE)
		return true; /* the VM is gone: the wait that follows hears its last words */
	if (err)
		session_infra_error(session, &error);
	return !err;
}

static void run_test(struct session *session)
{
	uint64_t limit_ms = session->plan->timeout_ms, begin_ns = clock_now_ns();

	if (!send_run(session))
		return;
	session->facts->stage = STAGE_SCENARIO;
	if (!session_wait(session, has_reply, clock_deadline_ms(limit_ms)))
		time_out(session, limit_ms);
	if (session->replied)
		session->facts->stage = STAGE_DONE;
	session->test_end_ns = clock_now_ns();
	session_add_phase(session, "test", begin_ns, session->test_end_ns);
}

/*
 * Ask the guest to power off. One that does not react has nothing alive in it, which after a
 * timeout tells a hang from a test that takes too long.
 */
static void power_off(struct session *session)
{
	uint64_t deadline_ns = clock_deadline_ms(POWER_OFF_MS);
	json_t *message = json_pack("{s:I}", "id", vm_next_id(session->vm));

	session->ending = true;
	/* A request that cannot be sent has the same end as one that is not heard. */
	if (message && vm_send_json(session->vm, MESSAGE_POWER_OFF, message, deadline_ns, NULL) < 0)
		deadline_ns = clock_deadline_ms(LAST_WORDS_MS);
	json_decref(message);
	session->facts->unresponsive = !hear_out(session, deadline_ns);
}

/* A line of the kernel's log without its "[    2.307526] ". */
static const char *without_stamp(const char *line)
{
	const char *end = *line == '[' ? strchr(line, ']') : NULL;

	return end ? end + 1 + strspn(end + 1, " ") : line;
}

/*
 * Nothing in a guest that has reported its test's end is worth an orderly one. What the kernel said
 * until then is in the socket: the console is written before the report is.
 */
static void hear_what_is_there(struct session *session)
{
	struct vm_event event;

	session->ending = true;
	while (!session->ended && !session->facts->interrupted &&
	       vm_poll(session->vm, 0, &event) != VM_EVENT_TIMEOUT)
		session_handle(session, &event);
}

static void finish(struct session *session)
{
	struct run_facts *facts = session->facts;
	uint64_t begin_ns = clock_now_ns();
	const char *line;

	if (!session->ended && !facts->interrupted) {
		/* Nobody answers on a broken channel, but the console may still say why. */
		if (facts->stream_error[0])
			(void)hear_out(session, clock_deadline_ms(LAST_WORDS_MS));
		else if (session->replied)
			hear_what_is_there(session);
		else if (facts->stage >= STAGE_AGENT)
			power_off(session);
	}
	facts->trouble = console_trouble(vm_console(session->vm), &line, NULL);
	snprintf(facts->trouble_line, sizeof(facts->trouble_line), "%.255s", without_stamp(line));
	facts->console = strdup(console_tail(vm_console(session->vm), UINT32_MAX));
	vm_free(session->vm);
	session->vm = NULL;
	session_add_phase(session, "teardown", begin_ns, clock_now_ns());
	if (session->test_end_ns)
		facts->cleanup_ns = clock_now_ns() - session->test_end_ns;
}

void session_run(const struct session_env *env, const struct test_plan *plan,
		 struct run_facts *ret_facts)
{
	struct session session = { .plan = plan, .facts = ret_facts, .group = env->group };
	struct test_group alone;
	uint64_t begin_ns = clock_now_ns();

	*ret_facts = (struct run_facts){ .exit_code = -1 };
	test_group_init(&alone, plan);
	if (!session.group)
		session.group = &alone;
	test_paths_make(plan, &session.paths);
	if (session_boot(&session, env) && hand_over(&session, env))
		run_test(&session);
	if (session.vm)
		finish(&session);
	test_group_release(&alone);
	ret_facts->duration_ns = clock_now_ns() - begin_ns;
}
