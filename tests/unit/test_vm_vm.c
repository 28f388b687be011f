// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VM's host side against a QEMU of our own: this program, started through a link whose name
 * says which part it plays. It finds its channels in its arguments, as QEMU does.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "unit.h"
#include "vm/bundle.h"
#include "vm/vm.h"
#include "wire/message_json.h"

#define WAIT_MS 5000

/* --- the parts --- */

static int channel(char **argv, const char *id)
{
	char prefix[32];

	snprintf(prefix, sizeof(prefix), "socket,id=%s,fd=", id);
	for (int i = 0; argv[i]; i++)
		if (strncmp(argv[i], prefix, strlen(prefix)) == 0)
			return (int)strtol(argv[i] + strlen(prefix), NULL, 10);
	_exit(90);
}

static void say(int fd, const char *text)
{
	if (file_write_all(fd, text, strlen(text)))
		_exit(91);
}

static void send_part(int fd, enum message_type type, const char *text)
{
	if (frame_write(fd, type, text, strlen(text), clock_deadline_ms(WAIT_MS), NULL))
		_exit(92);
}

static void complain(char **argv)
{
	(void)argv;
	say(STDERR_FILENO, "qemu-system-x86_64: warning: something odd\n");
	say(STDERR_FILENO, "qemu-system-x86_64: cannot set up guest memory 'mem0'\n");
	_exit(1);
}

static void die(char **argv)
{
	(void)argv;
	kill(getpid(), SIGKILL);
}

static void hang(char **argv)
{
	(void)argv;
	for (;;)
		pause();
}

static void greet(int qmp)
{
	char request[256];

	say(qmp, "{\"QMP\": {}}\r\n");
	if (read(qmp, request, sizeof(request)) <= 0)
		_exit(93);
	say(qmp, "{\"return\": {}, \"id\": 0}\r\n");
}

/* All channels at once, the death last: as a panic with panic=-1 looks from outside. */
static void panic(char **argv)
{
	int qmp = channel(argv, "qmp");

	greet(qmp);
	send_part(channel(argv, "ctl"), MESSAGE_HELLO, "{\"protocol\": 1}");
	send_part(channel(argv, "log"), MESSAGE_LOG_TEST, "a line of the test\n");
	say(channel(argv, "console"), "[    1.0] fine\r\n[    2.0] Oops: Oops: 0002 [#1] SMP\r\n");
	say(channel(argv, "console"),
	    "[    2.1] Kernel panic - not syncing: Fatal exception\r\nrest");
	say(qmp, "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": "
		 "\"guest-reset\"}}\n");
	_exit(0);
}

static void babble(char **argv)
{
	say(channel(argv, "ctl"), "this is no frame, whatever it looks like");
	say(channel(argv, "qmp"), "nor is this QMP\n");
	send_part(channel(argv, "log"), MESSAGE_LOG_TEST, "still there");
	hang(argv);
}

static void cut_short(char **argv)
{
	const uint32_t header[] = { FRAME_MAGIC, MESSAGE_EVENT, 100, 0 };

	if (file_write_all(channel(argv, "ctl"), header, sizeof(header)))
		_exit(94);
	_exit(0);
}

static void flood(char **argv)
{
	char text[65536];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\n';
	for (;;)
		if (file_write_all(channel(argv, "console"), text, sizeof(text)))
			_exit(95);
}

/* An agent that takes files: counts them, checks sizes, refuses the one called "bad". */
static void receive(char **argv, bool confirm)
{
	int ctl = channel(argv, "ctl"), flags = fcntl(ctl, F_GETFL);
	struct frame_reader *reader;
	json_int_t id = 0, left = 0;
	bool bad = false;

	fcntl(ctl, F_SETFL, flags & ~O_NONBLOCK);
	if (frame_reader_new(&reader, NULL))
		_exit(96);
	for (;;) {
		struct frame frame;
		int got = frame_reader_next(reader, &frame, NULL);
		char reply[64];
		json_t *file;

		if (got < 0)
			_exit(97);
		if (got == 0) {
			if (frame_reader_fill(reader, ctl) <= 0)
				_exit(0);
			continue;
		}
		if (frame.type == MESSAGE_FILE) {
			if (left || message_parse(&frame, &file, NULL))
				_exit(98);
			id = json_integer_value(json_object_get(file, "id"));
			left = json_integer_value(json_object_get(file, "size"));
			bad = strcmp(json_string_value(json_object_get(file, "path")), "/bad") == 0;
			json_decref(file);
		} else if (frame.type == MESSAGE_LINK) {
			if (left || message_parse(&frame, &file, NULL) ||
			    strcmp(json_string_value(json_object_get(file, "target")), "/init") != 0)
				_exit(98);
			id = json_integer_value(json_object_get(file, "id"));
			bad = false;
			json_decref(file);
		} else {
			left -= (json_int_t)frame.length;
		}
		if (left < 0)
			_exit(99);
		if (left || !confirm)
			continue;
		send_part(ctl, MESSAGE_EVENT, "{\"name\": \"got one\"}");
		snprintf(reply, sizeof(reply), "{\"id\": %lld%s}", (long long)id,
			 bad ? ", \"text\": \"disk full\"" : "");
		send_part(ctl, bad ? MESSAGE_FAILED : MESSAGE_DONE, reply);
	}
}

static void take_files(char **argv)
{
	receive(argv, true);
}

static void take_files_silently(char **argv)
{
	receive(argv, false);
}

/* Echo the terminal. */
static void echo(char **argv)
{
	int tty = channel(argv, "tty");
	char text[256];
	ssize_t got;

	while ((got = read(tty, text, sizeof(text))) > 0)
		if (file_write_all(tty, text, (size_t)got))
			break;
	_exit(0);
}

static const struct {
	const char *name;
	void (*play)(char **argv);
} parts[] = {
	{ "complain", complain },     { "die", die },         { "hang", hang },
	{ "panic", panic },           { "babble", babble },   { "cut_short", cut_short },
	{ "flood", flood },           { "echo", echo },       { "take_files", take_files },
	{ "take_files_silently", take_files_silently },
};

/* --- the tests --- */

struct stage {
	char dir[32], qemu_path[64], kernel[64];
	struct qemu qemu;
	struct accel accel;
	struct initramfs *initramfs;
	struct vm_config config;
	struct vm *vm;
	struct bundle *bundle;
};

static int setup(void **state)
{
	const struct initramfs_config initramfs = { .agent = "/proc/self/exe" };
	struct stage *stage = calloc(1, sizeof(*stage));
	char self[256] = "";
	int fd;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return -1;
	snprintf(stage->dir, sizeof(stage->dir), "/tmp/vm-vm-XXXXXX");
	if (!mkdtemp(stage->dir) || initramfs_build(&initramfs, &stage->initramfs, NULL))
		return -1;
	for (size_t i = 0; i < COUNT(parts); i++) {
		snprintf(stage->qemu_path, sizeof(stage->qemu_path), "%s/%s", stage->dir,
			 parts[i].name);
		if (symlink(self, stage->qemu_path) < 0)
			return -1;
	}
	snprintf(stage->kernel, sizeof(stage->kernel), "%s/vmlinuz", stage->dir);
	fd = open(stage->kernel, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return -1;
	close(fd);
	stage->qemu = (struct qemu){ .path = stage->qemu_path, .major = 10 };
	stage->accel = (struct accel){ .kind = ACCEL_TCG, .parallel = true };
	stage->config = (struct vm_config){ .topology = { 1, 1, 2, 1 }, .qemu = &stage->qemu,
					    .accel = &stage->accel, .kernel = stage->kernel,
					    .initramfs = stage->initramfs };
	*state = stage;
	return 0;
}

/* Also checks what every path must hold: no QEMU is left. */
static int teardown(void **state)
{
	struct stage *stage = *state;
	char command[64];
	int err;

	vm_free(stage->vm);
	err = waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : -1;
	bundle_free(stage->bundle);
	initramfs_free(stage->initramfs);
	snprintf(command, sizeof(command), "rm -r %s", stage->dir);
	if (system(command))
		err = -1;
	free(stage);
	return err;
}

static void boot(struct stage *stage, const char *part)
{
	struct ktstr_error error = { 0 };

	snprintf(stage->qemu_path, sizeof(stage->qemu_path), "%s/%s", stage->dir, part);
	if (vm_boot(&stage->config, &stage->vm, &error))
		fail_msg("%s", error.text);
}

/* The next event of this kind; others are passed over. */
static void expect(struct stage *stage, enum vm_event_kind kind, struct vm_event *event)
{
	uint64_t deadline_ns = clock_deadline_ms(WAIT_MS);
	enum vm_event_kind got;

	do
		got = vm_poll(stage->vm, deadline_ns, event);
	while (got != kind && got != VM_EVENT_TIMEOUT && got != VM_EVENT_EXIT);
	assert_int_equal(got, kind);
}

static void vm_boot_names_what_is_missing(void **state)
{
	struct stage *stage = *state;
	struct ktstr_error error = { 0 };
	const char *const args[] = { "console=hvc0" };

	snprintf(stage->qemu_path, sizeof(stage->qemu_path), "/nowhere/qemu");
	assert_int_equal(vm_boot(&stage->config, &stage->vm, &error), -ENOENT);
	assert_contains(error.text, "'/nowhere/qemu' not found: install qemu-system-x86, or run "
				    "scripts/setup");
	stage->config.kernel = "/nowhere/vmlinuz";
	assert_int_equal(vm_boot(&stage->config, &stage->vm, &error), -ENOENT);
	assert_contains(error.text, "kernel '/nowhere/vmlinuz'");
	stage->config.kernel = stage->kernel;
	stage->config.kernel_args = args;
	stage->config.kernel_args_count = 1;
	assert_int_equal(vm_boot(&stage->config, &stage->vm, &error), -EINVAL);
	assert_contains(error.text, "console");
	stage->config.topology.llcs = 0;
	assert_int_equal(vm_boot(&stage->config, &stage->vm, &error), -EINVAL);
	assert_null(stage->vm);
}

static void vm_poll_reports_an_early_end_with_qemus_words(void **state)
{
	struct stage *stage = *state;
	struct vm_event event;

	boot(stage, "complain");
	assert_string_equal(vm_end_text(stage->vm), "QEMU is running");
	expect(stage, VM_EVENT_EXIT, &event);
	assert_string_equal(vm_end_text(stage->vm),
			    "QEMU ended with exit code 1: qemu-system-x86_64: "
			    "cannot set up guest memory 'mem0'");
	assert_false(vm_powered_off(stage->vm));
	assert_int_equal(vm_poll(stage->vm, 0, &event), VM_EVENT_EXIT);
	vm_free(stage->vm);

	boot(stage, "die");
	expect(stage, VM_EVENT_EXIT, &event);
	assert_string_equal(vm_end_text(stage->vm), "QEMU was killed by signal 9");
	assert_int_equal(vm_qemu_pid(stage->vm), 0);
}

static void vm_poll_returns_at_the_deadline(void **state)
{
	struct stage *stage = *state;
	struct vm_event event;
	uint64_t begin_ns;

	boot(stage, "hang");
	begin_ns = clock_now_ns();
	assert_int_equal(vm_poll(stage->vm, clock_deadline_ms(20), &event), VM_EVENT_TIMEOUT);
	assert_true(clock_now_ns() - begin_ns >= 20 * NS_PER_MS);
	assert_int_equal(vm_poll(stage->vm, 0, &event), VM_EVENT_TIMEOUT);
	assert_true(vm_qemu_pid(stage->vm) > 0);
}

/* Whatever order they come in, all of it is there before the end is. */
static void vm_poll_delivers_everything_before_the_end(void **state)
{
	struct stage *stage = *state;
	unsigned seen[VM_EVENT_EXIT + 1] = { 0 }, oopses = 0;
	uint64_t deadline_ns = clock_deadline_ms(WAIT_MS);
	const char *line, *text;
	struct vm_event event;

	boot(stage, "panic");
	do {
		seen[vm_poll(stage->vm, deadline_ns, &event)]++;
		oopses += event.kind == VM_EVENT_CONSOLE && event.notice == CONSOLE_OOPS;
	} while (event.kind != VM_EVENT_EXIT && event.kind != VM_EVENT_TIMEOUT);
	assert_int_equal(seen[VM_EVENT_TIMEOUT], 0);
	assert_int_equal(seen[VM_EVENT_CTL], 1);
	assert_int_equal(seen[VM_EVENT_LOG], 1);
	assert_int_equal(seen[VM_EVENT_CONSOLE], 3);
	assert_int_equal(seen[VM_EVENT_QMP], 1);
	assert_int_equal(oopses, 1);
	assert_int_equal(console_trouble(vm_console(stage->vm), &line, &text), CONSOLE_PANIC);
	assert_string_equal(line, "[    2.1] Kernel panic - not syncing: Fatal exception");
	assert_contains(text, "Oops: 0002");
	assert_contains(console_tail(vm_console(stage->vm), 1), "rest");
	assert_string_equal(vm_end_text(stage->vm), "the guest reset itself");
	assert_true(vm_times(stage->vm)->machine_ns >= vm_times(stage->vm)->started_ns);
	assert_true(vm_times(stage->vm)->first_frame_ns > 0);
	assert_true(vm_times(stage->vm)->end_ns > 0);
}

static void vm_poll_closes_what_talks_nonsense(void **state)
{
	struct stage *stage = *state;
	struct ktstr_error error = { 0 };
	char texts[2048] = "";
	struct vm_event event;

	boot(stage, "babble");
	for (int i = 0; i < 2; i++) {
		expect(stage, VM_EVENT_BROKEN, &event);
		strncat(texts, event.error.text, sizeof(texts) - strlen(texts) - 1);
	}
	assert_contains(texts, "port 'ktstr.ctl'");
	assert_contains(texts, "QMP: ");
	assert_int_equal(vm_send(stage->vm, MESSAGE_RUN, "{}", 2, clock_deadline_ms(WAIT_MS),
				 &error),
			 -EPIPE);
	vm_free(stage->vm);

	boot(stage, "cut_short");
	expect(stage, VM_EVENT_BROKEN, &event);
	assert_contains(event.error.text, "in the middle of a frame (16 bytes)");
	expect(stage, VM_EVENT_EXIT, &event);
}

static void vm_poll_is_not_held_by_a_flood(void **state)
{
	struct stage *stage = *state;
	uint64_t deadline_ns = clock_deadline_ms(30);
	struct vm_event event;
	size_t late = 0;

	boot(stage, "flood");
	while (vm_poll(stage->vm, deadline_ns, &event) == VM_EVENT_CONSOLE)
		late += clock_now_ns() > deadline_ns;
	assert_int_equal(event.kind, VM_EVENT_TIMEOUT);
	assert_true(late < 16); /* one read's worth of lines */
}

static void vm_poll_watches_the_callers_descriptors(void **state)
{
	struct stage *stage = *state;
	struct vm_event event;
	int ends[2];

	boot(stage, "hang");
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(vm_watch(stage->vm, ends[0]), 0);
	assert_int_equal(vm_poll(stage->vm, 0, &event), VM_EVENT_TIMEOUT);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(vm_poll(stage->vm, clock_deadline_ms(WAIT_MS), &event), VM_EVENT_WATCHED);
	assert_int_equal(event.fd, ends[0]);
	for (int i = 1; i < VM_WATCHED_MAX; i++)
		assert_int_equal(vm_watch(stage->vm, ends[1]), 0);
	assert_int_equal(vm_watch(stage->vm, ends[1]), -ENOSPC);
	close(ends[0]);
	close(ends[1]);
}

static void vm_tty_write_reaches_the_terminal(void **state)
{
	struct stage *stage = *state;
	struct vm_event event;

	stage->config.tty = true;
	boot(stage, "echo");
	assert_int_equal(vm_tty_write(stage->vm, "ls\n", 3), 3);
	expect(stage, VM_EVENT_TTY, &event);
	assert_int_equal(event.size, 3);
	assert_memory_equal(event.data, "ls\n", 3);
}

static void count_event(void *data, const struct vm_event *event)
{
	*(unsigned *)data += event->kind == VM_EVENT_CTL;
}

static uint64_t last_progress[2];

static void note_progress(void *data, uint64_t sent_bytes, uint64_t total_bytes)
{
	(void)data;
	assert_true(sent_bytes > last_progress[0] && sent_bytes <= total_bytes);
	last_progress[0] = sent_bytes;
	last_progress[1] = total_bytes;
}

static void make_bundle(struct stage *stage, const char *last)
{
	char path[64];

	/* The program is in the initramfs as /init, its libraries where they belong. */
	assert_int_equal(bundle_new(stage->initramfs, &stage->bundle, NULL), 0);
	assert_int_equal(bundle_add_program(stage->bundle, "/proc/self/exe", "/init", NULL), 0);
	assert_int_equal(bundle_count(stage->bundle), 0);
	assert_int_equal(bundle_add_program(stage->bundle, "/proc/self/exe", "/ktstr/bin/me", NULL),
			 0);
	assert_int_equal(bundle_count(stage->bundle), 1);
	snprintf(path, sizeof(path), "%s/vmlinuz", stage->dir); /* empty */
	assert_int_equal(bundle_add_file(stage->bundle, path, last, NULL), 0);
	assert_int_equal(bundle_count(stage->bundle), 2);
}

static void bundle_send_delivers_what_the_guest_lacks(void **state)
{
	struct stage *stage = *state;
	unsigned events = 0;
	const struct bundle_listener listener = { count_event, note_progress, &events };
	struct ktstr_error error = { 0 };

	make_bundle(stage, "/empty");
	boot(stage, "take_files");
	last_progress[0] = 0;
	if (bundle_send(stage->bundle, stage->vm, clock_deadline_ms(WAIT_MS), &listener, &error))
		fail_msg("%s", error.text);
	assert_int_equal(last_progress[0], bundle_bytes(stage->bundle));
	assert_int_equal(last_progress[1], bundle_bytes(stage->bundle));
	assert_int_equal(events, 2); /* the agent's own, between the confirmations */
	/* Again, with other ids. */
	assert_int_equal(
		bundle_send(stage->bundle, stage->vm, clock_deadline_ms(WAIT_MS), NULL, NULL), 0);
}

static const struct {
	const char *part, *last;
	uint64_t limit_ms;
	int code;
	const char *names;
} send_failures[] = {
	{ "take_files", "/bad", WAIT_MS, -EREMOTEIO, "disk full" },
	{ "take_files_silently", "/x", 200, -ETIMEDOUT, "confirmed 0 of 2" },
	{ "hang", "/x", 30, -ETIMEDOUT, "" },
	{ "complain", "/x", WAIT_MS, -EPIPE, "cannot set up guest memory" },
};

static void bundle_send_says_why_it_failed(void **state)
{
	struct stage *stage = *state;

	for (size_t i = 0; i < COUNT(send_failures); i++) {
		struct ktstr_error error = { 0 };

		make_bundle(stage, send_failures[i].last);
		boot(stage, send_failures[i].part);
		assert_int_equal(bundle_send(stage->bundle, stage->vm,
					     clock_deadline_ms(send_failures[i].limit_ms), NULL,
					     &error), send_failures[i].code);
		assert_contains(error.text, send_failures[i].names);
		vm_free(stage->vm);
		bundle_free(stage->bundle);
		stage->vm = NULL;
		stage->bundle = NULL;
	}
}

int main(int argc, char **argv)
{
#define on_stage(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		on_stage(vm_boot_names_what_is_missing),
		on_stage(vm_poll_reports_an_early_end_with_qemus_words),
		on_stage(vm_poll_returns_at_the_deadline),
		on_stage(vm_poll_delivers_everything_before_the_end),
		on_stage(vm_poll_closes_what_talks_nonsense),
		on_stage(vm_poll_is_not_held_by_a_flood),
		on_stage(vm_poll_watches_the_callers_descriptors),
		on_stage(vm_tty_write_reaches_the_terminal),
		on_stage(bundle_send_delivers_what_the_guest_lacks),
		on_stage(bundle_send_says_why_it_failed),
	};
	const char *name = strrchr(argv[0], '/');

	for (size_t i = 0; argc > 1 && name && i < COUNT(parts); i++)
		if (strcmp(name + 1, parts[i].name) == 0)
			parts[i].play(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
