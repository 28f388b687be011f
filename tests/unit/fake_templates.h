/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdlib.h>

#include "vm/prepare.h"
#include "vm/resume.h"
#include "vm/template_draft.h"

/*
 * Templates for tests of sessions: the functions of vm/template*.h, vm/snapshot.h and vm/resume.h
 * are defined here and do as they are told.
 */
static struct fake_templates {
	/* What the next calls come to; zeroes: success, and a template is there. */
	int obtain_err, restore_err, resume_err, save_err, continue_err;
	bool has_none;	   /* template_obtain() gives a draft */
	bool qemu_killed;  /* by a signal, when restoring or making fails */
	bool qemu_gone;	   /* after a failed save */
	bool interrupting; /* restoring hears the user's wish to stop */
	/* Of hot ones, which have a key, a draft and a template of their own. */
	int hot_open_err, hot_obtain_err, prepare_err, hot_save_err;
	bool has_hot; /* template_open() has one */
	bool hot_is_bad; /* it cannot be restored */
	/* What was asked for. */
	unsigned obtained, restored, resumed, saved, continued, given_up, open;
	unsigned prepared, hot_saved;
	char removed[TEMPLATE_NAME_DIGITS + 1];
} fake_templates;

#define FAKE_TEMPLATE_NAME "0123456789abcdef"
#define FAKE_HOT_NAME "fedcba9876543210"

struct template_draft {
	int unused;
};

static int fake_failure(int err, struct ktstr_error *error, const char *text)
{
	return err ? ktstr_error_set(error, err, "%s", text) : 0;
}

static struct template *fake_template(const char *name)
{
	struct template *template = calloc(1, sizeof(*template));

	template->ram_fd = 100;
	template->state_fd = 101;
	snprintf(template->about.name, sizeof(template->about.name), "%s", name);
	snprintf(template->about.kernel, sizeof(template->about.kernel), "7.2.13");
	snprintf(template->about.topology, sizeof(template->about.topology), "1n1l2c1t");
	fake_templates.open++;
	return template;
}

int template_key_make(const struct vm_config *config, struct template_key *ret_key,
		      struct ktstr_error *error)
{
	(void)error;
	assert_int_equal(config->start, VM_START_BOOT);
	*ret_key = (struct template_key){ .name = FAKE_TEMPLATE_NAME };
	return 0;
}

void template_key_release(struct template_key *key)
{
	(void)key;
}

int template_obtain(const struct template_request *request, struct template **ret_template,
		    struct template_draft **ret_draft, struct ktstr_error *error)
{
	static struct template_draft draft;

	assert_int_equal(request->memory_mib, 1024);
	if (strcmp(request->key->name, FAKE_HOT_NAME) == 0) {
		/* Derived from the other, and not worth any wait. */
		assert_string_equal(request->base->about.name, FAKE_TEMPLATE_NAME);
		assert_int_equal(request->wait_ms, 0);
		if (fake_templates.hot_obtain_err)
			return fake_failure(fake_templates.hot_obtain_err, error, "obtaining failed");
		*ret_draft = &draft;
		fake_templates.open++;
		return 0;
	}
	assert_string_equal(request->key->name, FAKE_TEMPLATE_NAME);
	assert_null(request->base);
	fake_templates.obtained++;
	if (fake_templates.obtain_err)
		return fake_failure(fake_templates.obtain_err, error, "obtaining failed");
	if (fake_templates.has_none)
		*ret_draft = &draft;
	else
		*ret_template = fake_template(FAKE_TEMPLATE_NAME);
	fake_templates.open += fake_templates.has_none;
	return 0;
}

void template_free(struct template *template)
{
	fake_templates.open -= template != NULL;
	free(template);
}

void template_draft_free(struct template_draft *draft)
{
	fake_templates.open -= draft != NULL;
}

int template_draft_ram_fd(const struct template_draft *draft)
{
	(void)draft;
	return 110;
}

int template_draft_state_fd(const struct template_draft *draft)
{
	(void)draft;
	return 111;
}

int template_draft_finish(struct template_draft **draft, struct vm *vm,
			  const struct template_about *about, uint64_t limit_ms,
			  const struct vm_listener *listener, struct template **ret_template,
			  struct ktstr_error *error)
{
	(void)vm;
	(void)listener;
	assert_true(limit_ms > 0);
	assert_string_equal(about->topology, "1n1l2c1t");
	*draft = NULL;
	fake_templates.open--;
	if (about->binary[0]) {
		assert_string_equal(about->binary, "demo");
		fake_templates.hot_saved++;
		if (!fake_templates.hot_save_err)
			*ret_template = fake_template(FAKE_HOT_NAME);
		return fake_failure(fake_templates.hot_save_err, error, "saving failed");
	}
	fake_templates.saved++;
	if (fake_templates.save_err)
		return fake_failure(fake_templates.save_err, error, "saving failed");
	*ret_template = fake_template(FAKE_TEMPLATE_NAME);
	return 0;
}

int template_key_derive(const struct template_key *base, const struct bundle *bundle,
			struct template_key *ret_key, struct ktstr_error *error)
{
	(void)error;
	assert_string_equal(base->name, FAKE_TEMPLATE_NAME);
	assert_non_null(bundle);
	*ret_key = (struct template_key){ .name = FAKE_HOT_NAME };
	return 0;
}

int template_open(int root, const struct template_key *key, struct template **ret_template,
		  struct ktstr_error *error)
{
	(void)root;
	assert_string_equal(key->name, FAKE_HOT_NAME);
	if (fake_templates.has_hot && !fake_templates.hot_open_err) {
		*ret_template = fake_template(FAKE_HOT_NAME);
		return 0;
	}
	return ktstr_error_set(error, fake_templates.hot_open_err ? fake_templates.hot_open_err : -ENOENT,
			       "opening failed");
}

int template_store_remove(const struct template_store *store, const char *name,
			  char ret_name[TEMPLATE_NAME_DIGITS + 1], struct ktstr_error *error)
{
	(void)store;
	(void)error;
	assert_null(ret_name);
	snprintf(fake_templates.removed, sizeof(fake_templates.removed), "%s", name);
	return 0;
}

int vm_prepare(struct vm *vm, const char *binary, const struct ktstr_topology *topology,
	       uint64_t limit_ms, const struct vm_listener *listener, struct ktstr_error *error)
{
	(void)vm;
	(void)listener;
	assert_string_equal(binary, "/ktstr/bin/demo");
	assert_int_equal(topology->cores, 2);
	assert_true(limit_ms > 0);
	fake_templates.prepared++;
	return fake_failure(fake_templates.prepare_err, error, "preparing failed");
}

bool template_store_give_up(struct template_store *store, const char *name)
{
	(void)store;
	fake_templates.given_up++;
	if (name)
		snprintf(fake_templates.removed, sizeof(fake_templates.removed), "%s", name);
	return fake_templates.given_up == 1;
}

bool template_store_given_up(const struct template_store *store)
{
	(void)store;
	return fake_templates.given_up > 0;
}

int vm_restore(struct vm *vm, uint64_t limit_ms, const struct vm_listener *listener,
	       struct ktstr_error *error)
{
	const struct vm_event stop = { .kind = VM_EVENT_WATCHED };

	(void)vm;
	assert_true(limit_ms > 0);
	fake_templates.restored++;
	if (fake_templates.hot_is_bad && fake_templates.restored == 1)
		return fake_failure(-EPIPE, error, "restoring failed");
	if (fake_templates.interrupting) {
		listener->event(listener->data, &stop);
		return fake_failure(-EINTR, error, "interrupted");
	}
	return fake_failure(fake_templates.restore_err, error, "restoring failed");
}

int vm_resume_init(struct vm_resume *ret_resume, struct ktstr_error *error)
{
	(void)error;
	*ret_resume = (struct vm_resume){ 0 };
	return 0;
}

int vm_resume(struct vm *vm, const struct vm_resume *resume, uint64_t limit_ms,
	      const struct vm_listener *listener, uint64_t *ret_uptime_us,
	      struct ktstr_error *error)
{
	(void)vm;
	(void)listener;
	(void)ret_uptime_us;
	assert_true(limit_ms > 0);
	assert_int_equal(resume->realtime_ns, 0); /* that of the sending */
	fake_templates.resumed++;
	return fake_failure(fake_templates.resume_err, error, "resuming failed");
}

int vm_continue(struct vm *vm, uint64_t limit_ms, const struct vm_listener *listener,
		struct ktstr_error *error)
{
	(void)vm;
	(void)listener;
	assert_true(limit_ms > 0);
	fake_templates.continued++;
	return fake_failure(fake_templates.continue_err, error, "continuing failed");
}

bool vm_killed(const struct vm *vm)
{
	(void)vm;
	return fake_templates.qemu_killed;
}
