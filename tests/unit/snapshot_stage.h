/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/*
 * Saving and restoring, and making templates with it, against a QEMU of our own: this program,
 * started through a link whose name says how it will behave.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "template_fixture.h"
#include "unit.h"
#include "vm/initramfs.h"
#include "vm/prepare.h"
#include "vm/resume.h"
#include "vm/template_draft.h"
#include "wire/message_json.h"

#define WAIT_MS 5000

/* --- QEMU --- */

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

/* What it does instead of going on. */
enum fault { NONE, DIES, EXITS, HANGS, FAILS, REFUSES };

static struct behaviour {
	const char *name, *command; /* where the fault strikes */
	enum fault fault;
	bool early; /* tells the end of a migration before it answers the command */
} behaviours[] = {
	{ "good", "", NONE, false },
	{ "eager", "", NONE, true },
	{ "save-refused", "migrate", REFUSES, false },
	{ "save-fails", "migrate", FAILS, false },
	{ "save-dies", "migrate", DIES, false },
	{ "save-hangs", "migrate", HANGS, false },
	{ "quit-hangs", "quit", HANGS, false },
	{ "quit-exits", "quit", EXITS, false },
	{ "load-exits", "migrate-incoming", EXITS, false },
	{ "load-dies", "migrate-incoming", DIES, false },
	{ "load-hangs", "migrate-incoming", HANGS, false },
	{ "load-fails", "migrate-incoming", FAILS, false },
	{ "mute", "resume", HANGS, false }, /* the agent, once it goes on */
	{ "start-hangs", "greeting", HANGS, false },
	{ "start-exits", "greeting", EXITS, false },
};

static void strike(enum fault fault)
{
	if (fault == DIES)
		kill(getpid(), SIGKILL);
	if (fault == EXITS) {
		say(STDERR_FILENO, "qemu-system-x86_64: load of migration failed: Invalid argument\n");
		_exit(1);
	}
	while (fault == HANGS)
		pause();
}

static void write_state(const json_t *arguments)
{
	const char *uri = json_string_value(json_object_get(arguments, "uri"));
	int fd;

	if (!uri || strncmp(uri, "file:/proc/self/fd/", 19) != 0)
		_exit(92);
	fd = open(uri + 5, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0 || write(fd, "saved devices", 13) != 13)
		_exit(93);
	close(fd);
}

static void check_state(const json_t *arguments)
{
	const char *uri = json_string_value(json_object_get(arguments, "uri"));
	char text[14] = "";
	int fd = open(uri + 5, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, 13) != 13 || strcmp(text, "saved devices") != 0)
		_exit(94);
	close(fd);
}

static void answer(int qmp, json_int_t id, const char *what)
{
	char text[256];

	snprintf(text, sizeof(text), "{%s, \"id\": %lld}\r\n", what, (long long)id);
	say(qmp, text);
}

static void migrate(int qmp, const struct behaviour *behaviour, bool strikes, json_int_t id)
{
	bool fails = strikes && behaviour->fault == FAILS;

	if (!behaviour->early)
		answer(qmp, id, "\"return\": {}");
	say(qmp, "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"setup\"}}\r\n"
		 "{\"event\": \"OTHER\", \"data\": {\"status\": \"failed\"}}\r\n");
	say(qmp, fails ? "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"failed\"}}\r\n"
		       : "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"completed\"}}\r\n");
	if (behaviour->early)
		answer(qmp, id, "\"return\": {}");
}

/* As the agent: what RESUME or PREPARE brings is told back in the log. */
static void resume(char **argv)
{
	int ctl = channel(argv, "ctl"), log = channel(argv, "log");
	struct frame_reader *reader;
	struct frame frame;
	json_t *request;
	char reply[96];

	if (frame_reader_new(&reader, NULL))
		_exit(95);
	while (frame_reader_next(reader, &frame, NULL) != 1)
		if (frame_reader_fill(reader, ctl) <= 0)
			_exit(0);
	if ((frame.type != MESSAGE_RESUME && frame.type != MESSAGE_PREPARE) ||
	    message_parse(&frame, &request, NULL) ||
	    frame_write(log, MESSAGE_LOG_TEST, frame.payload, frame.length,
			clock_deadline_ms(WAIT_MS), NULL))
		_exit(96);
	snprintf(reply, sizeof(reply), "{\"id\": %lld, \"uptime_us\": 1234567}",
		 (long long)json_integer_value(json_object_get(request, "id")));
	if (frame_write(ctl, MESSAGE_EVENT, "{}", 2, clock_deadline_ms(WAIT_MS), NULL) ||
	    frame_write(ctl, MESSAGE_DONE, reply, strlen(reply), clock_deadline_ms(WAIT_MS), NULL))
		_exit(97);
}

static void obey(char **argv, int qmp, const struct behaviour *behaviour, const json_t *request)
{
	const char *command = json_string_value(json_object_get(request, "execute"));
	const json_t *arguments = json_object_get(request, "arguments");
	json_int_t id = json_integer_value(json_object_get(request, "id"));
	bool strikes = strcmp(command, behaviour->command) == 0;

	if (strikes && behaviour->fault == REFUSES) {
		answer(qmp, id, "\"error\": {\"desc\": \"not like this\"}");
		return;
	}
	if (strikes)
		strike(behaviour->fault);
	if (strcmp(command, "migrate") == 0)
		write_state(arguments);
	if (strcmp(command, "migrate-incoming") == 0)
		check_state(arguments);
	if (strncmp(command, "migrate", 7) == 0 && !strstr(command, "capabilities"))
		migrate(qmp, behaviour, strikes, id);
	else if (strcmp(command, "query-migrate") == 0)
		answer(qmp, id, "\"return\": {\"status\": \"failed\", \"error-desc\": "
				"\"No space left on device\"}");
	else
		answer(qmp, id, "\"return\": {}");
	if (strcmp(command, "quit") == 0)
		_exit(0);
	if (strcmp(command, "cont") != 0)
		return;
	if (strcmp(behaviour->command, "resume") == 0)
		strike(behaviour->fault);
	resume(argv);
}

static void play(char **argv, const struct behaviour *behaviour)
{
	int qmp = channel(argv, "qmp");
	FILE *in = fdopen(qmp, "r");
	char line[4096];

	if (strcmp(behaviour->command, "greeting") == 0)
		strike(behaviour->fault);
	say(qmp, "{\"QMP\": {}}\r\n");
	while (in && fgets(line, sizeof(line), in)) {
		json_t *request = json_loads(line, 0, NULL);

		if (!request)
			_exit(98);
		obey(argv, qmp, behaviour, request);
		json_decref(request);
	}
	_exit(0);
}

/* --- the tests --- */

struct stage {
	struct template_fixture *fixture;
	char self[256], dir[32], qemu_path[64], kernel[64];
	struct qemu qemu;
	struct accel accel;
	struct initramfs *initramfs;
	struct vm_config config;
	struct vm *vm;
	char notices[512];
};

static int setup(void **state)
{
	const struct initramfs_config initramfs = { .agent = "/proc/self/exe" };
	struct stage *stage = calloc(1, sizeof(*stage));
	void *fixture;

	if (template_setup(&fixture) || readlink("/proc/self/exe", stage->self, 255) < 0)
		return -1;
	stage->fixture = fixture;
	snprintf(stage->dir, sizeof(stage->dir), "/tmp/vm-snapshot-XXXXXX");
	if (!mkdtemp(stage->dir) || initramfs_build(&initramfs, &stage->initramfs, NULL))
		return -1;
	snprintf(stage->kernel, sizeof(stage->kernel), "%s/vmlinuz", stage->dir);
	close(open(stage->kernel, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	stage->qemu = (struct qemu){ .path = stage->qemu_path, .major = 10 };
	stage->accel = (struct accel){ .kind = ACCEL_TCG, .parallel = true };
	stage->config = (struct vm_config){ .topology = { 1, 1, 2, 1 }, .qemu = &stage->qemu,
					    .accel = &stage->accel, .kernel = stage->kernel,
					    .initramfs = stage->initramfs };
	*state = stage;
	return 0;
}

static int teardown(void **state)
{
	struct stage *stage = *state;
	void *fixture = stage->fixture;
	char command[64];
	int err;

	vm_free(stage->vm);
	err = waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : -1;
	initramfs_free(stage->initramfs);
	snprintf(command, sizeof(command), "rm -r %s", stage->dir);
	if (system(command) || template_teardown(&fixture))
		err = -1;
	free(stage);
	return err;
}

static void start(struct stage *stage, const char *behaviour, enum vm_start how, int ram, int state)
{
	struct ktstr_error error = { 0 };

	snprintf(stage->qemu_path, sizeof(stage->qemu_path), "%s/%s", stage->dir, behaviour);
	unlink(stage->qemu_path);
	assert_int_equal(symlink(stage->self, stage->qemu_path), 0);
	stage->config.start = how;
	stage->config.ram_fd = ram;
	stage->config.state_fd = state;
	vm_free(stage->vm);
	stage->vm = NULL;
	if (vm_boot(&stage->config, &stage->vm, &error))
		fail_msg("%s", error.text);
}

#define on_stage(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* Comes back when this program was not started as QEMU, by the name of a behaviour. */
static void play_qemu(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');

	for (size_t i = 0; argc > 1 && name && i < COUNT(behaviours); i++)
		if (strcmp(name + 1, behaviours[i].name) == 0)
			play(argv, &behaviours[i]);
}
