// SPDX-License-Identifier: GPL-2.0-only
/* What /proc says about this process, and about none. */
#include <limits.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/proc.h"
#include "unit.h"

static void proc_read_gives_the_text_without_its_end(void **state)
{
	char text[64];

	(void)state;
	prctl(PR_SET_NAME, "reader");
	assert_true(proc_read(getpid(), "comm", text, sizeof(text)));
	assert_string_equal(text, "reader");
}

static void proc_read_cuts_to_the_room(void **state)
{
	char text[5] = "----";

	(void)state;
	prctl(PR_SET_NAME, "reader");
	assert_true(proc_read(getpid(), "comm", text, sizeof(text)));
	assert_string_equal(text, "read");
}

static void proc_read_says_why_there_is_nothing(void **state)
{
	char text[64];

	(void)state;
	assert_false(proc_read(INT_MAX, "comm", text, sizeof(text)));
	assert_string_equal(text, "[unreadable: No such file or directory]");
}

static void proc_stat_fields_are_behind_the_name(void **state)
{
	static const struct {
		const char *stat, *fields;
	} rows[] = {
		{ "7 (cat) R 1 7 7", "R 1 7 7" },
		{ "7 (b) S 1 (c) T 2", "T 2" },
		{ "7 () Z", "Z" },
		{ "7 (cat)", NULL },
		{ "7 (cat) ", NULL },
		{ "7 (cat)R", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *fields = proc_stat_fields(rows[i].stat);

		if (rows[i].fields)
			assert_string_equal(fields, rows[i].fields);
		else
			assert_null(fields);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proc_read_gives_the_text_without_its_end),
		cmocka_unit_test(proc_read_cuts_to_the_room),
		cmocka_unit_test(proc_read_says_why_there_is_nothing),
		cmocka_unit_test(proc_stat_fields_are_behind_the_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
