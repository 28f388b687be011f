// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "unit.h"
#include "vm/kernel/program.h"

static const struct {
	const char *script;
	int exit_code;
	const char *out, *err;
} runs[] = {
	{ "echo out; echo err >&2", 0, "out\n", "err\n" },
	{ "exit 3", 3, "", "" },
	{ "kill -TERM $$", 128 + 15, "", "" },
	{ "echo $LC_ALL; cat; pwd", 0, "C\n/\n", "" }, /* no input, and a folder of our choice */
	{ "no-such-program-here 2>/dev/null", 127, "", "" },
	/* What is left in the group holds the pipes open: it ends with the program. */
	{ "sleep 100 & echo started", 0, "started\n", "" },
};

static void program_run_reports_end_and_output(void **state)
{
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	for (size_t i = 0; i < COUNT(runs); i++) {
		const char *const argv[] = { "sh", "-c", runs[i].script, NULL };
		struct program program = {
			.argv = argv,
			.dir = root,
			.deadline_ns = clock_deadline_ms(20000),
		};
		struct program_result result = { 0 };
		struct ktstr_error error = { 0 };

		if (program_run(&program, &result, &error))
			fail_msg("%s: %s", runs[i].script, error.text);
		assert_int_equal(result.exit_code, runs[i].exit_code);
		assert_string_equal(result.out, runs[i].out);
		assert_string_equal(result.err, runs[i].err);
		program_result_release(&result);
	}
	close(root);
}

static void program_run_ends_what_takes_too_long(void **state)
{
	const char *const argv[] = { "sh", "-c", "sleep 100 & wait", NULL };
	struct program program = {
		.argv = argv,
		.dir = AT_FDCWD,
		.deadline_ns = clock_deadline_ms(50),
	};
	struct program_result result = { 0 };
	struct ktstr_error error = { 0 };

	(void)state;
	assert_int_equal(program_run(&program, &result, &error), -ETIMEDOUT);
	assert_contains(error.text, "'sh' was not done after 0.");
	assert_null(result.out);
}

static void program_run_says_what_is_missing_by_its_code(void **state)
{
	const char *const argv[] = { "/nonexistent/program", NULL };
	struct program program = {
		.argv = argv,
		.dir = AT_FDCWD,
		.deadline_ns = clock_deadline_ms(20000),
	};
	struct program_result result = { 0 };

	(void)state;
	assert_int_equal(program_run(&program, &result, NULL), 0);
	assert_int_equal(result.exit_code, 127);
	program_result_release(&result);
}

static void collect_line(void *arg, const char *line)
{
	char *text = arg;
	size_t used = strlen(text);

	snprintf(text + used, 256 - used, "[%s]", line);
}

static void program_run_hands_status_lines_on(void **state)
{
	const char *const argv[] = { "sh", "-c",
				     "printf 'a\\nb' >&3; printf 'c\\n' >&3; printf cut >&3",
				     NULL };
	char lines[256] = "";
	struct program program = {
		.argv = argv,
		.dir = AT_FDCWD,
		.deadline_ns = clock_deadline_ms(20000),
		.status = collect_line,
		.arg = lines,
	};
	struct program_result result = { 0 };

	(void)state;
	assert_int_equal(program_run(&program, &result, NULL), 0);
	assert_string_equal(lines, "[a][bc]");
	program_result_release(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_run_reports_end_and_output),
		cmocka_unit_test(program_run_ends_what_takes_too_long),
		cmocka_unit_test(program_run_says_what_is_missing_by_its_code),
		cmocka_unit_test(program_run_hands_status_lines_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
