// SPDX-License-Identifier: GPL-2.0-only
/* Handing files over to a guest. */
#include "vm_stage.h"

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
	const struct CMUnitTest tests[] = {
		on_stage(bundle_send_delivers_what_the_guest_lacks),
		on_stage(bundle_send_says_why_it_failed),
	};

	play_qemu(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
