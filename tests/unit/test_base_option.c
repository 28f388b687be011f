// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>

#include "base/clock.h"
#include "base/option.h"

#include "unit.h"

struct arguments {
	bool verbose, quiet;
	const char *kernel;
	uint64_t jobs, timeout_ns;
	unsigned accel;
	struct option_strings params;
};

static const char *const accels[] = { "auto", "kvm", "tcg", NULL };

static const struct option_row rows[] = {
	OPTION_FLAG("verbose", 'v', struct arguments, verbose, "show passing tests too"),
	OPTION_FLAG("quiet", 'q', struct arguments, quiet, "show nothing"),
	OPTION_STRING("kernel", 'k', struct arguments, kernel, "REF", "kernel to boot"),
	OPTION_U64("jobs", 'j', struct arguments, jobs, "N", "VMs at a time"),
	OPTION_DURATION("timeout", 0, struct arguments, timeout_ns, "TIME", "limit for a test"),
	OPTION_STRINGS("param", 'p', struct arguments, params, "K=V", "may be repeated"),
	OPTION_ENUM("accel", 0, struct arguments, accel, accels, "WORD", "accelerator"),
	OPTION_END,
};

static const struct option_set set = {
	.command = "ktstr test",
	.synopsis = "FILE... [OPTION...]",
	.summary = "run tests",
	.details = "Exit status: 0.",
	.rows = rows,
	.min_args = 0,
	.max_args = 2,
	.arg_name = "FILE",
};

static int parse(const char **argv, struct arguments *arguments, unsigned *ret_args,
		 struct ktstr_error *error)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	return option_parse(&set, argc, (char **)argv, arguments, ret_args, error);
}

static void option_parse_reads_every_type(void **state)
{
	const char *argv[] = { "test",	    "a",    "--kernel=x=y", "-vqk", "7.2", "--jobs", "4",
			       "--timeout", "1.5s", "--accel=tcg",  "--",   "-b",  NULL };
	struct arguments arguments = { 0 };
	struct ktstr_error error = { 0 };
	unsigned args = 99;

	(void)state;
	assert_int_equal(parse(argv, &arguments, &args, &error), OPTION_PARSED);
	assert_true(arguments.verbose && arguments.quiet);
	assert_string_equal(arguments.kernel, "7.2");
	assert_int_equal(arguments.jobs, 4);
	assert_int_equal(arguments.timeout_ns, 1500 * NS_PER_MS);
	assert_int_equal(arguments.accel, 2);
	assert_int_equal(args, 2);
	assert_string_equal(argv[1], "a");
	assert_string_equal(argv[2], "-b");
	assert_null(argv[3]);
}

static void option_parse_takes_all_of_a_repeated_option(void **state)
{
	const char *argv[3 + 2 * OPTION_STRINGS_MAX + 2] = { "test", "-pa=1", "--param=b=2" };
	struct arguments arguments = { 0 };
	struct ktstr_error error = { 0 };
	unsigned args;

	(void)state;
	assert_int_equal(parse(argv, &arguments, &args, &error), OPTION_PARSED);
	assert_int_equal(arguments.params.count, 2);
	assert_string_equal(arguments.params.values[0], "a=1");
	assert_string_equal(arguments.params.values[1], "b=2");
	for (size_t i = 1; i + 1 < COUNT(argv); i++)
		argv[i] = "-pc=3";
	arguments = (struct arguments){ 0 };
	assert_int_equal(parse(argv, &arguments, &args, &error), -EINVAL);
	assert_contains(error.text, "'c=3' is one more than the 32");
}

static void option_parse_leaves_defaults_alone(void **state)
{
	const char *argv[] = { "test", "-", NULL };
	struct arguments arguments = { .kernel = "default", .jobs = 7 };
	unsigned args;

	(void)state;
	assert_int_equal(parse(argv, &arguments, &args, NULL), OPTION_PARSED);
	assert_string_equal(arguments.kernel, "default");
	assert_int_equal(arguments.jobs, 7);
	assert_int_equal(args, 1);
}

static void option_parse_names_what_is_wrong(void **state)
{
	static const struct {
		const char *argv[5];
		const char *text;
	} cases[] = {
		{ { "test", "--kernle", "x" }, "unknown option '--kernle', nearest is '--kernel'" },
		{ { "test", "--time=5s" }, "unknown option '--time', nearest is '--timeout'" },
		{ { "test", "--zzzzzz" },
		  "unknown option '--zzzzzz'; 'ktstr test --help' lists them" },
		{ { "test", "-vx" },
		  "unknown option '-x' in '-vx'; 'ktstr test --help' lists them" },
		{ { "test", "--kernel" }, "option --kernel needs a value: --kernel REF" },
		{ { "test", "-k" }, "option --kernel needs a value: --kernel REF" },
		{ { "test", "--verbose=1" }, "option --verbose takes no value, got '1'" },
		{ { "test", "--jobs", "-1" }, "option --jobs: '-1' is not a whole number" },
		{ { "test", "--jobs=" }, "option --jobs: '' is not a number" },
		{ { "test", "--jobs=18446744073709551616" },
		  "option --jobs: '18446744073709551616' is above 2^64 - 1" },
		{ { "test", "--timeout", "500" },
		  "option --timeout: '500' has no unit; write 500ms or 500s" },
		{ { "test", "--accel", "kmv" },
		  "option --accel: 'kmv' is not one of auto, kvm, tcg; nearest is 'kvm'" },
		{ { "test", "--accel", "hardware" },
		  "option --accel: 'hardware' is not one of auto, kvm, tcg" },
		{ { "test", "a", "b", "c" },
		  "unexpected argument 'c'; usage: ktstr test FILE... [OPTION...]" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arguments arguments = { 0 };
		struct ktstr_error error = { 0 };
		const char *argv[6] = { 0 };
		unsigned args = 99;

		memcpy(argv, cases[i].argv, sizeof(cases[i].argv));
		assert_true(parse(argv, &arguments, &args, &error) < 0);
		assert_string_equal(error.text, cases[i].text);
		assert_int_equal(args, 99);
	}
}

static void option_parse_wants_enough_arguments(void **state)
{
	struct option_set strict = set;
	struct ktstr_error error = { 0 };
	const char *argv[] = { "test", NULL };
	struct arguments arguments = { 0 };
	unsigned args;

	(void)state;
	strict.min_args = 1;
	assert_int_equal(option_parse(&strict, 1, (char **)argv, &arguments, &args, &error),
			 -EINVAL);
	assert_string_equal(error.text, "FILE missing; usage: ktstr test FILE... [OPTION...]");
}

static void option_parse_stops_at_help(void **state)
{
	const char *longs[] = { "test", "--help", "--nonsense", NULL };
	const char *shorts[] = { "test", "-vh", NULL };
	struct arguments arguments = { 0 };
	unsigned args;

	(void)state;
	assert_int_equal(parse(longs, &arguments, &args, NULL), OPTION_HELP_ASKED);
	assert_int_equal(parse(shorts, &arguments, &args, NULL), OPTION_HELP_ASKED);
}

static void option_print_help_shows_every_row(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	option_print_help(&set, out);
	fclose(out);
	assert_contains(text, "Usage: ktstr test FILE... [OPTION...]\n\nrun tests\n");
	assert_contains(text, "  -k, --kernel REF          kernel to boot\n");
	assert_contains(text, "      --timeout TIME        limit for a test\n");
	assert_contains(text, "      --accel WORD          accelerator (auto, kvm, tcg)\n");
	assert_contains(text, "  -h, --help                show this text\n");
	assert_contains(text, "\nExit status: 0.\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(option_parse_reads_every_type),
		cmocka_unit_test(option_parse_takes_all_of_a_repeated_option),
		cmocka_unit_test(option_parse_leaves_defaults_alone),
		cmocka_unit_test(option_parse_names_what_is_wrong),
		cmocka_unit_test(option_parse_wants_enough_arguments),
		cmocka_unit_test(option_parse_stops_at_help),
		cmocka_unit_test(option_print_help_shows_every_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
