/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

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

#define on_stage(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* Comes back when this program was not started as QEMU, by the name of a part. */
static void play_qemu(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');

	for (size_t i = 0; argc > 1 && name && i < COUNT(parts); i++)
		if (strcmp(name + 1, parts[i].name) == 0)
			parts[i].play(argv);
}
