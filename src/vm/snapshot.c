// SPDX-License-Identifier: GPL-2.0-only
/*
 * Saving and restoring by QEMU's migration to and from a file. With x-ignore-shared it leaves out
 * memory that is a shared mapping of a named file, which makes 150 KiB of device state out of a
 * GiB; a name below /proc/self/fd will do.
 */
#include <errno.h>

#include "base/clock.h"
#include "vm/snapshot.h"
#include "vm/vm_private.h"
#include "vm/vm_wait.h"

/* A guest at rest takes 1 to 2 % of a CPU; measured 100 ms until it is. */
#define REST_WINDOW_MS 25
#define REST_SHARE_NS (REST_WINDOW_MS * NS_PER_MS / 10)
#define REST_LIMIT_MS 1000

/* The state's file, as QEMU opens it. */
static json_t *uri(const struct vm *vm)
{
	return json_pack("{s:o}", "uri", json_sprintf("file:/proc/self/fd/%d", vm->state_fd));
}

static int set_capabilities(const struct vm_wait *wait, struct ktstr_error *error)
{
	/* Events, so that there is something to wait for. */
	json_t *list = json_pack("{s:[{s:s, s:b}, {s:s, s:b}]}", "capabilities", "capability",
				 "x-ignore-shared", "state", 1, "capability", "events", "state", 1);

	return vm_wait_execute(wait, "migrate-set-capabilities", list, NULL, error);
}

/* The end of a migration may be told before the command that began it is answered. */
struct migration {
	struct qmp *qmp;
	bool answered, ended, completed;
};

/* {"event": "MIGRATION", "data": {"status": "completed"}} */
static bool take_status(struct migration *migration, const json_t *json)
{
	const char *name = json_string_value(json_object_get(json, "event"));
	const char *status = json_string_value(
		json_object_get(json_object_get(json, "data"), "status"));

	if (!name || !status || strcmp(name, "MIGRATION") != 0)
		return false;
	migration->completed = strcmp(status, "completed") == 0;
	migration->ended = migration->completed || strcmp(status, "failed") == 0;
	return true;
}

static int is_migration_over(void *data, const struct vm_event *event, struct ktstr_error *error)
{
	struct migration *migration = data;

	if (event->kind == VM_EVENT_ANSWER) {
		int err = qmp_answer_take(migration->qmp, NULL, error);

		if (err)
			return err;
		migration->answered = true;
	} else if (event->kind == VM_EVENT_QMP) {
		take_status(migration, event->json);
	}
	return migration->answered && migration->ended;
}

static int ask_why(const struct vm_wait *wait, struct ktstr_error *error)
{
	json_t *info = NULL;
	const char *why = NULL;
	int err = vm_wait_execute(wait, "query-migrate", NULL, &info, error);

	if (err)
		return err;
	why = json_string_value(json_object_get(info, "error-desc"));
	err = ktstr_error_set(error, -EREMOTEIO, "%s: %.300s", wait->purpose,
			      why ? why : "QEMU gives no reason");
	json_decref(info);
	return err;
}

static int migrate(const struct vm_wait *wait, const char *command, struct ktstr_error *error)
{
	struct migration migration = { .qmp = vm_qmp(wait->vm) };
	json_t *arguments;
	int err = vm_wait_until(wait, NULL, NULL, error);

	if (!err)
		err = set_capabilities(wait, error);
	if (err)
		return err;
	arguments = uri(wait->vm);
	err = qmp_submit(migration.qmp, command, arguments, wait->deadline_ns, error);
	json_decref(arguments);
	if (err && err != -EPIPE)
		return ktstr_error_wrap(error, err, "%s", wait->purpose);
	err = vm_wait_until(wait, is_migration_over, &migration, error);
	return err || migration.completed ? err : ask_why(wait, error);
}

static int is_none(void *data, const struct vm_event *event, struct ktstr_error *error)
{
	(void)data;
	(void)event;
	(void)error;
	return 0;
}

static uint64_t qemu_cpu_ns(struct vm *vm)
{
	struct timespec used = { 0 };
	clockid_t clock;

	if (clock_getcpuclockid(vm_qemu_pid(vm), &clock) == 0)
		clock_gettime(clock, &used);
	return (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
}

/*
 * A guest that has just booted still tidies up, and each copy would go on with that. Wait until
 * there is little of it, but not for a guest that is never at rest.
 */
static int await_rest(const struct vm_wait *wait, struct ktstr_error *error)
{
	uint64_t limit_ns = clock_deadline_ms(REST_LIMIT_MS), before_ns, used_ns;
	struct vm_wait window = *wait;

	used_ns = qemu_cpu_ns(wait->vm);
	do {
		struct ktstr_error why = { 0 };
		int err;

		window.deadline_ns = clock_deadline_ms(REST_WINDOW_MS);
		err = vm_wait_until(&window, is_none, NULL, &why);
		if (err != -ETIMEDOUT)
			return ktstr_error_set(error, err, "%s", why.text);
		before_ns = used_ns;
		used_ns = qemu_cpu_ns(wait->vm);
	} while (used_ns - before_ns > REST_SHARE_NS && clock_now_ns() < limit_ns);
	return 0;
}

static int await_end(const struct vm_wait *wait, struct ktstr_error *error)
{
	struct vm_event event;

	do {
		/* Nothing that a guest at rest could still say matters. */
		if (vm_poll(wait->vm, wait->deadline_ns, &event) == VM_EVENT_TIMEOUT)
			return ktstr_error_set(error, -ETIMEDOUT, "%s: QEMU does not end",
					       wait->purpose);
	} while (event.kind != VM_EVENT_EXIT);
	if (wait->vm->end.signaled || wait->vm->end.value)
		return ktstr_error_set(error, -EPIPE, "%s: %s", wait->purpose,
				       vm_end_text(wait->vm));
	return 0;
}

int vm_save(struct vm *vm, uint64_t limit_ms, const struct vm_listener *listener,
	    struct ktstr_error *error)
{
	struct vm_wait wait = vm_wait_begin(vm, "save VM", limit_ms, listener);
	int err = vm_wait_until(&wait, NULL, NULL, error);

	if (!err)
		err = await_rest(&wait, error);
	if (!err)
		err = vm_wait_execute(&wait, "stop", NULL, NULL, error);
	if (!err)
		err = migrate(&wait, "migrate", error);
	if (!err)
		err = vm_wait_execute(&wait, "quit", NULL, NULL, error);
	return err ? err : await_end(&wait, error);
}

int vm_continue(struct vm *vm, uint64_t limit_ms, const struct vm_listener *listener,
		struct ktstr_error *error)
{
	struct vm_wait wait = vm_wait_begin(vm, "continue VM", limit_ms, listener);

	return vm_wait_execute(&wait, "cont", NULL, NULL, error);
}

int vm_restore(struct vm *vm, uint64_t limit_ms, const struct vm_listener *listener,
	       struct ktstr_error *error)
{
	struct vm_wait wait = vm_wait_begin(vm, "restore VM", limit_ms, listener);
	int err = migrate(&wait, "migrate-incoming", error);

	if (!err)
		err = vm_wait_execute(&wait, "cont", NULL, NULL, error);
	if (!err)
		vm->times.restored_ns = clock_now_ns();
	return err;
}
