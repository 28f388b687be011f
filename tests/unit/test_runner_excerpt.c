// SPDX-License-Identifier: GPL-2.0-only
#include "runner/excerpt.h"
#include "base/tail.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(console_excerpt_shows_twenty_lines_or_the_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
