// SPDX-License-Identifier: GPL-2.0-only
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

static int scratch_file(const struct stage *stage, const char *name)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", stage->dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd > 2);
	return fd;
}

static const struct {
	const char *behaviour;
	uint64_t limit_ms;
	int code;
	const char *part;
	bool goes_on; /* QEMU is there to continue */
} saves[] = {
	{ "good", WAIT_MS, 0, "", false },
	{ "eager", WAIT_MS, 0, "", false },
	{ "save-refused", WAIT_MS, -EREMOTEIO, "save VM: QMP 'migrate': not like this", true },
	{ "save-fails", WAIT_MS, -EREMOTEIO, "save VM: No space left on device", true },
	{ "save-dies", WAIT_MS, -EPIPE, "save VM: QEMU was killed by signal 9", false },
	{ "save-hangs", 80, -ETIMEDOUT, "save VM: not done within 80 ms", false },
	{ "quit-hangs", 80, -ETIMEDOUT, "save VM: not done within 80 ms", false },
	{ "quit-exits", WAIT_MS, -EPIPE, "save VM: QEMU ended with exit code 1", false },
	{ "start-hangs", 50, -ETIMEDOUT, "save VM: not done within 50 ms", false },
};

static void vm_save_ends_whole_or_says_why(void **state)
{
	struct stage *stage = *state;
	int ram = scratch_file(stage, "ram"), file = scratch_file(stage, "state");

	for (size_t i = 0; i < COUNT(saves); i++) {
		struct ktstr_error error = { 0 };
		char text[14] = "";
		int err;

		assert_int_equal(ftruncate(file, 0), 0);
		start(stage, saves[i].behaviour, VM_START_DRAFT, ram, file);
		err = vm_save(stage->vm, saves[i].limit_ms, NULL, &error);
		if (err != saves[i].code || !strstr(error.text, saves[i].part))
			fail_msg("%s: %d '%s'", saves[i].behaviour, err, error.text);
		if (!err) {
			assert_int_equal(pread(file, text, 13, 0), 13);
			assert_string_equal(text, "saved devices");
			assert_int_equal(vm_qemu_pid(stage->vm), 0);
		}
		if (saves[i].goes_on)
			assert_int_equal(vm_continue(stage->vm, WAIT_MS, NULL, &error), 0);
	}
	close(ram);
	close(file);
}

static const struct {
	const char *behaviour;
	uint64_t limit_ms;
	int code;
	const char *part;
	bool killed;
} loads[] = {
	{ "good", WAIT_MS, 0, "", false },
	{ "eager", WAIT_MS, 0, "", false },
	{ "load-exits", WAIT_MS, -EPIPE,
	  "restore VM: QEMU ended with exit code 1: qemu-system-x86_64: load of migration failed", false },
	{ "load-dies", WAIT_MS, -EPIPE, "restore VM: QEMU was killed by signal 9", true },
	{ "load-hangs", 80, -ETIMEDOUT, "restore VM: not done within 80 ms", false },
	{ "load-fails", WAIT_MS, -EREMOTEIO, "restore VM: No space left on device", false },
	{ "start-exits", WAIT_MS, -EPIPE, "restore VM: QEMU ended with exit code 1", false },
	{ "start-hangs", 50, -ETIMEDOUT, "restore VM: not done within 50 ms", false },
};

static void vm_restore_brings_a_guest_back_or_says_why(void **state)
{
	struct stage *stage = *state;
	int ram = scratch_file(stage, "ram"), file = scratch_file(stage, "state");

	assert_int_equal(write(file, "saved devices", 13), 13);
	for (size_t i = 0; i < COUNT(loads); i++) {
		struct ktstr_error error = { 0 };
		int err;

		start(stage, loads[i].behaviour, VM_START_RESTORE, ram, file);
		err = vm_restore(stage->vm, loads[i].limit_ms, NULL, &error);
		if (err != loads[i].code || !strstr(error.text, loads[i].part) ||
		    vm_killed(stage->vm) != loads[i].killed)
			fail_msg("%s: %d '%s'", loads[i].behaviour, err, error.text);
		assert_int_equal(!err, vm_times(stage->vm)->restored_ns > 0);
	}
	close(ram);
	close(file);
}

static void vm_restore_stops_when_the_user_wants(void **state)
{
	struct stage *stage = *state;
	int ram = scratch_file(stage, "ram"), file = scratch_file(stage, "state"), ends[2];
	struct ktstr_error error = { 0 };

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	start(stage, "start-hangs", VM_START_RESTORE, ram, file);
	assert_int_equal(vm_watch(stage->vm, ends[0]), 0);
	assert_int_equal(vm_restore(stage->vm, WAIT_MS, NULL, &error), -EINTR);
	close(ram);
	close(file);
	close(ends[0]);
	close(ends[1]);
}

/* --- the first words --- */

struct heard {
	unsigned others;
	char request[512];
};

static void listen(void *data, const struct vm_event *event)
{
	struct heard *heard = data;

	if (event->kind == VM_EVENT_LOG)
		snprintf(heard->request, sizeof(heard->request), "%.*s", (int)event->frame.length,
			 event->frame.payload);
	heard->others += event->kind == VM_EVENT_CTL;
}

static uint64_t realtime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static json_t *resume_one(struct stage *stage, int ram, int file, const struct vm_resume *told)
{
	struct heard heard = { 0 };
	const struct vm_listener listener = { listen, &heard };
	struct vm_resume resume;
	uint64_t uptime_us = 0;
	json_t *request;

	assert_int_equal(vm_resume_init(&resume, NULL), 0);
	start(stage, "good", VM_START_RESTORE, ram, file);
	assert_int_equal(vm_restore(stage->vm, WAIT_MS, &listener, NULL), 0);
	assert_int_equal(vm_resume(stage->vm, told ? told : &resume, WAIT_MS, &listener, &uptime_us,
				   NULL), 0);
	assert_int_equal(uptime_us, 1234567);
	assert_int_equal(heard.others, 1); /* the agent's EVENT, not the reply */
	while (!heard.request[0]) {
		struct vm_event event;

		assert_int_not_equal(vm_poll(stage->vm, clock_deadline_ms(WAIT_MS), &event),
				     VM_EVENT_TIMEOUT);
		listen(&heard, &event);
	}
	request = json_loads(heard.request, 0, NULL);
	assert_non_null(request);
	return request;
}

static void vm_resume_tells_the_time_and_fresh_randomness(void **state)
{
	struct stage *stage = *state;
	int ram = scratch_file(stage, "ram"), file = scratch_file(stage, "state");
	const struct vm_resume told = { .realtime_ns = 42 * NS_PER_S, .entropy = { 0xab } };
	uint64_t before_ns = realtime_ns();
	json_t *first, *second, *third;
	const char *entropy;

	assert_int_equal(write(file, "saved devices", 13), 13);
	first = resume_one(stage, ram, file, NULL);
	second = resume_one(stage, ram, file, NULL);
	third = resume_one(stage, ram, file, &told);
	assert_in_range(json_integer_value(json_object_get(first, "realtime_ns")), before_ns,
			realtime_ns());
	entropy = json_string_value(json_object_get(first, "entropy"));
	assert_int_equal(strlen(entropy), 2 * RESUME_ENTROPY_BYTES);
	assert_string_not_equal(entropy, json_string_value(json_object_get(second, "entropy")));
	assert_int_equal(json_integer_value(json_object_get(third, "realtime_ns")), 42 * NS_PER_S);
	assert_int_equal(strncmp(json_string_value(json_object_get(third, "entropy")), "ab00", 4), 0);
	json_decref(first);
	json_decref(second);
	json_decref(third);
	close(ram);
	close(file);
}

static void vm_resume_waits_no_longer_than_told(void **state)
{
	struct stage *stage = *state;
	int ram = scratch_file(stage, "ram"), file = scratch_file(stage, "state");
	struct ktstr_error error = { 0 };
	struct vm_resume resume;
	uint64_t uptime_us = 0;

	assert_int_equal(write(file, "saved devices", 13), 13);
	assert_int_equal(vm_resume_init(&resume, NULL), 0);
	start(stage, "mute", VM_START_RESTORE, ram, file);
	assert_int_equal(vm_restore(stage->vm, WAIT_MS, NULL, NULL), 0);
	assert_int_equal(vm_resume(stage->vm, &resume, 50, NULL, &uptime_us, &error), -ETIMEDOUT);
	assert_string_equal(error.text, "resume guest: not done within 50 ms");
	assert_int_equal(uptime_us, 0);
	close(ram);
	close(file);
}

/* --- making templates --- */

static void take_notice(void *data, const char *text)
{
	struct stage *stage = data;

	strncat(stage->notices, text, sizeof(stage->notices) - strlen(stage->notices) - 1);
}

static struct template_key a_key = { .name = "00000000000000aa", .text = (char *)"a guest\n" };

static struct template_request request_of(struct stage *stage)
{
	return (struct template_request){ .store = &stage->fixture->store, .key = &a_key,
					  .memory_mib = 64, .wait_ms = 60, .stop_fd = -1,
					  .notice = take_notice, .notice_data = stage };
}

static const struct template_about an_about = { .kernel = "7.2.13", .topology = "1n1l2c1t",
						.qemu = "10.0", .accel = "tcg", .memory_mib = 64 };

/* Obtain the right to make it, start this QEMU, finish. */
static int make(struct stage *stage, const char *behaviour, uint64_t limit_ms,
		struct template **ret_template, struct ktstr_error *error)
{
	struct template_request request = request_of(stage);
	struct template_draft *draft = NULL;
	struct stat st;
	int err = template_obtain(&request, ret_template, &draft, error);

	assert_int_equal(err, 0);
	assert_null(*ret_template);
	assert_int_equal(fstat(template_draft_ram_fd(draft), &st), 0);
	assert_int_equal(st.st_size, 64 << 20);
	assert_int_equal(st.st_blocks, 0);
	start(stage, behaviour, VM_START_DRAFT, template_draft_ram_fd(draft),
	      template_draft_state_fd(draft));
	err = template_draft_finish(&draft, stage->vm, &an_about, limit_ms, NULL, ret_template, error);
	assert_null(draft);
	return err;
}

static void template_draft_finish_publishes_it_whole(void **state)
{
	struct stage *stage = *state;
	struct template_request request = request_of(stage);
	struct template *template = NULL, *again = NULL;
	struct template_draft *draft = NULL;
	struct ktstr_error error = { 0 };

	/* What a maker of another one left when it was killed goes as well. */
	close(openat(request.store->root, ".making-00000000000000bb", O_CREAT | O_CLOEXEC, 0644));
	if (make(stage, "good", WAIT_MS, &template, &error))
		fail_msg("%s", error.text);
	assert_string_equal(template->about.name, a_key.name);
	assert_string_equal(template->about.kernel, "7.2.13");
	assert_int_equal(strlen(template->about.created), 20);
	/* The next one gets it and makes nothing. */
	assert_int_equal(template_obtain(&request, &again, &draft, NULL), 0);
	assert_null(draft);
	assert_non_null(again);
	template_free(template);
	template_free(again);
	assert_int_equal(fixture_count(stage->fixture, ".stage-"), 0);
	assert_int_equal(fixture_count(stage->fixture, ".making-"), 0);
	assert_string_equal(stage->notices, "");
}

/* One that begins as a copy of another, and leaves that as it was. */
static void template_obtain_copies_the_base(void **state)
{
	struct template_key key = { .name = "00000000000000cc", .text = (char *)"derived\n",
				    .slot = "00000000000000dd" };
	struct template_about about = an_about;
	struct vm_resume resume;
	struct stage *stage = *state;
	struct template_request request = request_of(stage);
	struct template *base = NULL, *derived = NULL;
	struct template_draft *draft = NULL;
	struct ktstr_error error = { 0 };
	char text[16] = "";
	struct stat st;

	assert_int_equal(make(stage, "good", WAIT_MS, &base, NULL), 0);
	request.key = &key;
	request.base = base;
	if (template_obtain(&request, &derived, &draft, &error))
		fail_msg("%s", error.text);
	assert_null(derived);
	assert_int_equal(fstat(template_draft_ram_fd(draft), &st), 0);
	assert_int_equal(st.st_size, 64 << 20);
	assert_int_equal(st.st_blocks, 0);
	/* QEMU loads from the file into which it saves later. */
	assert_int_equal(pread(template_draft_state_fd(draft), text, 13, 0), 13);
	assert_string_equal(text, "saved devices");
	snprintf(about.binary, sizeof(about.binary), "demo");
	start(stage, "good", VM_START_DERIVE, template_draft_ram_fd(draft),
	      template_draft_state_fd(draft));
	assert_int_equal(vm_resume_init(&resume, NULL), 0);
	if (vm_restore(stage->vm, WAIT_MS, NULL, &error) ||
	    vm_resume(stage->vm, &resume, WAIT_MS, NULL, NULL, &error) ||
	    template_draft_finish(&draft, stage->vm, &about, WAIT_MS, NULL, &derived, &error))
		fail_msg("%s", error.text);
	assert_string_equal(derived->about.name, key.name);
	assert_string_equal(derived->about.binary, "demo");
	assert_string_equal(derived->about.slot, key.slot);
	template_free(base);
	template_free(derived);
	base = NULL;
	assert_int_equal(template_open(stage->fixture->store.root, &a_key, &base, NULL), 0);
	template_free(base);
	assert_string_equal(stage->notices, "");
}

/* What the agent answers to PREPARE is QEMU's to say here. */
static void vm_prepare_waits_for_the_agent(void **state)
{
	static const struct ktstr_topology topology = { 1, 1, 2, 1 };
	struct stage *stage = *state;
	int ram = scratch_file(stage, "ram"), file = scratch_file(stage, "state");
	struct ktstr_error error = { 0 };

	assert_int_equal(write(file, "saved devices", 13), 13);
	start(stage, "good", VM_START_DERIVE, ram, file);
	assert_int_equal(vm_restore(stage->vm, WAIT_MS, NULL, &error), 0);
	if (vm_prepare(stage->vm, "/ktstr/bin/demo", &topology, WAIT_MS, NULL, &error))
		fail_msg("%s", error.text);
	start(stage, "mute", VM_START_DERIVE, ram, file);
	assert_int_equal(vm_restore(stage->vm, WAIT_MS, NULL, &error), 0);
	assert_int_equal(vm_prepare(stage->vm, "/ktstr/bin/demo", &topology, 50, NULL, &error),
			 -ETIMEDOUT);
	assert_string_equal(error.text, "load test binary: not done within 50 ms");
	close(ram);
	close(file);
}

static void template_draft_finish_leaves_nothing_when_it_fails(void **state)
{
	static const char *const faults[] = { "save-refused", "save-fails", "save-dies", "save-hangs",
					      "quit-exits" };
	struct stage *stage = *state;

	for (size_t i = 0; i < COUNT(faults); i++) {
		struct template *template = NULL;
		struct ktstr_error error = { 0 };

		if (make(stage, faults[i], 150, &template, &error) >= 0)
			fail_msg("%s was not noticed", faults[i]);
		assert_contains(error.text, "make template '00000000000000aa': save VM");
		assert_int_equal(fixture_count(stage->fixture, "0000"), 0);
		assert_int_equal(fixture_count(stage->fixture, ".stage-"), 0);
		assert_int_equal(fixture_count(stage->fixture, ".making-"), 0);
	}
}

static void template_draft_finish_keeps_the_budget(void **state)
{
	struct stage *stage = *state;
	struct template *template = NULL;

	fixture_add(stage->fixture, 0, 1 << 20, 1000);
	stage->fixture->store.budget_bytes = 1 << 20;
	assert_int_equal(make(stage, "good", WAIT_MS, &template, NULL), 0);
	assert_int_equal(fixture_count(stage->fixture, stage->fixture->keys[0].name), 0);
	assert_int_equal(fixture_count(stage->fixture, a_key.name), 1);
	template_free(template);
}

static void template_obtain_makes_a_damaged_one_anew(void **state)
{
	struct stage *stage = *state;
	struct template *template = NULL, *again = NULL;
	char path[96];

	assert_int_equal(make(stage, "good", WAIT_MS, &template, NULL), 0);
	template_free(template);
	template = NULL;
	snprintf(path, sizeof(path), "%s/%s/state", stage->fixture->dir, a_key.name);
	assert_int_equal(truncate(path, 3), 0);
	assert_int_equal(make(stage, "good", WAIT_MS, &again, NULL), 0);
	assert_string_equal(stage->notices, "template '00000000000000aa': 'state' was changed: its bytes "
					    "is 3, meta.json says 13; it is made anew");
	template_free(again);
}

static void template_obtain_waits_for_the_other_maker(void **state)
{
	struct stage *stage = *state;
	struct template_request request = request_of(stage);
	struct template *template = NULL;
	struct template_draft *draft = NULL;
	struct ktstr_error error = { 0 };
	uint64_t begin_ns;
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		if (template_obtain(&request, &template, &draft, NULL) || !draft ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	begin_ns = clock_now_ns();
	assert_int_equal(template_obtain(&request, &template, &draft, &error), -EBUSY);
	assert_true(clock_now_ns() - begin_ns >= 60 * NS_PER_MS);
	assert_contains(error.text, "another process is making it, for longer than 60 ms");
	assert_string_equal(stage->notices,
			    "waiting for template '00000000000000aa', which another process is making");
	/* Somebody wants to stop. */
	request.stop_fd = ready[0];
	assert_int_equal(write(ready[1], "x", 1), 1);
	assert_int_equal(template_obtain(&request, &template, &draft, &error), -EINTR);
	request.stop_fd = -1;
	/* Killed in the middle: what it had begun goes, and the next may begin. */
	assert_int_equal(fixture_count(stage->fixture, ".stage-"), 1);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(template_obtain(&request, &template, &draft, NULL), 0);
	assert_non_null(draft);
	assert_int_equal(fixture_count(stage->fixture, ".stage-"), 1); /* ours alone */
	template_draft_free(draft);
	assert_int_equal(fixture_count(stage->fixture, ".stage-"), 0);
	close(ready[0]);
	close(ready[1]);
}

static void template_obtain_finds_what_the_other_maker_made(void **state)
{
	struct stage *stage = *state;
	struct template_request request = request_of(stage);
	struct template_draft *draft = NULL;
	struct template *template = NULL;
	int ready[2], status;
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		struct timespec pause_ns = { .tv_nsec = 30 * NS_PER_MS };

		if (template_obtain(&request, &template, &draft, NULL) || !draft ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		nanosleep(&pause_ns, NULL); /* the parent waits by now, or it finds it at once */
		start(stage, "good", VM_START_DRAFT, template_draft_ram_fd(draft),
		      template_draft_state_fd(draft));
		if (template_draft_finish(&draft, stage->vm, &an_about, WAIT_MS, NULL, &template,
					  NULL))
			_exit(2);
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	request.wait_ms = WAIT_MS;
	assert_int_equal(template_obtain(&request, &template, &draft, NULL), 0);
	assert_null(draft);
	assert_non_null(template);
	template_free(template);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(ready[0]);
	close(ready[1]);
}

static void template_obtain_needs_room(void **state)
{
	struct stage *stage = *state;
	struct template_request request = request_of(stage);
	struct template_draft *draft = NULL;
	struct template *template = NULL;
	struct ktstr_error error = { 0 };

	request.memory_mib = UINT32_MAX; /* 4 PiB */
	assert_int_equal(template_obtain(&request, &template, &draft, &error), -ENOSPC);
	assert_contains(error.text, "the guest's memory is 4096 TiB; free some, or set "
				    "KTSTR_TEMPLATE_DIR");
	assert_int_equal(fixture_count(stage->fixture, ".making-"), 0);
	assert_int_equal(fixture_count(stage->fixture, ".stage-"), 0);
}

int main(int argc, char **argv)
{
#define on_stage(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		on_stage(vm_save_ends_whole_or_says_why),
		on_stage(vm_restore_brings_a_guest_back_or_says_why),
		on_stage(vm_restore_stops_when_the_user_wants),
		on_stage(vm_resume_tells_the_time_and_fresh_randomness),
		on_stage(vm_resume_waits_no_longer_than_told),
		on_stage(template_draft_finish_publishes_it_whole),
		on_stage(template_obtain_copies_the_base),
		on_stage(vm_prepare_waits_for_the_agent),
		on_stage(template_draft_finish_leaves_nothing_when_it_fails),
		on_stage(template_draft_finish_keeps_the_budget),
		on_stage(template_obtain_makes_a_damaged_one_anew),
		on_stage(template_obtain_waits_for_the_other_maker),
		on_stage(template_obtain_finds_what_the_other_maker_made),
		on_stage(template_obtain_needs_room),
	};
	const char *name = strrchr(argv[0], '/');

	for (size_t i = 0; argc > 1 && name && i < COUNT(behaviours); i++)
		if (strcmp(name + 1, behaviours[i].name) == 0)
			play(argv, &behaviours[i]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
