// SPDX-License-Identifier: GPL-2.0-only
#include "base/tail.h"
#include "unit.h"

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
		cmocka_unit_test(tail_append_keeps_the_end_in_bounded_memory),
		cmocka_unit_test(text_last_lines_counts_from_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
