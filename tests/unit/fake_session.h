/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/*
 * Sessions against a VM that is a script: the functions of vm.h and bundle.h are defined here and
 * play back events. What a real QEMU does is for tests/vm.
 */
#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "runner/session.h"
#include "wire/message_json.h"

#include "unit.h"

#include "fake_templates.h"

/* What the VM does next. Events up to the next WAIT come before the deadline of a wait. */
struct line {
	enum { END, CTL, LOG, CONSOLE, QMP, BROKEN, STOP, QEMU_EXIT, SILENCE } what;
	enum message_type type;
	const char *text; /* payload; "$RUN" in it becomes the id of the RUN request */
};

#define HELLO                                                                                 \
	{ CTL, MESSAGE_HELLO, "{\"protocol\": 1, \"kernel\": \"7.2.13\", \"uptime_us\": 900000, " \
			      "\"phases\": [{\"name\": \"init\", \"at_us\": 700000}], "      \
			      "\"topology\": {\"asked\": \"1n1l2c1t\", \"error\": null}}" }
#define DONE { CTL, MESSAGE_DONE, "{\"id\": 2}" }
#define EXITED(code) { CTL, MESSAGE_EXITED, "{\"id\": 2, \"exit_code\": " code ", \"signal\": null}" }
#define PASSED \
	{ CTL, MESSAGE_RESULT, "{\"outcome\": \"pass\", \"entries\": [], \"notes\": [], " \
			       "\"stats\": {\"cgroups\": []}}" }
#define SHUTDOWN_BY_GUEST { QMP, 0, "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true}}" }

struct vm {
	const struct line *next;
	json_int_t last_id;
	bool ended;
	struct console *console;
	struct vm_times times;
	json_t *json;
	unsigned sent_run, sent_power_off;
	char run_text[2048];
};

static struct vm the_vm;
static const struct line *script, *second_script; /* of the next VM, and of the one after it */
static unsigned vms_alive;
static char starts[8]; /* of each VM: b(oot), d(raft), r(estore), derive a h(ot one) */

int vm_boot(const struct vm_config *config, struct vm **ret_vm, struct ktstr_error *error)
{
	if (!script)
		return ktstr_error_set(error, -ENOENT, "no QEMU here");
	assert_int_equal(config->topology.cores, 2);
	assert_int_equal(vms_alive, 0);
	if (strlen(starts) + 1 < sizeof(starts))
		starts[strlen(starts)] = "bdrh"[config->start];
	if (config->start != VM_START_BOOT)
		assert_int_equal(config->state_fd - config->ram_fd, 1);
	the_vm = (struct vm){ .next = script, .console = console_new() };
	the_vm.times.begin_ns = clock_now_ns();
	the_vm.times.machine_ns = the_vm.times.begin_ns + 1;
	the_vm.times.restored_ns = the_vm.times.begin_ns + 1;
	if (second_script)
		script = second_script;
	vms_alive++;
	*ret_vm = &the_vm;
	return 0;
}

void vm_free(struct vm *vm)
{
	if (!vm)
		return;
	console_free(vm->console);
	json_decref(vm->json);
	vms_alive--;
}

enum vm_event_kind vm_poll(struct vm *vm, uint64_t deadline_ns, struct vm_event *event)
{
	const struct line *line = vm->next;

	(void)deadline_ns; /* SILENCE stands for time passing */
	*event = (struct vm_event){ .kind = VM_EVENT_TIMEOUT };
	if (vm->ended) {
		event->kind = VM_EVENT_EXIT;
		return event->kind;
	}
	if (line->what == END)
		return event->kind;
	vm->next++;
	switch (line->what) {
	case CTL:
	case LOG:
		event->kind = line->what == CTL ? VM_EVENT_CTL : VM_EVENT_LOG;
		event->frame = (struct frame){ .type = line->type, .payload = (const uint8_t *)line->text,
					       .length = strlen(line->text) };
		break;
	case CONSOLE: {
		const char *at = line->text;

		console_feed(vm->console, at, strlen(at), &event->line);
		event->kind = VM_EVENT_CONSOLE;
		break;
	}
	case QMP:
		json_decref(vm->json);
		vm->json = json_loads(line->text, 0, NULL);
		event->json = vm->json;
		event->kind = VM_EVENT_QMP;
		break;
	case BROKEN:
		ktstr_error_set(&event->error, -EBADMSG, "%s", line->text);
		event->kind = VM_EVENT_BROKEN;
		break;
	case STOP:
		vm->next--; /* the descriptor stays readable */
		event->kind = VM_EVENT_WATCHED;
		break;
	case QEMU_EXIT:
		vm->ended = true;
		event->kind = VM_EVENT_EXIT;
		break;
	case SILENCE:
	case END:
		break;
	}
	return event->kind;
}

int vm_watch(struct vm *vm, int fd)
{
	(void)vm;
	(void)fd;
	return 0;
}

int vm_send_json(struct vm *vm, enum message_type type, const json_t *payload, uint64_t deadline_ns,
		 struct ktstr_error *error)
{
	char *text;

	(void)deadline_ns;
	if (vm->ended)
		return ktstr_error_set(error, -EPIPE, "QEMU is gone");
	vm->sent_run += type == MESSAGE_RUN;
	vm->sent_power_off += type == MESSAGE_POWER_OFF;
	if (type == MESSAGE_RUN) {
		text = json_dumps(payload, JSON_SORT_KEYS | JSON_COMPACT);
		snprintf(vm->run_text, sizeof(vm->run_text), "%s", text);
		free(text);
	}
	return 0;
}

json_int_t vm_next_id(struct vm *vm)
{
	return ++vm->last_id;
}

struct console *vm_console(struct vm *vm)
{
	return vm->console;
}

pid_t vm_qemu_pid(const struct vm *vm)
{
	(void)vm;
	return fake_templates.qemu_gone ? 0 : 1;
}

const char *vm_end_text(struct vm *vm)
{
	(void)vm;
	return "QEMU was killed by signal 9";
}

const struct vm_times *vm_times(const struct vm *vm)
{
	return &vm->times;
}

struct bundle {
	int unused;
};

static struct bundle the_bundle;
static bool bundle_takes_too_long;
static unsigned bundles_sent;

int bundle_new(const struct initramfs *initramfs, struct bundle **ret_bundle, struct ktstr_error *error)
{
	(void)initramfs;
	(void)error;
	*ret_bundle = &the_bundle;
	return 0;
}

void bundle_free(struct bundle *bundle)
{
	(void)bundle;
}

int bundle_add_program(struct bundle *bundle, const char *host_path, const char *guest_path,
		       struct ktstr_error *error)
{
	(void)bundle;
	(void)error;
	assert_string_equal(host_path, "/home/dev/demo");
	assert_string_equal(guest_path, "/ktstr/bin/demo");
	return 0;
}

int bundle_add_file(struct bundle *bundle, const char *host_path, const char *guest_path,
		    struct ktstr_error *error)
{
	(void)bundle;
	(void)error;
	assert_string_equal(host_path, "/home/dev/s.bpf.o");
	assert_string_equal(guest_path, "/ktstr/sched/s.bpf.o");
	return 0;
}

int bundle_send(const struct bundle *bundle, struct vm *vm, uint64_t deadline_ns,
		const struct bundle_listener *listener, struct ktstr_error *error)
{
	(void)bundle;
	(void)deadline_ns;
	(void)listener;
	if (bundle_takes_too_long)
		return ktstr_error_set(error, -ETIMEDOUT, "too long");
	bundles_sent++;
	vm->last_id = 1; /* one file */
	return vm->ended ? ktstr_error_set(error, -EPIPE, "gone") : 0;
}

static struct binary_scheduler scheduler = { .name = (char *)"s", .bpf_object = (char *)"s.bpf.o" };
static struct binary_test test = { .name = (char *)"t", .scheduler = &scheduler };
static struct test_binary binary = { .path = (char *)"/home/dev/demo" };
static struct test_plan plan = {
	.test = &test, .binary = &binary, .topology = { 1, 1, 2, 1 }, .duration_ms = 700,
	.timeout_ms = 5000, .workers_per_cgroup = 3, .bpf_object = "/home/dev/s.bpf.o",
	.check = { .max_gap_ms = 9 },
};
