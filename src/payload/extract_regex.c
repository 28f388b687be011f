// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers by regular expression, a line at a time: POSIX's matcher takes memory in proportion to
 * what it is given, and no pattern here spans lines.
 */
#include <errno.h>
#include <math.h>
#include <regex.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "payload/metrics.h"

#define LINE_MAX_BYTES 65536 /* what follows in a longer line is not looked at */
#define NUMBER_MAX_BYTES 64

static bool parse_number(const char *text, size_t length, double *ret_value)
{
	char number[NUMBER_MAX_BYTES];
	char *end;

	if (!length || length >= sizeof(number))
		return false;
	memcpy(number, text, length);
	number[length] = '\0';
	*ret_value = strtod(number, &end);
	return !*end && isfinite(*ret_value);
}

/* The number that regex finds in a line. */
static bool match_line(const regex_t *regex, const char *line, size_t length, double *ret_value)
{
	regmatch_t match[2] = { { .rm_so = 0, .rm_eo = (regoff_t)length }, { -1, -1 } };
	size_t group = regex->re_nsub ? 1 : 0;

	if (regexec(regex, line, 2, match, REG_STARTEND) || match[group].rm_so < 0)
		return false;
	return parse_number(line + match[group].rm_so,
			    (size_t)(match[group].rm_eo - match[group].rm_so), ret_value);
}

static bool match_text(const regex_t *regex, const char *text, size_t size, double *ret_value)
{
	for (size_t at = 0; at < size;) {
		const char *newline = memchr(text + at, '\n', size - at);
		size_t length = newline ? (size_t)(newline - text) - at : size - at;

		if (match_line(regex, text + at, length < LINE_MAX_BYTES ? length : LINE_MAX_BYTES,
			       ret_value))
			return true;
		at += length + 1;
	}
	return false;
}

int extract_regex(const char *text, size_t size, const struct ktstr_output *output,
		  enum ktstr_stream stream, struct metric_list *list)
{
	for (size_t i = 0; i < output->count; i++) {
		const struct ktstr_output_metric *metric = &output->metrics[i];
		regex_t regex;
		double value;
		bool found;

		/* It compiled when the declaration was checked. */
		if (regcomp(&regex, metric->from, REG_EXTENDED | REG_NEWLINE))
			return -ENOMEM;
		found = match_text(&regex, text, size, &value);
		regfree(&regex);
		if (found && metric_list_add(list, metric->name, value, stream))
			return -ENOMEM;
	}
	return 0;
}
