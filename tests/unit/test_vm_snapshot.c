// SPDX-License-Identifier: GPL-2.0-only
/* Saving a guest, bringing it back, telling it what is new. */
#include "snapshot_stage.h"

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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		on_stage(vm_save_ends_whole_or_says_why),
		on_stage(vm_restore_brings_a_guest_back_or_says_why),
		on_stage(vm_restore_stops_when_the_user_wants),
		on_stage(vm_resume_tells_the_time_and_fresh_randomness),
		on_stage(vm_resume_waits_no_longer_than_told),
		on_stage(vm_prepare_waits_for_the_agent),
	};

	play_qemu(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
