// SPDX-License-Identifier: GPL-2.0-only
/* Making templates: who makes one, and what is there in the end. */
#include "snapshot_stage.h"

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
	const struct CMUnitTest tests[] = {
		on_stage(template_draft_finish_publishes_it_whole),
		on_stage(template_obtain_copies_the_base),
		on_stage(template_draft_finish_leaves_nothing_when_it_fails),
		on_stage(template_draft_finish_keeps_the_budget),
		on_stage(template_obtain_makes_a_damaged_one_anew),
		on_stage(template_obtain_waits_for_the_other_maker),
		on_stage(template_obtain_finds_what_the_other_maker_made),
		on_stage(template_obtain_needs_room),
	};

	play_qemu(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
