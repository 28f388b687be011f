// SPDX-License-Identifier: GPL-2.0-only
/*
 * main() of every test binary. On the host it checks the command line and becomes the ktstr tool;
 * two hidden arguments are for the tool (describe) and for the agent in the guest (run).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <ktstr/work.h>

#include "base/cleanup.h"
#include "harness/arguments.h"
#include "harness/describe.h"
#include "harness/registry.h"
#include "harness/run.h"
#include "harness/tool.h"
#include "harness/waiting.h"
#include "wire/message.h"

#define EXIT_USAGE 2

KTSTR_API int main(int argc, char **argv);

static const char *program_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	if (slash)
		return slash + 1;
	return path ? path : "test";
}

static int usage_error(const char *program, const struct ktstr_error *error)
{
	fprintf(stderr, "%s: %s\n", program, error->text);
	return EXIT_USAGE;
}

static int describe(const char *program, struct ktstr_test *const *tests, size_t count)
{
	json_t *json = tests_to_json(tests, count);
	int err = json ? json_dumpf(json, stdout, JSON_COMPACT) : -1;

	json_decref(json);
	if (err || fflush(stdout)) {
		fprintf(stderr, "%s: the description of %zu tests could not be written\n", program,
			count);
		return EXIT_USAGE;
	}
	return 0;
}

static int run_named(const char *program, const char *name, struct ktstr_test *const *tests,
		     size_t count)
{
	const struct ktstr_test *test = registry_find(tests, count, name);

	if (test)
		return run_in_guest(test);
	fprintf(stderr, "%s: %s: there is no test '%s'\n", program, WIRE_RUN_ARGUMENT, name);
	return RUN_NO_RESULT;
}

/* The rest of a command line for people: what can be wrong with it here, then the tool. */
static int hand_over(const char *program, int argc, char **argv, struct ktstr_test **tests,
		     size_t count)
{
	const struct option_set set = {
		.command = program,
		.synopsis = "[OPTION...]",
		.summary = "Runs the tests of this binary, each in a VM of its own.",
		.details = "Exit status: 0 when all passed, 1 when one failed, 2 when the command "
			   "line is\n"
			   "wrong or a test could not run. See ktstr-test(1).",
		.rows = test_argument_rows,
	};
	struct test_arguments arguments = { 0 };
	struct ktstr_work work;
	auto_free char **copy = calloc((size_t)argc + 1, sizeof(char *));
	struct ktstr_error error = { 0 };
	unsigned args;
	int err;

	if (!copy) {
		ktstr_error_set(&error, -ENOMEM, "no memory for %d arguments", argc);
		return usage_error(program, &error);
	}
	memcpy(copy, argv, (size_t)argc * sizeof(char *)); /* the parser reorders it */
	err = option_parse(&set, argc, copy, &arguments, &args, &error);
	if (err == OPTION_HELP_ASKED) {
		option_print_help(&set, stdout);
		return fflush(stdout) ? EXIT_USAGE : 0;
	}
	if (!err)
		err = test_arguments_check(&arguments, &error);
	if (!err && test_arguments_work(&arguments) &&
	    ktstr_work_from_name(test_arguments_work(&arguments), &work, &error))
		err = ktstr_error_wrap(&error, -EINVAL, "option --work");
	if (!err)
		err = registry_filter(tests, &count, arguments.filter, &error);
	if (!err && count == 0)
		err = ktstr_error_set(&error, -ENOENT,
				      "declares no test; KTSTR_TEST() declares one");
	if (!err)
		err = tool_exec(argv, &error);
	(void)err; /* it is in error */
	return usage_error(program, &error);
}

int main(int argc, char **argv)
{
	const char *program = program_name(argv[0]);
	const char *first = argc > 1 ? argv[1] : "";
	auto_free struct ktstr_test **tests = NULL;
	struct ktstr_error error = { 0 };
	size_t count;

	if (registry_collect(&tests, &count, &error))
		return usage_error(program, &error);
	if (strcmp(first, HARNESS_DESCRIBE_ARGUMENT) == 0)
		return describe(program, tests, count);
	if (strcmp(first, WIRE_RUN_ARGUMENT) == 0)
		return argc > 2 ? run_named(program, argv[2], tests, count)
				: wait_and_run(tests, count);
	return hand_over(program, argc, argv, tests, count);
}
