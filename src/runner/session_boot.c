// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a test gets its guest: a copy of a template where that works, else a boot. Whatever goes
 * wrong with a template costs time and a line of notice, never a test: a cold boot is the way out.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "runner/session_private.h"
#include "vm/resume.h"
#include "vm/template_draft.h"

/*
 * Time to the agent's HELLO: 3 to 4 s for 2 CPUs under TCG on an idle machine (DESIGN 5). The rest
 * is for machines under load; a guest that hangs in its boot is rare.
 */
#define BOOT_TIMEOUT_MS 60000
#define BOOT_TIMEOUT_PER_CPU_MS 1000
/* A tenth of a second each on an idle machine; after that the test boots its guest. */
#define RESTORE_TIMEOUT_MS 20000
#define RESUME_TIMEOUT_MS 10000
#define SAVE_TIMEOUT_MS 30000

uint64_t session_boot_timeout_ms(const struct test_plan *plan)
{
	return BOOT_TIMEOUT_MS + BOOT_TIMEOUT_PER_CPU_MS * ktstr_topology_num_cpus(&plan->topology);
}

/* name: that of a template to remove, or NULL. The first to give up says why. */
static void give_up(const struct session_env *env, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void say(const struct session_env *env, const char *format, va_list args)
{
	char text[OUTCOME_TEXT_MAX + 128];

	vsnprintf(text, sizeof(text), format, args);
	if (env->notice)
		env->notice(env->notice_data, text);
}

void session_notice(const struct session_env *env, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(env, format, args);
	va_end(args);
}

static void give_up(const struct session_env *env, const char *name, const char *format, ...)
{
	va_list args;

	if (!template_store_give_up(env->templates, name))
		return;
	va_start(args, format);
	say(env, format, args);
	va_end(args);
}

/* From QEMU's start to now, split with what the agent knows about its own part. */
static void add_boot_phases(struct session *session)
{
	const struct vm_times *times = vm_times(session->vm);
	uint64_t agent_ns = session->agent_us * NS_PER_US;
	uint64_t guest_ns = session->hello_ns - times->machine_ns;

	session_add_phase(session, "qemu", times->begin_ns, times->machine_ns);
	if (!times->machine_ns || guest_ns < agent_ns)
		return;
	run_facts_add_phase(session->facts, "kernel", guest_ns - agent_ns);
	run_facts_add_phase(session->facts, "agent", agent_ns);
}

static bool has_hello(const struct session *session)
{
	return session->hello_ns != 0;
}

/* Start QEMU as config says; what it costs to have failed is nothing. */
static int start(struct session *session, const struct session_env *env,
		 const struct vm_config *config, struct ktstr_error *error)
{
	struct ktstr_error ignored = { 0 };
	int err = vm_boot(config, &session->vm, error);

	if (err)
		return err;
	if (env->stop_fd >= 0)
		err = vm_watch(session->vm, env->stop_fd);
	if (err)
		return ktstr_error_set(error, err, "watch for signals: %s", strerror(-err));
	/* While QEMU starts; what keeps it from being made is told when it is needed. */
	if (session->group && session->plan->binary)
		(void)test_group_bundle(session->group, env->initramfs, &ignored);
	return 0;
}

void session_discard(struct session *session)
{
	struct run_facts *facts = session->facts;

	vm_free(session->vm);
	session->vm = NULL;
	session->hello_ns = session->agent_us = 0;
	session->ended = session->guest_ended_it = false;
	facts->stage = STAGE_NOT_STARTED;
	facts->vm_end[0] = facts->stream_error[0] = facts->infra_error[0] = '\0';
	facts->qemu_died = false;
}

static bool boot(struct session *session, const struct session_env *env,
		 const struct vm_config *config)
{
	uint64_t limit_ms = session_boot_timeout_ms(session->plan);
	struct ktstr_error error = { 0 };

	if (start(session, env, config, &error)) {
		session_infra_error(session, &error);
		return false;
	}
	session->facts->stage = STAGE_BOOT;
	if (!session_wait(session, has_hello, clock_deadline_ms(limit_ms))) {
		session->facts->timed_out_ms = limit_ms;
		return false;
	}
	if (session_over(session))
		return false;
	session->facts->stage = STAGE_AGENT;
	add_boot_phases(session);
	return true;
}

void session_hear_stop(void *data, const struct vm_event *event)
{
	struct session *session = data;

	if (event->kind == VM_EVENT_WATCHED)
		session->facts->interrupted = true;
}

int session_bring_back(struct session *session, const struct session_env *env,
		       const struct vm_config *config, struct ktstr_error *error)
{
	const struct vm_listener listener = { session_hear_stop, session };
	struct vm_resume resume;
	int err = start(session, env, config, error);

	if (!err)
		err = vm_restore(session->vm, RESTORE_TIMEOUT_MS, &listener, error);
	if (!err)
		err = vm_resume_init(&resume, error);
	if (!err)
		err = vm_resume(session->vm, &resume, RESUME_TIMEOUT_MS, &listener, NULL, error);
	if (!err)
		session->hello_ns = clock_now_ns();
	return err;
}

/* A copy that becomes the test's guest. */
static int copy(struct session *session, const struct session_env *env,
		const struct vm_config *config, const struct template *template,
		struct ktstr_error *error)
{
	struct run_facts *facts = session->facts;
	struct vm_config copied = *config;
	const struct vm_times *times;
	int err;

	copied.start = VM_START_RESTORE;
	copied.ram_fd = template->ram_fd;
	copied.state_fd = template->state_fd;
	err = session_bring_back(session, env, &copied, error);
	if (err)
		return err;
	times = vm_times(session->vm);
	session_add_phase(session, "restore", times->begin_ns, times->restored_ns);
	session_add_phase(session, "resume", times->restored_ns, session->hello_ns);
	facts->stage = STAGE_AGENT;
	memcpy(facts->template, template->about.name, sizeof(facts->template));
	snprintf(facts->kernel, sizeof(facts->kernel), "%s", template->about.kernel);
	return 0;
}

/* hot may be NULL. False: there has to be another way, or the user wants to stop. */
static bool restore_hot(struct session *session, const struct session_env *env,
			const struct vm_config *config, const struct template *hot)
{
	struct ktstr_error error = { 0 };

	if (!hot)
		return false;
	if (copy(session, env, config, hot, &error) == 0) {
		session->hot = true;
		return true;
	}
	if (session->facts->interrupted)
		return false;
	session_lose_hot(session, env, hot, &error);
	session_discard(session);
	return false;
}

/* False: the guest has to be booted, or the user wants to stop. */
static bool restore(struct session *session, const struct session_env *env,
		    const struct vm_config *config, const struct template_key *key,
		    const struct template *template)
{
	auto_template struct template *hot = session_make_hot(session, env, config, key, template);
	struct ktstr_error error = { 0 };

	if (restore_hot(session, env, config, hot))
		return true;
	if (session->facts->interrupted)
		return false;
	if (copy(session, env, config, template, &error) == 0)
		return true;
	if (session->facts->interrupted)
		return false;
	/* Somebody killed this one QEMU, or the template is of no use to anybody. */
	if (session->vm && vm_killed(session->vm))
		session_notice(env, "template '%s': %s; booting without it", template->about.name,
			       error.text);
	else
		give_up(env, template->about.name, "template '%s' removed: %s; booting without",
			template->about.name, error.text);
	session_discard(session);
	return false;
}

static struct template_about about(const struct session *session, const struct session_env *env,
				   const struct vm_config *config)
{
	struct template_about about = { .memory_mib = vm_memory_mib(config) };

	snprintf(about.kernel, sizeof(about.kernel), "%s", session->facts->kernel);
	ktstr_topology_format(&config->topology, about.topology);
	snprintf(about.qemu, sizeof(about.qemu), "%u.%u", env->qemu->major, env->qemu->minor);
	snprintf(about.accel, sizeof(about.accel), "%s", accel_kind_str(env->accel->kind));
	return about;
}

/* The guest has just said hello and is at rest. True: it goes on, as it is or as a copy. */
static bool save(struct session *session, const struct session_env *env,
		 const struct vm_config *config, const struct template_key *key,
		 struct template_draft **draft)
{
	const struct vm_listener listener = { session_hear_stop, session };
	const struct template_about about_it = about(session, env, config);
	auto_template struct template *template = NULL;
	uint64_t begin_ns = clock_now_ns();
	struct ktstr_error error = { 0 };
	int err = template_draft_finish(draft, session->vm, &about_it, SAVE_TIMEOUT_MS, &listener,
					&template, &error);

	if (session->facts->interrupted)
		return false;
	session_add_phase(session, "save", begin_ns, clock_now_ns());
	if (!err) {
		session_discard(session);
		return restore(session, env, config, key, template);
	}
	give_up(env, NULL, "%s; going on without", error.text);
	if (vm_qemu_pid(session->vm) > 0 &&
	    vm_continue(session->vm, RESUME_TIMEOUT_MS, &listener, NULL) == 0)
		return true;
	session_discard(session);
	return false;
}

/* Boot the guest for a template. False: it could not be made. */
static bool make(struct session *session, const struct session_env *env,
		 const struct vm_config *config, const struct template_key *key,
		 struct template_draft **draft)
{
	struct vm_config drafted = *config;

	drafted.start = VM_START_DRAFT;
	drafted.ram_fd = template_draft_ram_fd(*draft);
	drafted.state_fd = template_draft_state_fd(*draft);
	if (boot(session, env, &drafted)) {
		enum console_notice trouble = console_trouble(vm_console(session->vm), NULL, NULL);

		if (trouble < CONSOLE_STALL)
			return save(session, env, config, key, draft);
		/* This test has to live with it; no other one should. */
		session_notice(env, "no template is made of a guest with a kernel %s in its boot",
			       console_notice_str(trouble));
		return true;
	}
	/* As a full disk does, by SIGBUS. What the guest does it would do without a template too.
	 */
	if (session->facts->interrupted || !session->facts->qemu_died)
		return false;
	give_up(env, NULL, "template could not be made: %s; booting without",
		vm_end_text(session->vm));
	session_discard(session);
	return false;
}

/* What a failed attempt leaves to be tried is a cold boot; what it leaves to be said is final. */
static bool from_template(struct session *session, const struct session_env *env,
			  const struct vm_config *config)
{
	auto_template struct template *template = NULL;
	auto_template_draft struct template_draft *draft = NULL;
	auto_template_key struct template_key key = { 0 };
	struct ktstr_error error = { 0 };
	int err = template_key_make(config, &key, &error);
	const struct template_request request = {
		.store = env->templates,
		.key = &key,
		.memory_mib = vm_memory_mib(config),
		.wait_ms = session_boot_timeout_ms(session->plan),
		.stop_fd = env->stop_fd,
		.notice = env->notice,
		.notice_data = env->notice_data,
	};

	auto_template struct template *hot = err ? NULL : session_find_hot(session, env, &key);

	if (restore_hot(session, env, config, hot))
		return true;
	if (session->facts->interrupted)
		return false;
	if (!err)
		err = template_obtain(&request, &template, &draft, &error);
	if (err == -EBUSY)
		session_notice(env, "%s; booting without it", error.text);
	else if (err && err != -EINTR)
		give_up(env, NULL, "%s; booting without templates", error.text);
	if (err)
		return false;
	return template ? restore(session, env, config, &key, template)
			: make(session, env, config, &key, &draft);
}

bool session_boot(struct session *session, const struct session_env *env)
{
	const struct test_plan *plan = session->plan;
	const struct vm_config config = {
		.topology = plan->topology,
		.memory_mib = plan->test->memory_mib,
		.devices = plan->test->devices,
		.qemu = env->qemu,
		.accel = env->accel,
		.kernel = env->kernel,
		.initramfs = env->initramfs,
		.verbose = env->verbose,
	};

	if (env->templates && !template_store_given_up(env->templates)) {
		if (from_template(session, env, &config))
			return true;
		/* A VM that is still there has failed for reasons of its own. */
		if (session->vm || session->facts->interrupted || session->facts->infra_error[0])
			return false;
	}
	return boot(session, env, &config);
}
