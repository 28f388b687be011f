// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>

#include <ktstr/report.h>

#include "unit.h"

static const struct {
	struct ktstr_exit_info exit_info;
	const char *text;
} rows[] = {
	{ { KTSTR_EXIT_NONE, 0 }, "reported" },
	{ { KTSTR_EXIT_EXITED, 7 }, "exited with status 7" },
	{ { KTSTR_EXIT_SIGNALED, SIGKILL }, "killed by signal 9 (SIGKILL)" },
	{ { KTSTR_EXIT_SIGNALED, 40 }, "killed by signal 40" },
	{ { KTSTR_EXIT_TIMED_OUT, 0 }, "still running at the deadline" },
	{ { KTSTR_EXIT_WAIT_FAILED, ECHILD }, "could not be waited for: errno 10 (ECHILD)" },
	{ { KTSTR_EXIT_WAIT_FAILED, -1 }, "could not be waited for: errno -1" },
};

static void exit_info_format_names_every_ending(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char buffer[KTSTR_EXIT_TEXT_MAX];

		assert_string_equal(ktstr_exit_info_format(&rows[i].exit_info, buffer),
				    rows[i].text);
	}
}

static void reports_free_takes_null(void **state)
{
	(void)state;
	ktstr_reports_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_info_format_names_every_ending),
		cmocka_unit_test(reports_free_takes_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
