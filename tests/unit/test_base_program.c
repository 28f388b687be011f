// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/program.h"
#include "unit.h"

/* Enough for any of these, and far from how long their sleepers sleep. */
#define TIMEOUT_MS 5000

static struct program shell(const char *const *argv, uint64_t timeout_ms)
{
	return (struct program){
		.argv = argv,
		.dir = AT_FDCWD,
		.deadline_ns = clock_deadline_ms(timeout_ms),
		.stop_fd = -1,
		.out_limit_bytes = 1000,
	};
}

static const struct {
	const char *script;
	int exit_code, signal;
	const char *out, *err;
} runs[] = {
	{ "echo out; echo err >&2", 0, 0, "out\n", "err\n" },
	{ "exit 3", 3, 0, "", "" },
	{ "kill -TERM $$", -1, SIGTERM, "", "" },
	{ "echo $LC_ALL; cat; pwd", 0, 0, "C\n/\n", "" }, /* no input, and a folder of our choice */
	{ "echo $KTSTR_OURS", 0, 0, "ours\n", "" },
	{ "no-such-program-here 2>/dev/null", 127, 0, "", "" },
	/* What is left in the session holds the pipes open: it ends with the program. */
	{ "sleep 100 & echo started", 0, 0, "started\n", "" },
	/* What left the session lives on, and is not waited for. */
	{ "setsid sleep 1 & echo started", 0, 0, "started\n", "" },
	/* 0 to 3, and the one that ls opens. */
	{ "ls /proc/self/fd | wc -l", 0, 0, "5\n", "" },
	/*
	 * A signal that we ignore is not ignored there. 32 and 33 are glibc's own: whoever started
	 * us may ignore them, and nobody can undo it.
	 */
	{ "ignored=$(sed -n 's/^SigIgn:[[:space:]]*//p' /proc/self/status); "
	  "echo $((0x$ignored & ~(3 << 31)))", 0, 0, "0\n", "" },
};

static void program_run_reports_end_and_output(void **state)
{
	int root = open("/", O_RDONLY | O_DIRECTORY); /* not marked, and not passed on */

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	setenv("LC_ALL", "POSIX", 1);
	setenv("KTSTR_OURS", "ours", 1);
	for (size_t i = 0; i < COUNT(runs); i++) {
		const char *const argv[] = { "sh", "-c", runs[i].script, NULL };
		struct program program = shell(argv, TIMEOUT_MS);
		struct program_result result = { 0 };
		struct ktstr_error error = { 0 };

		program.dir = root;
		if (program_run(&program, &result, &error))
			fail_msg("%s: %s", runs[i].script, error.text);
		assert_int_equal(result.exit_code, runs[i].exit_code);
		assert_int_equal(result.signal, runs[i].signal);
		assert_string_equal(result.out, runs[i].out);
		assert_string_equal(result.err, runs[i].err);
		program_result_release(&result);
	}
	signal(SIGPIPE, SIG_DFL);
	close(root);
}

static const struct {
	const char *argv[4];
	uint64_t timeout_ms;
	int code;
	const char *names;
} failures[] = {
	{ { "/nowhere/program" }, TIMEOUT_MS, -ENOENT, "No such file" },
	{ { "ktstr-no-such-program" }, TIMEOUT_MS, -ENOENT, "No such file" },
	{ { "/dev/null" }, TIMEOUT_MS, -EACCES, "Permission denied" },
	{ { "sh", "-c", "exec sleep 100" }, 30, -ETIMEDOUT, "did not end within 0." },
	{ { "sh", "-c", "sleep 100 & wait" }, 30, -ETIMEDOUT, "did not end within 0." },
	{ { "sh", "-c", "exec >&- 2>&- 3>&-; sleep 100" }, 30, -ETIMEDOUT, "did not end" },
	{ { "sh", "-c", "exec yes >&2" }, 60, -ETIMEDOUT, "did not end within 0." },
	{ { "yes" }, TIMEOUT_MS, -EFBIG, "more than 1000 bytes" },
	{ { "sh", "-c", "echo one >&2; echo two >&2; exit 3" },
	  TIMEOUT_MS,
	  -EPROTO,
	  "exited with status 3: two" },
	{ { "sh", "-c", "exit 4" }, TIMEOUT_MS, -EPROTO, "status 4: it said nothing on stderr" },
	{ { "sh", "-c", "kill -9 $$" }, TIMEOUT_MS, -EPROTO, "killed by signal 9" },
};

static void program_output_says_what_went_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(failures); i++) {
		struct program program = shell(failures[i].argv, failures[i].timeout_ms);
		struct ktstr_error error = { 0 };
		char *output = NULL;
		int err = program_output(&program, &output, &error);

		if (err != failures[i].code)
			fail_msg("row %zu: %d (%s)", i, err, error.text);
		assert_contains(error.text, failures[i].names);
		assert_null(strchr(error.text, '\n'));
		assert_null(output);
	}
	/* Nothing of them is left. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void program_output_gives_stdout_alone(void **state)
{
	static const char *const argv[] = { "sh", "-c", "echo out; echo complaint >&2", NULL };
	struct program program = shell(argv, TIMEOUT_MS);
	char *output = NULL;

	(void)state;
	assert_int_equal(program_output(&program, &output, NULL), 0);
	assert_string_equal(output, "out\n");
	free(output);
}

/* As ktstr is started by one that ignores SIGCHLD. */
static void program_output_stands_when_the_kernel_reaps(void **state)
{
	static const char *const argv[] = { "echo", "out", NULL };
	struct program program = shell(argv, TIMEOUT_MS);
	char *output = NULL;

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(program_output(&program, &output, NULL), 0);
	signal(SIGCHLD, SIG_DFL);
	assert_string_equal(output, "out\n");
	free(output);
}

static void program_run_gives_up_when_told_to_stop(void **state)
{
	static const char *const argv[] = { "sleep", "100", NULL };
	struct program program = shell(argv, TIMEOUT_MS);
	struct program_result result = { 0 };
	struct ktstr_error error = { 0 };
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	program.stop_fd = ends[0];
	assert_int_equal(program_run(&program, &result, &error), -EINTR);
	assert_string_equal(error.text, "interrupted");
	assert_null(result.out);
	close(ends[0]);
	close(ends[1]);
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
	struct program program = shell(argv, TIMEOUT_MS);
	struct program_result result = { 0 };

	(void)state;
	program.status = collect_line;
	program.arg = lines;
	assert_int_equal(program_run(&program, &result, NULL), 0);
	assert_string_equal(lines, "[a][bc]");
	program_result_release(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_run_reports_end_and_output),
		cmocka_unit_test(program_run_gives_up_when_told_to_stop),
		cmocka_unit_test(program_run_hands_status_lines_on),
		cmocka_unit_test(program_output_gives_stdout_alone),
		cmocka_unit_test(program_output_stands_when_the_kernel_reaps),
		cmocka_unit_test(program_output_says_what_went_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
