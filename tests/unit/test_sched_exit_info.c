// SPDX-License-Identifier: GPL-2.0-only
#include "sched/exit_info.h"
#include "unit.h"

#define LINES_MAX 8

static const struct {
	const char *name;
	const char *lines[LINES_MAX];
	bool complete;
	const char *kind, *reason, *message, *trace;
} logs[] = {
	{ "scx_bpf_error, as 7.2 logs it",
	  { "sched_ext: BPF scheduler \"mine\" enabled",
	    "sched_ext: BPF scheduler \"mine\" disabled (scx_bpf_error)",
	    "sched_ext: mine: queue 7: full",
	    "   scx_bpf_error_bstr+0x6f/0x80",
	    "   bpf_prog_4b0dcd_mine_enqueue+0x5a/0x90" },
	  true, "SCX_EXIT_ERROR_BPF", "scx_bpf_error", "queue 7: full",
	  "   scx_bpf_error_bstr+0x6f/0x80\n   bpf_prog_4b0dcd_mine_enqueue+0x5a/0x90\n" },
	{ "stall, other subsystems in between",
	  { "sched_ext: BPF scheduler \"mine\" disabled (runnable task stall)",
	    "virtio_net virtio0: a line of somebody else",
	    "sched_ext: mine: ktstr[12] failed to run for 30.208s",
	    "   check_rq_for_timeouts+0xf0/0x100",
	    "random: crng reseeded" },
	  true, "SCX_EXIT_ERROR_STALL", "runnable task stall",
	  "ktstr[12] failed to run for 30.208s", "   check_rq_for_timeouts+0xf0/0x100\n" },
	{ "detached by us",
	  { "sched_ext: BPF scheduler \"mine\" disabled (unregistered from user space)" },
	  true, "SCX_EXIT_UNREG", "unregistered from user space", "", "" },
	{ "a reason of a newer kernel",
	  { "sched_ext: BPF scheduler \"mine\" disabled (moon phase)" },
	  true, "unknown", "moon phase", "", "" },
	{ "another scheduler, whose name ours begins",
	  { "sched_ext: BPF scheduler \"mine_too\" disabled (runtime error)",
	    "sched_ext: mine_too: hello",
	    "   trace+0x0/0x0" },
	  false, "unknown", "", "", "" },
	{ "the last life counts",
	  { "sched_ext: BPF scheduler \"mine\" disabled (runtime error)",
	    "sched_ext: mine: first",
	    "   first+0x1/0x2",
	    "sched_ext: BPF scheduler \"mine\" enabled",
	    "sched_ext: BPF scheduler \"mine\" disabled (disabled by sysrq-S)",
	    "sched_ext: mine: second" },
	  true, "SCX_EXIT_SYSRQ", "disabled by sysrq-S", "second", "" },
	{ "a trace without a death",
	  { "sched_ext: BPF scheduler \"mine\" enabled", "   stray+0x1/0x2", "sched_ext: mine: stray" },
	  false, "unknown", "", "", "" },
	{ "malformed",
	  { "sched_ext: BPF scheduler \"mine\" disabled (", "sched_ext: ", "", "sched_ext: BPF" },
	  false, "unknown", "", "", "" },
};

static void exit_info_feed_reads_the_kernels_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(logs); i++) {
		struct scx_exit_info info;

		scx_exit_info_init(&info);
		for (size_t line = 0; line < LINES_MAX && logs[i].lines[line]; line++)
			scx_exit_info_feed(&info, "mine", logs[i].lines[line]);
		if (info.complete != logs[i].complete)
			fail_msg("%s: complete is %d", logs[i].name, info.complete);
		assert_string_equal(info.kind, logs[i].kind);
		assert_string_equal(info.reason, logs[i].reason);
		assert_string_equal(info.message, logs[i].message);
		assert_string_equal(info.trace, logs[i].trace);
	}
}

static void exit_info_feed_keeps_whole_trace_lines_only(void **state)
{
	struct scx_exit_info info;
	size_t length;

	(void)state;
	scx_exit_info_init(&info);
	scx_exit_info_feed(&info, "x", "sched_ext: BPF scheduler \"x\" disabled (runtime error)");
	for (int i = 0; i < 1000; i++)
		scx_exit_info_feed(&info, "x", "   function_with_a_name+0x12/0x34");
	length = strlen(info.trace);
	assert_true(length > sizeof(info.trace) - 64 && length < sizeof(info.trace));
	assert_string_equal(info.trace + length - 6, "/0x34\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_info_feed_reads_the_kernels_words),
		cmocka_unit_test(exit_info_feed_keeps_whole_trace_lines_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
