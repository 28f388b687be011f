/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "base/option.h"

/*
 * The subcommands of ktstr: one file cli/<name>.c and one row here each. The file defines
 *
 *	const struct option_set *const cli_<name>_options[];   every command line it has, then NULL
 *	int cli_<name>(int argc, char **argv);                 argv[0] is <name>
 *
 * and the function returns the exit status.
 */
#define COMMANDS(X)                                                                                \
	X(test, "run the tests of test binaries")                                                  \
	X(list, "show the tests of test binaries")                                                 \
	X(kernel, "keep kernels for the VMs that tests run in")                                    \
	X(template, "keep booted guests that tests start from")                                    \
	X(shell, "boot a guest and look around in it")                                             \
	X(workload, "run one kind of work on this machine")                                        \
	X(schbench, "run schbench: latencies of wake-ups and requests")                            \
	X(taobench, "run taobench: how a cache with a slow path is served")                        \
	X(topo, "show the topology of this machine or of a VM")                                    \
	X(doctor, "say what works on this machine")                                                \
	X(completion, "print a script that completes words in a shell")

struct command {
	const char *name;
	const char *summary;
	const struct option_set *const *options;
	int (*run)(int argc, char **argv);
};

/* Ends with a row whose name is NULL. */
extern const struct command commands[];

#define X(name, summary)                                                                           \
	extern const struct option_set *const cli_##name##_options[];                              \
	int cli_##name(int argc, char **argv);
COMMANDS(X)
#undef X

enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1, /* a test failed, a probe says no */
	CLI_USAGE = 2,	/* wrong command line, or it could not run at all */
	CLI_GO_ON = -1, /* cli_parse() only: nothing to exit for */
};

/*
 * Parse a command line and answer --help (stdout) and usage errors (one line on stderr). Returns
 * CLI_GO_ON, or the code to exit with.
 */
int cli_parse(const struct option_set *set, int argc, char **argv, void *target,
	      unsigned *ret_args);

/* "ktstr test: <text>" on stderr; returns CLI_USAGE, for "return cli_error(...)". */
int cli_error(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* An option's number that the caller has to fit into its struct. */
struct cli_number {
	const char *name; /* of the option */
	uint64_t value;
	unsigned *target;
};

/* Store all of them; -ERANGE for the first that is above INT_MAX, with its option in the text. */
int cli_take_numbers(const struct cli_number *numbers, size_t count,
		     struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The whole tool: argv as main() gets it. */
int cli_run(int argc, char **argv);
