// SPDX-License-Identifier: GPL-2.0-only
/* The VM behind `ktstr shell`: bytes both ways, and how it ends. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "check/json_read.h"
#include "cli/shell_vm.h"
#include "vm/vm.h"
#include "wire/message_json.h"

#define BOOT_TIMEOUT_MS 60000 /* as for tests: src/runner/session.c */
#define BOOT_TIMEOUT_PER_CPU_MS 1000
#define SEND_TIMEOUT_MS 5000
#define POWER_OFF_MS 5000
#define TEXT_MAX_BYTES 65536

struct shell {
	const struct shell_config *config;
	struct vm *vm;
	struct terminal terminal;
	json_int_t id; /* of the SHELL request */
	bool hello, done, ended, cancelled;
	int status;
};

static void shell_release(struct shell *shell)
{
	terminal_restore(&shell->terminal);
	vm_free(shell->vm);
}
#define auto_shell __attribute__((cleanup(shell_release)))

static int take_hello(struct shell *shell, const struct json_place *place,
		      struct ktstr_error *error)
{
	struct json_place topology;
	const char *differs;
	int err = json_place_enter(&topology, json_object_get(place->object, "topology"), error,
				   "HELLO: topology");

	if (err)
		return err;
	shell->hello = true;
	if (json_read_is_null(&topology, "error"))
		return 0;
	err = json_read_text(&topology, "error", TEXT_MAX_BYTES, &differs, error);
	return err ? err
		   : ktstr_error_set(error, -EXDEV, "the guest is not as asked: %.500s", differs);
}

static int take_exited(struct shell *shell, const struct json_place *place,
		       struct ktstr_error *error)
{
	int value, err;

	if (!json_read_is_null(place, "exit_code")) {
		err = json_read_int(place, "exit_code", 0, 255, &value, error);
		if (!err)
			shell->status = value;
		return err;
	}
	err = json_read_int(place, "signal", 1, 64, &value, error);
	if (!err)
		shell->status = 128 + value;
	return err;
}

static int take_failed(const struct json_place *place, struct ktstr_error *error)
{
	const char *text;
	int err = json_read_text(place, "text", TEXT_MAX_BYTES, &text, error);

	return err ? err : ktstr_error_set(error, -EREMOTEIO, "the guest's agent: %.500s", text);
}

static int take_message(struct shell *shell, const struct frame *frame, struct ktstr_error *error)
{
	struct json_place place;
	json_t *json = NULL;
	int err = message_parse(frame, &json, error);

	if (!err)
		err = json_place_enter(&place, json, error, "%s", message_type_str(frame->type));
	if (!err && frame->type == MESSAGE_HELLO)
		err = take_hello(shell, &place, error);
	else if (!err && frame->type == MESSAGE_EXITED)
		err = take_exited(shell, &place, error);
	else if (!err && frame->type == MESSAGE_FAILED)
		err = take_failed(&place, error);
	else if (!err && frame->type == MESSAGE_DONE)
		shell->done = true;
	json_decref(json);
	return err;
}

/* A guest that does not take keys is a full input queue: the terminal rings the bell for it. */
static int take_keys(struct shell *shell, struct ktstr_error *error)
{
	char keys[256];
	ssize_t got = read(STDIN_FILENO, keys, sizeof(keys) - 1);
	size_t size = got > 0 ? (size_t)got : 0;

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (got <= 0 || terminal_filter_keys(&shell->terminal, keys, sizeof(keys), &size)) {
		shell->cancelled = true;
		return 0;
	}
	if (size && vm_tty_write(shell->vm, keys, size) < (long)size)
		return file_write_all(STDOUT_FILENO, "\a", 1)
			       ? ktstr_error_set(error, -EIO, "write to the terminal failed")
			       : 0;
	return 0;
}

static int take_watched(struct shell *shell, int fd, struct ktstr_error *error)
{
	if (fd == shell->config->stop_fd) {
		shell->cancelled = true;
		return 0;
	}
	return take_keys(shell, error);
}

static int take_output(const struct vm_event *event, struct ktstr_error *error)
{
	int err = file_write_all(STDOUT_FILENO, event->data, event->size);

	return err ? ktstr_error_set(error, err, "write to standard output: %s", strerror(-err))
		   : 0;
}

/* Why a VM ended, with what its kernel said about it. */
static int explain_end(struct shell *shell, struct ktstr_error *error)
{
	const char *line = "";

	if (console_trouble(vm_console(shell->vm), &line, NULL) >= CONSOLE_BUG)
		return ktstr_error_set(error, -EPIPE, "the guest crashed: %.500s", line);
	return ktstr_error_set(error, -EPIPE, "the VM ended: %s", vm_end_text(shell->vm));
}

static int handle(struct shell *shell, const struct vm_event *event, struct ktstr_error *error)
{
	switch (event->kind) {
	case VM_EVENT_CTL:
		return take_message(shell, &event->frame, error);
	case VM_EVENT_TTY:
		return take_output(event, error);
	case VM_EVENT_WATCHED:
		return take_watched(shell, event->fd, error);
	case VM_EVENT_BROKEN:
		return ktstr_error_set(error, event->error.code, "%s", event->error.text);
	case VM_EVENT_EXIT:
		shell->ended = true;
		return shell->done ? 0 : explain_end(shell, error);
	case VM_EVENT_LOG:
	case VM_EVENT_CONSOLE:
	case VM_EVENT_QMP:
	case VM_EVENT_MACHINE:
	case VM_EVENT_ANSWER:
	case VM_EVENT_TIMEOUT:
		break;
	}
	return 0;
}

/* Until *condition holds. what is awaited stands in the error when limit_ms passes; 0: no limit. */
static int wait_for(struct shell *shell, const bool *condition, uint64_t limit_ms, const char *what,
		    struct ktstr_error *error)
{
	uint64_t deadline_ns = limit_ms ? clock_deadline_ms(limit_ms) : UINT64_MAX;

	while (!*condition) {
		struct vm_event event;
		int err;

		if (vm_poll(shell->vm, deadline_ns, &event) == VM_EVENT_TIMEOUT)
			return ktstr_error_set(error, -ETIMEDOUT, "%s took longer than %.1f s",
					       what, (double)limit_ms / 1000);
		err = handle(shell, &event, error);
		if (err)
			return err;
		if (shell->cancelled)
			return ktstr_error_set(error, -ECANCELED, "ended by the user");
	}
	return 0;
}

static int boot(struct shell *shell, struct ktstr_error *error)
{
	const struct shell_config *config = shell->config;
	const struct vm_config vm = {
		.topology = config->topology,
		.memory_mib = config->memory_mib,
		.devices = config->devices,
		.qemu = &config->env->qemu,
		.accel = &config->env->accel,
		.kernel = config->env->kernel->boot,
		.initramfs = config->env->initramfs,
		.tty = true,
	};
	uint64_t limit_ms = BOOT_TIMEOUT_MS +
			    BOOT_TIMEOUT_PER_CPU_MS * ktstr_topology_num_cpus(&config->topology);
	int err = vm_boot(&vm, &shell->vm, error);

	if (err)
		return err;
	err = vm_watch(shell->vm, config->stop_fd);
	if (err)
		return ktstr_error_set(error, err, "watch for signals: %s", strerror(-err));
	return wait_for(shell, &shell->hello, limit_ms, "booting the guest", error);
}

static int send_request(struct shell *shell, struct ktstr_error *error)
{
	const char *term = getenv("TERM");
	int rows, columns, err;
	json_t *message;

	terminal_size(STDIN_FILENO, &rows, &columns);
	shell->id = vm_next_id(shell->vm);
	message = json_pack("{s:I, s:s?, s:s, s:i, s:i}", "id", shell->id, "exec",
			    shell->config->command, "term", term ? term : "dumb", "rows", rows,
			    "columns", columns);
	if (!message)
		return ktstr_error_set(error, -EINVAL, "the command or TERM is no UTF-8");
	err = vm_send_json(shell->vm, MESSAGE_SHELL, message, clock_deadline_ms(SEND_TIMEOUT_MS),
			   error);
	json_decref(message);
	return err;
}

static int use_terminal(struct shell *shell, struct ktstr_error *error)
{
	int err = vm_watch(shell->vm, STDIN_FILENO);

	if (err)
		return ktstr_error_set(error, err, "watch the terminal: %s", strerror(-err));
	return terminal_make_raw(&shell->terminal, STDIN_FILENO, error);
}

/* Orderly, so that output still on its way arrives; what does not end in time is killed. */
static int power_off(struct shell *shell, struct ktstr_error *error)
{
	uint64_t deadline_ns = clock_deadline_ms(POWER_OFF_MS);
	json_t *message = json_pack("{s:I}", "id", vm_next_id(shell->vm));
	int err = message ? vm_send_json(shell->vm, MESSAGE_POWER_OFF, message, deadline_ns, NULL)
			  : -ENOMEM;

	json_decref(message);
	while (!err && !shell->ended) {
		struct vm_event event;

		if (vm_poll(shell->vm, deadline_ns, &event) == VM_EVENT_TIMEOUT)
			break;
		err = handle(shell, &event, error);
		if (err)
			return err;
		if (shell->cancelled)
			break;
	}
	return 0;
}

int shell_run(const struct shell_config *config, int *ret_status, struct ktstr_error *error)
{
	auto_shell struct shell shell = { .config = config, .terminal = TERMINAL_NONE };
	int err = boot(&shell, error);

	if (!err && !config->command)
		err = use_terminal(&shell, error);
	if (!err)
		err = send_request(&shell, error);
	if (!err)
		err = wait_for(&shell, &shell.done, config->command ? config->exec_timeout_ms : 0,
			       "the command", error);
	if (!err)
		err = power_off(&shell, error);
	if (!err)
		*ret_status = shell.status;
	return err;
}
