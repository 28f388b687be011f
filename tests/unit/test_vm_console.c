// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "unit.h"
#include "vm/console.h"

static const struct {
	const char *line;
	enum console_notice notice;
} lines[] = {
	{ "", CONSOLE_NONE },
	{ "[    1.234567] Freeing initrd memory: 752K", CONSOLE_NONE },
	{ "[    1.000000] Kernel panic - not syncing: sysrq triggered crash", CONSOLE_PANIC },
	{ "[    1.000000][    T1] Kernel panic - not syncing: Attempted to kill init!",
	  CONSOLE_PANIC },
	{ "<0>[    1.000000] Kernel panic - not syncing: x", CONSOLE_PANIC },
	{ "---[ end Kernel panic - not syncing: x ]---", CONSOLE_NONE },
	{ "a test that prints Kernel panic - not syncing", CONSOLE_NONE },
	{ "[    2.1] Oops: Oops: 0002 [#1] SMP NOPTI", CONSOLE_OOPS },
	{ "[    2.1] Oops: general protection fault, probably for address 0x1: 0000 [#1]",
	  CONSOLE_OOPS },
	{ "[    2.1] int3: 0000 [#1] PREEMPT SMP", CONSOLE_OOPS },
	{ "[    2.1] invalid opcode: 0000 [#2] SMP PTI", CONSOLE_OOPS },
	{ "[    2.1] BUG: kernel NULL pointer dereference, address: 0", CONSOLE_BUG },
	{ "[    2.1] kernel BUG at kernel/sched/ext.c:100!", CONSOLE_BUG },
	{ "[    2.1] BUG: scheduling while atomic: swapper", CONSOLE_BUG },
	{ "[    2.1] DEBUG: no bug", CONSOLE_NONE },
	{ "[    2.1] watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [x:1]", CONSOLE_STALL },
	{ "[   34.9] BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 34s!", CONSOLE_STALL },
	{ "[    2.1] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:", CONSOLE_STALL },
	{ "[    2.1] rcu: INFO: rcu_sched self-detected stall on CPU", CONSOLE_STALL },
	{ "[    2.1] INFO: task kworker/0:1:10 blocked for more than 120 seconds.", CONSOLE_STALL },
	{ "[    2.1] WARNING: CPU: 1 PID: 1 at kernel/sched/core.c:1 f+0x1/0x2", CONSOLE_WARNING },
	{ "[    2.1] WARNING: kernel/sched/core.c:1 at f+0x1/0x2, CPU#1: x/1", CONSOLE_WARNING },
};

static void console_classify_knows_the_kernels_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		if (console_classify(lines[i].line) != lines[i].notice)
			fail_msg("'%s' is '%s', expected '%s'", lines[i].line,
				 console_notice_str(console_classify(lines[i].line)),
				 console_notice_str(lines[i].notice));
}

static void feed_all(struct console *console, const char *text)
{
	size_t size = strlen(text), at = 0;
	const char *line;

	while (at < size)
		at += console_feed(console, text + at, size - at, &line);
}

static void console_feed_cuts_lines_across_reads(void **state)
{
	struct console *console = console_new();
	const char *line;

	(void)state;
	assert_int_equal(console_feed(console, "one", 3, &line), 3);
	assert_null(line);
	assert_int_equal(console_feed(console, " line\r\ntwo\n", 11, &line), 7);
	assert_string_equal(line, "one line");
	assert_int_equal(console_feed(console, "two\n", 4, &line), 4);
	assert_string_equal(line, "two");
	console_free(console);
}

static void console_feed_makes_bytes_printable_and_bounds_lines(void **state)
{
	struct console *console = console_new();
	char flood[3 * CONSOLE_LINE_MAX];
	const char *line;

	(void)state;
	console_feed(console, "\033[31m\0\377\tx\n", 10, &line);
	assert_string_equal(line, "?[31m??\tx");
	memset(flood, 'a', sizeof(flood));
	assert_int_equal(console_feed(console, flood, sizeof(flood), &line), CONSOLE_LINE_MAX);
	assert_int_equal(strlen(line), CONSOLE_LINE_MAX);
	console_free(console);
}

static void console_tail_gives_whole_last_lines(void **state)
{
	struct console *console = console_new();

	(void)state;
	assert_string_equal(console_tail(console, 5), "");
	feed_all(console, "one\ntwo\nthree\n");
	assert_string_equal(console_tail(console, 2), "two\nthree");
	assert_string_equal(console_tail(console, 99), "one\ntwo\nthree");
	feed_all(console, "unfinished");
	assert_string_equal(console_tail(console, 1), "unfinished");
	for (unsigned i = 0; i < CONSOLE_KEEP; i++)
		feed_all(console, "line of thirty bytes, surely.\n");
	assert_string_equal(console_tail(console, 1), "line of thirty bytes, surely.");
	assert_true(strlen(console_tail(console, CONSOLE_KEEP)) < CONSOLE_KEEP);
	console_free(console);
}

static void console_trouble_keeps_the_worst_and_its_trace(void **state)
{
	struct console *console = console_new();
	const char *line, *text;

	(void)state;
	feed_all(console, "fine\n[ 1.0] WARNING: CPU: 0 PID: 1 at x\n");
	assert_int_equal(console_trouble(console, &line, NULL), CONSOLE_WARNING);
	feed_all(console, "[ 2.0] Oops: Oops: 0002 [#1] SMP\n[ 2.0] RIP: 0010:f+0x1/0x2\n"
			  "[ 3.0] Kernel panic - not syncing: Fatal exception\n");
	assert_int_equal(console_trouble(console, &line, &text), CONSOLE_PANIC);
	assert_string_equal(line, "[ 3.0] Kernel panic - not syncing: Fatal exception");
	assert_contains(text, "RIP: 0010");
	assert_null(strstr(text, "WARNING"));
	for (unsigned i = 0; i < CONSOLE_TROUBLE_KEEP; i++)
		feed_all(console, "more\n");
	console_trouble(console, &line, &text);
	assert_true(strlen(text) <= CONSOLE_TROUBLE_KEEP);
	assert_contains(text, "RIP: 0010");
	console_free(console);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(console_classify_knows_the_kernels_words),
		cmocka_unit_test(console_feed_cuts_lines_across_reads),
		cmocka_unit_test(console_feed_makes_bytes_printable_and_bounds_lines),
		cmocka_unit_test(console_tail_gives_whole_last_lines),
		cmocka_unit_test(console_trouble_keeps_the_worst_and_its_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
