// SPDX-License-Identifier: GPL-2.0-only
/* Command lines as tables: parsing and help from one array of rows. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/duration.h"
#include "base/nearest.h"
#include "base/option.h"

#define HELP_COLUMN 28 /* where the help texts start */

static const struct option_row help_row = {
	.type = OPTION_TYPE_FLAG, .name = "help", .short_name = 'h', .help = "show this text"
};

/* Where the parser stands in argv, and where the next plain argument goes. */
struct parser {
	const struct option_set *set;
	int argc;
	char **argv;
	int next;      /* first argument not looked at yet */
	unsigned args; /* plain arguments so far, in argv[1..args] */
	char *target;
	struct ktstr_error *error;
};

static const struct option_row *find_long(const struct option_set *set, const char *name,
					  size_t length)
{
	for (const struct option_row *row = set->rows; row->type != OPTION_TYPE_END; row++)
		if (strlen(row->name) == length && memcmp(row->name, name, length) == 0)
			return row;
	if (strlen(help_row.name) == length && memcmp(help_row.name, name, length) == 0)
		return &help_row;
	return NULL;
}

static const struct option_row *find_short(const struct option_set *set, char name)
{
	for (const struct option_row *row = set->rows; row->type != OPTION_TYPE_END; row++)
		if (row->short_name == name)
			return row;
	return name == help_row.short_name ? &help_row : NULL;
}

static int unknown_long(const struct parser *parser, const char *name, size_t length)
{
	char typed[64];
	struct nearest nearest = NEAREST(typed);
	const char *best;

	snprintf(typed, sizeof(typed), "%.*s", (int)length, name);
	for (const struct option_row *row = parser->set->rows; row->type != OPTION_TYPE_END; row++)
		nearest_offer(&nearest, row->name);
	nearest_offer(&nearest, help_row.name);
	best = nearest_best(&nearest);
	if (best)
		return ktstr_error_set(parser->error, -EINVAL,
				       "unknown option '--%s', nearest is '--%s'", typed, best);
	return ktstr_error_set(parser->error, -EINVAL,
			       "unknown option '--%s'; '%s --help' lists them", typed,
			       parser->set->command);
}

static int parse_u64(const char *text, uint64_t *ret_value, struct ktstr_error *error)
{
	uint64_t value = 0;

	if (!*text)
		return ktstr_error_set(error, -EINVAL, "'' is not a number");
	for (const char *at = text; *at; at++) {
		if (!isdigit((unsigned char)*at))
			return ktstr_error_set(error, -EINVAL, "'%s' is not a whole number", text);
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value))
			return ktstr_error_set(error, -ERANGE, "'%s' is above 2^64 - 1", text);
	}
	*ret_value = value;
	return 0;
}

static int add_string(const char *text, struct option_strings *strings, struct ktstr_error *error)
{
	if (strings->count == OPTION_STRINGS_MAX)
		return ktstr_error_set(error, -EINVAL, "'%s' is one more than the %d there can be",
				       text, OPTION_STRINGS_MAX);
	strings->values[strings->count++] = text;
	return 0;
}

static int parse_word(const char *const *words, const char *text, unsigned *ret_index,
		      struct ktstr_error *error)
{
	struct nearest nearest = NEAREST(text);
	char list[256] = "";
	size_t used = 0;

	for (unsigned i = 0; words[i]; i++) {
		if (strcmp(words[i], text) == 0) {
			*ret_index = i;
			return 0;
		}
		nearest_offer(&nearest, words[i]);
		if (used < sizeof(list))
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
						 i ? ", " : "", words[i]);
	}
	if (nearest_best(&nearest))
		return ktstr_error_set(error, -EINVAL, "'%s' is not one of %s; nearest is '%s'",
				       text, list, nearest_best(&nearest));
	return ktstr_error_set(error, -EINVAL, "'%s' is not one of %s", text, list);
}

static int store(const struct parser *parser, const struct option_row *row, const char *value)
{
	void *target = parser->target + row->offset;
	int err = 0;

	switch (row->type) {
	case OPTION_TYPE_END:
		break;
	case OPTION_TYPE_FLAG:
		*(bool *)target = true;
		break;
	case OPTION_TYPE_STRING:
		*(const char **)target = value;
		break;
	case OPTION_TYPE_STRINGS:
		err = add_string(value, target, parser->error);
		break;
	case OPTION_TYPE_U64:
		err = parse_u64(value, target, parser->error);
		break;
	case OPTION_TYPE_DURATION:
		err = duration_parse(value, target, parser->error);
		break;
	case OPTION_TYPE_ENUM:
		err = parse_word(row->words, value, target, parser->error);
		break;
	}
	return err ? ktstr_error_wrap(parser->error, err, "option --%s", row->name) : 0;
}

/* The value that follows as an argument of its own; NULL and an error when there is none. */
static const char *take_value(struct parser *parser, const struct option_row *row)
{
	if (parser->next < parser->argc)
		return parser->argv[parser->next++];
	ktstr_error_set(parser->error, -EINVAL, "option --%s needs a value: --%s %s", row->name,
			row->name, row->argument);
	return NULL;
}

static int parse_long(struct parser *parser, const char *text)
{
	size_t length = strcspn(text, "=");
	const struct option_row *row = find_long(parser->set, text, length);
	const char *value = text[length] ? text + length + 1 : NULL;

	if (!row)
		return unknown_long(parser, text, length);
	if (row->type == OPTION_TYPE_FLAG && value)
		return ktstr_error_set(parser->error, -EINVAL,
				       "option --%s takes no value, got '%s'", row->name, value);
	if (row == &help_row)
		return OPTION_HELP_ASKED;
	if (row->type != OPTION_TYPE_FLAG && !value)
		value = take_value(parser, row);
	if (row->type != OPTION_TYPE_FLAG && !value)
		return -EINVAL;
	return store(parser, row, value);
}

/* One argument of short options: flags, then perhaps one that takes the rest or the next. */
static int parse_shorts(struct parser *parser, const char *text)
{
	for (const char *at = text; *at; at++) {
		const struct option_row *row = find_short(parser->set, *at);
		int err;

		if (!row)
			return ktstr_error_set(
				parser->error, -EINVAL,
				"unknown option '-%c' in '-%s'; '%s --help' lists them", *at, text,
				parser->set->command);
		if (row == &help_row)
			return OPTION_HELP_ASKED;
		if (row->type != OPTION_TYPE_FLAG) {
			const char *value = at[1] ? at + 1 : take_value(parser, row);

			return value ? store(parser, row, value) : -EINVAL;
		}
		err = store(parser, row, NULL);
		if (err)
			return err;
	}
	return 0;
}

static int check_count(const struct parser *parser)
{
	const struct option_set *set = parser->set;
	const char *name = set->arg_name ? set->arg_name : "argument";

	if (parser->args < set->min_args)
		return ktstr_error_set(parser->error, -EINVAL, "%s missing; usage: %s %s", name,
				       set->command, set->synopsis);
	if (parser->args > set->max_args)
		return ktstr_error_set(parser->error, -EINVAL,
				       "unexpected argument '%s'; usage: %s %s",
				       parser->argv[1 + set->max_args], set->command,
				       set->synopsis);
	return 0;
}

int option_parse(const struct option_set *set, int argc, char **argv, void *target,
		 unsigned *ret_args, struct ktstr_error *error)
{
	struct parser parser = {
		.set = set, .argc = argc, .argv = argv, .next = 1, .target = target, .error = error
	};
	bool options_over = false;
	int err;

	while (parser.next < argc) {
		char *argument = argv[parser.next++];

		if (options_over || argument[0] != '-' || !argument[1]) {
			argv[++parser.args] = argument;
			continue;
		}
		if (strcmp(argument, "--") == 0) {
			options_over = true;
			continue;
		}
		err = argument[1] == '-' ? parse_long(&parser, argument + 2)
					 : parse_shorts(&parser, argument + 1);
		if (err)
			return err;
	}
	err = check_count(&parser);
	if (err)
		return err;
	if ((int)parser.args + 1 < argc)
		argv[parser.args + 1] = NULL;
	*ret_args = parser.args;
	return OPTION_PARSED;
}

static void print_row(const struct option_row *row, FILE *out)
{
	int width = 0;

	width += row->short_name ? fprintf(out, "  -%c, ", row->short_name)
				 : fprintf(out, "      ");
	width += fprintf(out, "--%s", row->name);
	if (row->argument)
		width += fprintf(out, " %s", row->argument);
	if (width >= HELP_COLUMN) {
		fputc('\n', out);
		width = 0;
	}
	fprintf(out, "%*s%s", HELP_COLUMN - width, "", row->help);
	for (unsigned i = 0; row->words && row->words[i]; i++)
		fprintf(out, "%s%s", i ? ", " : " (", row->words[i]);
	fprintf(out, "%s\n", row->words ? ")" : "");
}

void option_print_help(const struct option_set *set, FILE *out)
{
	fprintf(out, "Usage: %s %s\n\n%s\n\nOptions:\n", set->command, set->synopsis, set->summary);
	for (const struct option_row *row = set->rows; row->type != OPTION_TYPE_END; row++)
		print_row(row, out);
	print_row(&help_row, out);
	if (set->details)
		fprintf(out, "\n%s\n", set->details);
}
