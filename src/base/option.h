/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <ktstr/error.h>

/*
 * A command line as data: one row an option, with its name, type, target and help. Parsing,
 * --help and completion read the same rows, so they cannot disagree.
 *
 *	struct arguments { bool verbose; const char *kernel; uint64_t timeout_ns; };
 *
 *	static const struct option_row rows[] = {
 *		OPTION_FLAG("verbose", 'v', struct arguments, verbose, "show passing tests too"),
 *		OPTION_STRING("kernel", 'k', struct arguments, kernel, "REF", "kernel to boot"),
 *		OPTION_DURATION("timeout", 0, struct arguments, timeout_ns, "TIME", "per test"),
 *		OPTION_END,
 *	};
 *	static const struct option_set set = {
 *		.command = "ktstr test", .synopsis = "FILE... [OPTION...]",
 *		.summary = "run the tests of test binaries", .rows = rows, .max_args = UINT_MAX,
 *	};
 *
 * Accepted: --name VALUE, --name=VALUE, -k VALUE, -kVALUE, flags run together (-vq), options and
 * arguments in any order, "--" ends the options. The last of several equal options counts, but for
 * OPTION_STRINGS, which takes them all. Every
 * set has --help and -h. Nothing is abbreviated: scripts would break on the next option.
 */
enum option_type {
	OPTION_TYPE_END,
	OPTION_TYPE_FLAG,     /* bool */
	OPTION_TYPE_STRING,   /* const char *, points into argv */
	OPTION_TYPE_STRINGS,  /* struct option_strings: one for each time it is given */
	OPTION_TYPE_U64,      /* uint64_t, decimal */
	OPTION_TYPE_DURATION, /* uint64_t, ns */
	OPTION_TYPE_ENUM,     /* unsigned, index into words */
};

#define OPTION_STRINGS_MAX 32

struct option_strings {
	unsigned count;
	const char *values[OPTION_STRINGS_MAX]; /* point into argv */
};

struct option_row {
	enum option_type type;
	const char *name;	  /* without the dashes */
	char short_name;	  /* 0: none */
	size_t offset;		  /* of the target in the caller's struct */
	const char *const *words; /* OPTION_TYPE_ENUM: allowed values, NULL-terminated */
	const char *argument;	  /* how --help names the value; NULL for flags */
	const char *help;
};

struct option_set {
	const char *command;  /* "ktstr test" */
	const char *synopsis; /* what follows the command */
	const char *summary;  /* lower case, no full stop */
	const char *details;  /* printed below the options; NULL: nothing */
	const struct option_row *rows;
	unsigned min_args, max_args; /* arguments that are no options */
	const char *arg_name;	     /* what such an argument is, for errors: "FILE" */
};

/* offsetof, and a compile error when the field is not of the type the row will write. */
#define OPTION_OFFSET(struct_type, field, field_type)                                              \
	(offsetof(struct_type, field) +                                                            \
	 0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((struct_type *)0)->field),       \
						      field_type)                                  \
				 ? 1                                                               \
				 : -1]))

#define OPTION_FLAG(name_, short_, struct_type, field, help_)                                      \
	{                                                                                          \
		.type = OPTION_TYPE_FLAG, .name = (name_), .short_name = (short_),                 \
		.offset = OPTION_OFFSET(struct_type, field, bool), .help = (help_)                 \
	}
#define OPTION_STRING(name_, short_, struct_type, field, argument_, help_)                         \
	{                                                                                          \
		.type = OPTION_TYPE_STRING, .name = (name_), .short_name = (short_),               \
		.offset = OPTION_OFFSET(struct_type, field, const char *),                         \
		.argument = (argument_), .help = (help_)                                           \
	}
#define OPTION_STRINGS(name_, short_, struct_type, field, argument_, help_)                        \
	{                                                                                          \
		.type = OPTION_TYPE_STRINGS, .name = (name_), .short_name = (short_),              \
		.offset = OPTION_OFFSET(struct_type, field, struct option_strings),                \
		.argument = (argument_), .help = (help_)                                           \
	}
#define OPTION_U64(name_, short_, struct_type, field, argument_, help_)                            \
	{                                                                                          \
		.type = OPTION_TYPE_U64, .name = (name_), .short_name = (short_),                  \
		.offset = OPTION_OFFSET(struct_type, field, uint64_t), .argument = (argument_),    \
		.help = (help_)                                                                    \
	}
#define OPTION_DURATION(name_, short_, struct_type, field, argument_, help_)                       \
	{                                                                                          \
		.type = OPTION_TYPE_DURATION, .name = (name_), .short_name = (short_),             \
		.offset = OPTION_OFFSET(struct_type, field, uint64_t), .argument = (argument_),    \
		.help = (help_)                                                                    \
	}
#define OPTION_ENUM(name_, short_, struct_type, field, words_, argument_, help_)                   \
	{                                                                                          \
		.type = OPTION_TYPE_ENUM, .name = (name_), .short_name = (short_),                 \
		.offset = OPTION_OFFSET(struct_type, field, unsigned), .words = (words_),          \
		.argument = (argument_), .help = (help_)                                           \
	}
#define OPTION_END                                                                                 \
	{                                                                                          \
		.type = OPTION_TYPE_END                                                            \
	}

enum option_result {
	OPTION_PARSED = 0,
	OPTION_HELP_ASKED = 1,
};

/*
 * Parse argv[1..argc) into target (a struct of the caller's, already holding the defaults; options
 * not given leave their field alone). Arguments that are no options are moved to argv[1..], in
 * order, with NULL behind the last, and *ret_args is their number.
 *
 * Returns OPTION_PARSED, or OPTION_HELP_ASKED as soon as --help is met. -EINVAL for a usage error:
 * the text names the argument at fault and the nearest valid word. Strings point into argv.
 */
int option_parse(const struct option_set *set, int argc, char **argv, void *target,
		 unsigned *ret_args, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The text of --help. */
void option_print_help(const struct option_set *set, FILE *out);
