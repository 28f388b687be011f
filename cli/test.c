// SPDX-License-Identifier: GPL-2.0-only
/* ktstr test: run the tests of test binaries. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/command.h"
#include "cli/stop.h"
#include "runner/run.h"

static const struct option_set test_options = {
	.command = "ktstr test",
	.synopsis = "FILE... [OPTION...]",
	.summary = "Runs the tests of test binaries, each test in a VM of its own.",
	.details = "Exit status: 0 when all passed, 1 when one failed, 2 when the command line is\n"
		   "wrong or a test could not run.",
	.rows = test_argument_rows,
	.min_args = 1,
	.max_args = UINT_MAX,
	.arg_name = "FILE",
};

const struct option_set *const cli_test_options[] = { &test_options, NULL };

static bool can_redraw(int fd)
{
	const char *terminal = getenv("TERM");

	return isatty(fd) && terminal && strcmp(terminal, "dumb") != 0;
}

int cli_test(int argc, char **argv)
{
	struct run_config config = { .stop_fd = -1, .out = stdout, .notices = stderr };
	const char *no_color = getenv("NO_COLOR"); /* see no-color.org */
	struct ktstr_error error = { 0 };
	unsigned files;
	int status = cli_parse(&test_options, argc, argv, &config.arguments, &files);
	auto_close int stop_fd = -1;

	if (status != CLI_GO_ON)
		return status;
	config.files = (const char *const *)argv + 1;
	config.files_count = files;
	if (!config.arguments.no_progress && can_redraw(STDERR_FILENO))
		config.progress = (struct progress){ .out = stderr,
						     .color = !no_color || !*no_color };
	if (stop_open(&stop_fd, &error))
		return cli_error(test_options.command, "%s", error.text);
	config.stop_fd = stop_fd;
	if (run_tests(&config, &status, &error))
		return cli_error(test_options.command, "%s", error.text);
	return status;
}
