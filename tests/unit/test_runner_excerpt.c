// SPDX-License-Identifier: GPL-2.0-only
#include "runner/excerpt.h"
#include "runner/tail.h"

#include "unit.h"

/* count lines "line 0", "line 1", ... with crash as line at. */
static void make_log(struct tail *log, unsigned count, unsigned at, const char *crash)
{
	for (unsigned i = 0; i < count; i++) {
		char line[64];
		int length = i == at ? snprintf(line, sizeof(line), "%s\n", crash) :
				       snprintf(line, sizeof(line), "line %u\n", i);

		tail_append(log, line, (size_t)length);
	}
}

static void console_excerpt_shows_twenty_lines_or_the_crash(void **state)
{
	static const struct {
		unsigned count, crash_at;
		const char *starts;
	} cases[] = {
		{ 5, 99, "line 0\n" },
		{ 50, 99, "line 30\n" },
		{ 50, 20, "line 10\n" },  /* ten lines before the crash, and everything behind it */
		{ 50, 3, "line 0\n" },
		{ 50, 45, "line 30\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tail log = { 0 };

		make_log(&log, cases[i].count, cases[i].crash_at, "[  1.0] Oops: 0 [#1]");
		assert_memory_equal(console_excerpt(tail_text(&log)), cases[i].starts,
				    strlen(cases[i].starts));
		tail_release(&log);
	}
}

static void tail_append_keeps_the_end_in_bounded_memory(void **state)
{
	struct tail tail = { .limit = 100 };

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		tail_append(&tail, "0123456789", 10);
	assert_true(tail.size <= 100 && tail.size >= 50);
	assert_int_equal(tail.size + tail.dropped, 10000);
	assert_string_equal(tail_text(&tail) + tail.size - 10, "0123456789");
	tail_release(&tail);

	tail = (struct tail){ .limit = 4 };
	tail_append(&tail, "abcdefgh", 8);
	assert_string_equal(tail_text(&tail), "efgh");
	tail_append(&tail, "i\0", 2);
	assert_string_equal(tail_text(&tail) + tail.size - 2, "i ");
	assert_true(tail.size <= 4);
	tail_release(&tail);
	assert_string_equal(tail_text(&tail), "");
}

static void text_last_lines_counts_from_the_end(void **state)
{
	(void)state;
	assert_string_equal(text_last_lines("a\nb\nc\n", 2), "b\nc\n");
	assert_string_equal(text_last_lines("a\nb\nc", 2), "b\nc");
	assert_string_equal(text_last_lines("a\n", 5), "a\n");
	assert_string_equal(text_last_lines("", 5), "");
	assert_string_equal(text_last_lines("\n\n", 1), "\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(console_excerpt_shows_twenty_lines_or_the_crash),
		cmocka_unit_test(tail_append_keeps_the_end_in_bounded_memory),
		cmocka_unit_test(text_last_lines_counts_from_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
