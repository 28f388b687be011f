// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hot templates: guests in which the test binary has been handed over, has loaded and waits for the
 * test it is to run. One is derived from a template, for tests that are alike: a copy is started,
 * gets the files, loads the binary and is saved. Without one a test takes longer, and no other way.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "runner/session_private.h"
#include "vm/prepare.h"
#include "vm/template_draft.h"

/* A second on an idle machine for all three; who waits longer has other troubles. */
#define BUNDLE_TIMEOUT_MS 60000
#define PREPARE_TIMEOUT_MS 20000
#define SAVE_TIMEOUT_MS 30000

/* 0: key is that of the test's hot template. The files may be at fault, which the test will tell.
 */
static int make_key(struct session *session, const struct session_env *env,
		    const struct template_key *base, struct template_key *ret_key)
{
	struct ktstr_error error = { 0 };
	const struct bundle *bundle;

	if (!session->group || !env->templates->hot_tests ||
	    atomic_load(&session->group->hot_given_up))
		return -ENOENT;
	bundle = test_group_bundle(session->group, env->initramfs, &error);
	return bundle ? template_key_derive(base, bundle, ret_key, &error) : error.code;
}

static void give_up(struct session *session, const struct session_env *env, const char *what,
		    const char *why)
{
	if (!atomic_exchange(&session->group->hot_given_up, true))
		session_notice(env, "%s: %s; its tests start without it", what, why);
}

void session_lose_hot(struct session *session, const struct session_env *env,
		      const struct template *hot, const struct ktstr_error *why)
{
	const char *name = hot->about.name;
	/* Somebody killed this one QEMU, or the template is of no use to anybody. */
	bool killed = session->vm && vm_killed(session->vm);
	int err = killed ? 0 : template_store_remove(env->templates, name, NULL, NULL);
	char what[64];

	(void)err; /* in use: the next one tells again */
	snprintf(what, sizeof(what), "hot template '%s'%s", name, killed ? "" : " removed");
	give_up(session, env, what, why->text);
}

struct template *session_find_hot(struct session *session, const struct session_env *env,
				  const struct template_key *base)
{
	auto_template_key struct template_key key = { 0 };
	struct template *hot = NULL;
	struct ktstr_error error = { 0 };

	if (make_key(session, env, base, &key) == 0 &&
	    template_open(env->templates->root, &key, &hot, &error) == -EBADMSG &&
	    session->group->count < env->templates->hot_tests)
		/* It is not made anew, so nobody else tells. */
		session_notice(env, "%s; the test starts without it", error.text);
	return hot;
}

/* As session_hear_stop(), but the one who sends does not hear it: what it sends to has to go. */
static void stop_while_sending(void *data, const struct vm_event *event)
{
	struct session *session = data;

	session_hear_stop(session, event);
	if (session->facts->interrupted && vm_qemu_pid(session->vm) > 0)
		kill(vm_qemu_pid(session->vm), SIGKILL);
}

/* Hand the files over and let the binary load, in a copy of base. */
static int fill(struct session *session, const struct session_env *env,
		const struct vm_config *config, struct ktstr_error *error)
{
	const struct bundle_listener sending = { .event = stop_while_sending, .data = session };
	const struct vm_listener listener = { session_hear_stop, session };
	const struct bundle *bundle;
	enum console_notice trouble;
	int err = session_bring_back(session, env, config, error);

	if (err)
		return err;
	bundle = test_group_bundle(session->group, env->initramfs, error);
	err = bundle ? bundle_send(bundle, session->vm, clock_deadline_ms(BUNDLE_TIMEOUT_MS),
				   &sending, error)
		     : error->code;
	if (!err)
		err = vm_prepare(session->vm, session->paths.binary, &config->topology,
				 PREPARE_TIMEOUT_MS, &listener, error);
	if (err)
		return err;
	trouble = console_trouble(vm_console(session->vm), NULL, NULL);
	if (trouble < CONSOLE_STALL)
		return 0;
	return ktstr_error_set(error, -EREMOTEIO, "the guest has had a kernel %s",
			       console_notice_str(trouble));
}

static int derive(struct session *session, const struct session_env *env,
		  const struct vm_config *config, const struct template *base,
		  struct template_draft **draft, struct template **ret_hot,
		  struct ktstr_error *error)
{
	const struct vm_listener listener = { session_hear_stop, session };
	const char *slash = strrchr(session->paths.binary, '/');
	struct template_about about = base->about;
	struct vm_config derived = *config;
	int err;

	snprintf(about.binary, sizeof(about.binary), "%.*s", (int)sizeof(about.binary) - 1,
		 slash + 1);
	derived.start = VM_START_DERIVE;
	derived.ram_fd = template_draft_ram_fd(*draft);
	derived.state_fd = template_draft_state_fd(*draft);
	err = fill(session, env, &derived, error);
	return err ? err
		   : template_draft_finish(draft, session->vm, &about, SAVE_TIMEOUT_MS, &listener,
					   ret_hot, error);
}

struct template *session_make_hot(struct session *session, const struct session_env *env,
				  const struct vm_config *config,
				  const struct template_key *base_key, const struct template *base)
{
	auto_template_draft struct template_draft *draft = NULL;
	auto_template_key struct template_key key = { 0 };
	uint64_t begin_ns = clock_now_ns();
	struct template *hot = NULL;
	struct ktstr_error error = { 0 };
	int err = make_key(session, env, base_key, &key);
	const struct template_request request = {
		.store = env->templates,
		.key = &key,
		.base = base,
		.memory_mib = vm_memory_mib(config),
		.stop_fd = env->stop_fd,
		.notice = env->notice,
		.notice_data = env->notice_data,
	};

	if (err || session->group->count < env->templates->hot_tests)
		return NULL;
	err = template_obtain(&request, &hot, &draft, &error);
	/* Another test makes it: to wait would take as long as to do without. */
	if (hot || err == -EBUSY)
		return hot;
	if (!err)
		err = derive(session, env, config, base, &draft, &hot, &error);
	session_discard(session);
	if (session->facts->interrupted) {
		template_free(hot);
		return NULL;
	}
	session_add_phase(session, "load", begin_ns, clock_now_ns());
	if (err)
		give_up(session, env, "hot template", error.text);
	return hot;
}
