// SPDX-License-Identifier: GPL-2.0-only
/* The table of subcommands, and what each of them does first: parse, help, complain. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/command.h"

const struct command commands[] = {
#define X(name_, summary_)                                                                         \
	{ .name = #name_,                                                                          \
	  .summary = (summary_),                                                                   \
	  .options = cli_##name_##_options,                                                        \
	  .run = cli_##name_ },
	COMMANDS(X)
#undef X
		{ .name = NULL },
};

struct arguments {
	bool version;
};

static const struct option_row rows[] = {
	OPTION_FLAG("version", 'V', struct arguments, version, "show the version"),
	OPTION_END,
};

static const struct option_set tool_options = {
	.command = "ktstr",
	.synopsis = "COMMAND [ARGUMENT...]",
	.summary = "Tests Linux schedulers: boots a kernel in a VM, runs scenarios, judges what it "
		   "measured.",
	.rows = rows,
};

int cli_error(const char *command, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", command);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return CLI_USAGE;
}

int cli_parse(const struct option_set *set, int argc, char **argv, void *target, unsigned *ret_args)
{
	struct ktstr_error error = { 0 };

	switch (option_parse(set, argc, argv, target, ret_args, &error)) {
	case OPTION_PARSED:
		return CLI_GO_ON;
	case OPTION_HELP_ASKED:
		option_print_help(set, stdout);
		return CLI_OK;
	default:
		return cli_error(set->command, "%s", error.text);
	}
}

int cli_take_numbers(const struct cli_number *numbers, size_t count, struct ktstr_error *error)
{
	for (size_t i = 0; i < count; i++) {
		if (numbers[i].value > INT_MAX)
			return ktstr_error_set(error, -ERANGE, "option --%s: %llu is above %d",
					       numbers[i].name,
					       (unsigned long long)numbers[i].value, INT_MAX);
		*numbers[i].target = (unsigned)numbers[i].value;
	}
	return 0;
}

static void print_help(void)
{
	option_print_help(&tool_options, stdout);
	printf("\nCommands ('ktstr COMMAND --help' says more):\n");
	for (const struct command *command = commands; command->name; command++)
		printf("  %-10s %s\n", command->name, command->summary);
}

static int unknown_command(const char *name)
{
	struct nearest nearest = NEAREST(name);

	for (const struct command *command = commands; command->name; command++)
		nearest_offer(&nearest, command->name);
	if (nearest_best(&nearest))
		return cli_error("ktstr", "unknown command '%s', nearest is '%s'", name,
				 nearest_best(&nearest));
	return cli_error("ktstr", "unknown command '%s'; 'ktstr --help' lists them", name);
}

/* Only what stands before the command belongs to the tool itself. */
static int run_without_command(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	struct ktstr_error error = { 0 };
	unsigned args;

	switch (option_parse(&tool_options, argc, argv, &arguments, &args, &error)) {
	case OPTION_PARSED:
		break;
	case OPTION_HELP_ASKED:
		print_help();
		return CLI_OK;
	default:
		return cli_error("ktstr", "%s", error.text);
	}
	if (!arguments.version)
		return cli_error("ktstr", "command missing; 'ktstr --help' lists them");
	printf("ktstr %s\n", KTSTR_VERSION);
	return CLI_OK;
}

int cli_run(int argc, char **argv)
{
	if (argc < 2 || argv[1][0] == '-')
		return run_without_command(argc, argv);
	for (const struct command *command = commands; command->name; command++)
		if (strcmp(command->name, argv[1]) == 0)
			return command->run(argc - 1, argv + 1);
	return unknown_command(argv[1]);
}
