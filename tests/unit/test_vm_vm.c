// SPDX-License-Identifier: GPL-2.0-only
/* What a VM says, and how it ends. */
#include "vm_stage.h"

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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		on_stage(vm_boot_names_what_is_missing),
		on_stage(vm_poll_reports_an_early_end_with_qemus_words),
		on_stage(vm_poll_returns_at_the_deadline),
		on_stage(vm_poll_delivers_everything_before_the_end),
		on_stage(vm_poll_closes_what_talks_nonsense),
		on_stage(vm_poll_is_not_held_by_a_flood),
		on_stage(vm_poll_watches_the_callers_descriptors),
		on_stage(vm_tty_write_reaches_the_terminal),
	};

	play_qemu(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
