// SPDX-License-Identifier: GPL-2.0-only
/*
 * One test in one VM: boot, hand over the test binary, run, collect, end. What the guest says is
 * taken down by session_messages.c; here is the order of things and how long each may take.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "check/verdict_json.h"
#include "runner/session.h"
#include "runner/session_private.h"

/*
 * Time to the agent's HELLO: 3 to 4 s for 2 CPUs under TCG on an idle machine (DESIGN 5). The rest
 * is for machines under load; a guest that hangs in its boot is rare.
 */
#define BOOT_TIMEOUT_MS 60000
#define BOOT_TIMEOUT_PER_CPU_MS 1000
#define BUNDLE_TIMEOUT_MS 60000 /* some MiB at 7 MiB/s and more */
#define SEND_TIMEOUT_MS 5000	/* one message to an agent that reads */
#define LAST_WORDS_MS 1000	/* an Oops may still be on its way when a channel breaks */
#define POWER_OFF_MS 5000	/* the agent has nothing to wait for: killed children, sync, off */

#define GUEST_BINARY_DIR "/ktstr/bin/"
#define GUEST_OBJECT_DIR "/ktstr/sched/"

uint64_t session_boot_timeout_ms(const struct test_plan *plan)
{
	return BOOT_TIMEOUT_MS + BOOT_TIMEOUT_PER_CPU_MS * ktstr_topology_num_cpus(&plan->topology);
}

static void set_infra_error(struct session *session, const struct ktstr_error *error)
{
	if (!session->facts->infra_error[0])
		snprintf(session->facts->infra_error, sizeof(session->facts->infra_error), "%.500s",
			 error->text);
}

static void add_phase(struct session *session, const char *name, uint64_t begin_ns, uint64_t end_ns)
{
	if (begin_ns && end_ns > begin_ns)
		run_facts_add_phase(session->facts, name, end_ns - begin_ns);
}

/* From QEMU's start to now, split with what the agent knows about its own part. */
static void add_boot_phases(struct session *session)
{
	const struct vm_times *times = vm_times(session->vm);
	uint64_t agent_ns = session->agent_us * NS_PER_US;
	uint64_t guest_ns = session->hello_ns - times->machine_ns;

	add_phase(session, "qemu", times->begin_ns, times->machine_ns);
	if (!times->machine_ns || guest_ns < agent_ns)
		return;
	run_facts_add_phase(session->facts, "kernel", guest_ns - agent_ns);
	run_facts_add_phase(session->facts, "agent", agent_ns);
}

/* The run is over, before its time. */
static bool over(const struct session *session)
{
	const struct run_facts *facts = session->facts;

	return session->ended || facts->interrupted || facts->infra_error[0] ||
	       facts->stream_error[0] || facts->failed_stage[0];
}

/* Handle events until done says so, the run is over, or the deadline has passed (false). */
static bool wait_for(struct session *session, bool (*done)(const struct session *),
		     uint64_t deadline_ns)
{
	while (!done(session) && !over(session)) {
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

static bool has_hello(const struct session *session)
{
	return session->hello_ns != 0;
}

static bool has_reply(const struct session *session)
{
	return session->replied;
}

static void time_out(struct session *session, uint64_t limit_ms)
{
	session->facts->timed_out_ms = limit_ms;
}

static bool boot(struct session *session, const struct session_env *env)
{
	const struct test_plan *plan = session->plan;
	const struct vm_config config = {
		.topology = plan->topology,
		.memory_mib = plan->test->memory_mib,
		.qemu = env->qemu,
		.accel = env->accel,
		.kernel = env->kernel,
		.initramfs = env->initramfs,
		.verbose = env->verbose,
	};
	uint64_t limit_ms = session_boot_timeout_ms(plan);
	struct ktstr_error error = { 0 };
	int err = vm_boot(&config, &session->vm, &error);

	if (!err && env->stop_fd >= 0)
		err = vm_watch(session->vm, env->stop_fd);
	if (err) {
		if (!error.code)
			ktstr_error_set(&error, err, "watch for signals: %s", strerror(-err));
		set_infra_error(session, &error);
		return false;
	}
	session->facts->stage = STAGE_BOOT;
	if (!wait_for(session, has_hello, clock_deadline_ms(limit_ms))) {
		time_out(session, limit_ms);
		return false;
	}
	if (over(session))
		return false;
	session->facts->stage = STAGE_AGENT;
	add_boot_phases(session);
	return true;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void set_guest_paths(struct session *session)
{
	const struct test_plan *plan = session->plan;

	snprintf(session->binary, sizeof(session->binary), GUEST_BINARY_DIR "%.*s", NAME_MAX,
		 base_name(plan->binary->path));
	if (plan->test->scheduler)
		snprintf(session->object, sizeof(session->object), GUEST_OBJECT_DIR "%.*s",
			 NAME_MAX, base_name(plan->bpf_object));
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
	if (!over(session) || session->ended || qemu <= 0)
		return;
	session->ending = true;
	kill(qemu, SIGKILL);
}

static int fill_bundle(const struct session *session, struct bundle *bundle,
		       struct ktstr_error *error)
{
	const struct test_plan *plan = session->plan;
	int err = bundle_add_program(bundle, plan->binary->path, session->binary, error);

	if (!err && plan->test->scheduler)
		err = bundle_add_file(bundle, plan->bpf_object, session->object, error);
	return err;
}

static bool hand_over(struct session *session, const struct session_env *env)
{
	const struct bundle_listener listener = { .event = handle_while_sending, .data = session };
	uint64_t begin_ns = clock_now_ns();
	struct ktstr_error error = { 0 };
	struct bundle *bundle = NULL;
	int err = bundle_new(env->initramfs, &bundle, &error);

	if (!err)
		err = fill_bundle(session, bundle, &error);
	if (!err)
		err = bundle_send(bundle, session->vm, clock_deadline_ms(BUNDLE_TIMEOUT_MS),
				  &listener, &error);
	bundle_free(bundle);
	if (err == -EPIPE)
		(void)hear_out(session, clock_deadline_ms(LAST_WORDS_MS));
	else if (err == -ETIMEDOUT)
		time_out(session, BUNDLE_TIMEOUT_MS);
	else if (err)
		set_infra_error(session, &error);
	if (err || over(session))
		return false;
	session->facts->stage = STAGE_BUNDLE;
	add_phase(session, "bundle", begin_ns, clock_now_ns());
	return true;
}

static json_t *scheduler_to_json(const struct session *session)
{
	const struct binary_scheduler *scheduler = session->plan->test->scheduler;

	if (!scheduler)
		return json_null();
	return json_pack("{s:s, s:s, s:s?}", "name", scheduler->name, "object", session->object,
			 "struct_ops", scheduler->struct_ops);
}

static json_t *run_message(const struct session *session)
{
	const struct test_plan *plan = session->plan;

	return json_pack("{s:I, s:s, s:s, s:I, s:i, s:I, s:b, s:o, s:o}", "id", session->run_id,
			 "binary", session->binary, "test", plan->test->name, "duration_ms",
			 (json_int_t)plan->duration_ms, "workers_per_cgroup",
			 (int)plan->workers_per_cgroup, "timeout_ms", (json_int_t)plan->timeout_ms,
			 "verbose", 0, "check", check_to_json(&plan->check), "scheduler",
			 scheduler_to_json(session));
}

static bool send_run(struct session *session)
{
	struct ktstr_error error = { 0 };
	json_t *message;
	int err;

	session->run_id = vm_next_id(session->vm);
	message = run_message(session);
	if (!message)
		err = ktstr_error_set(&error, -ENOMEM, "no memory for the request to run the test");
	else
		err = vm_send_json(session->vm, MESSAGE_RUN, message,
				   clock_deadline_ms(SEND_TIMEOUT_MS), &error);
	json_decref(message);
	if (err == -EPIPE)
		return true; /* the VM is gone: the wait that follows hears its last words */
	if (err)
		set_infra_error(session, &error);
	return !err;
}

static void run_test(struct session *session)
{
	uint64_t limit_ms = session->plan->timeout_ms, begin_ns = clock_now_ns();

	if (!send_run(session))
		return;
	session->facts->stage = STAGE_SCENARIO;
	if (!wait_for(session, has_reply, clock_deadline_ms(limit_ms)))
		time_out(session, limit_ms);
	if (session->replied)
		session->facts->stage = STAGE_DONE;
	session->test_end_ns = clock_now_ns();
	add_phase(session, "test", begin_ns, session->test_end_ns);
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

static void finish(struct session *session)
{
	struct run_facts *facts = session->facts;
	uint64_t begin_ns = clock_now_ns();
	const char *line;

	if (!session->ended && !facts->interrupted) {
		/* Nobody answers on a broken channel, but the console may still say why. */
		if (facts->stream_error[0])
			(void)hear_out(session, clock_deadline_ms(LAST_WORDS_MS));
		else if (facts->stage >= STAGE_AGENT)
			power_off(session);
	}
	facts->trouble = console_trouble(vm_console(session->vm), &line, NULL);
	snprintf(facts->trouble_line, sizeof(facts->trouble_line), "%.255s", without_stamp(line));
	facts->console = strdup(console_tail(vm_console(session->vm), UINT32_MAX));
	vm_free(session->vm);
	session->vm = NULL;
	add_phase(session, "teardown", begin_ns, clock_now_ns());
	if (session->test_end_ns)
		facts->cleanup_ns = clock_now_ns() - session->test_end_ns;
}

void session_run(const struct session_env *env, const struct test_plan *plan,
		 struct run_facts *ret_facts)
{
	struct session session = { .plan = plan, .facts = ret_facts };
	uint64_t begin_ns = clock_now_ns();

	*ret_facts = (struct run_facts){ .exit_code = -1 };
	set_guest_paths(&session);
	if (boot(&session, env) && hand_over(&session, env))
		run_test(&session);
	if (session.vm)
		finish(&session);
	ret_facts->duration_ns = clock_now_ns() - begin_ns;
}
