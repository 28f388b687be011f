/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* What follows prefix at the start of text; NULL when text starts otherwise. */
static inline const char *text_behind(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) ? NULL : text + length;
}

static inline bool text_ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && !strcmp(text + length - end_length, end);
}

/* Whether word is one of words, which white space separates: "cpu" is not in "cpuset io". */
static inline bool text_has_word(const char *words, const char *word)
{
	static const char blanks[] = " \t\r\n";
	size_t length = strlen(word);

	for (const char *at = words; *(at += strspn(at, blanks)); at += strcspn(at, blanks))
		if (strcspn(at, blanks) == length && !memcmp(at, word, length))
			return true;
	return false;
}

/*
 * The decimal number at *cursor, which moves behind it; false when there is none. A number above
 * limit, however long, becomes limit + 1.
 */
static inline bool text_take_number(const char **cursor, unsigned limit, unsigned *ret_value)
{
	const char *at = *cursor;
	unsigned value = 0;

	if (!isdigit((unsigned char)*at))
		return false;
	for (; isdigit((unsigned char)*at); at++) {
		unsigned digit = (unsigned)(*at - '0');

		value = value > (limit - digit) / 10 ? limit + 1 : value * 10 + digit;
		if (value > limit)
			value = limit + 1;
	}
	*cursor = at;
	*ret_value = value;
	return true;
}
