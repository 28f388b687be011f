// SPDX-License-Identifier: GPL-2.0-only
/*
 * Texts of a verdict. Messages come from tests and may hold anything; JSON holds UTF-8 only and the
 * host bounds what it accepts, so both are settled here, before a message could block a result.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/text.h"
#include "check/verdict.h"

/* Well-formed sequences of more than one byte: the Unicode Standard, table 3-7. */
static const struct {
	unsigned char lead_min, lead_max;
	unsigned char second_min, second_max; /* the bytes after it are 0x80..0xbf */
	size_t length;
} sequences[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

/* Bytes of the character at, 0 when there is none. The zero at the end fits no continuation. */
static size_t character_length(const unsigned char *at)
{
	if (at[0] < 0x80)
		return 1;
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
		if (at[0] < sequences[i].lead_min || at[0] > sequences[i].lead_max)
			continue;
		if (at[1] < sequences[i].second_min || at[1] > sequences[i].second_max)
			return 0;
		for (size_t byte = 2; byte < sequences[i].length; byte++)
			if (at[byte] < 0x80 || at[byte] > 0xbf)
				return 0;
		return sequences[i].length;
	}
	return 0;
}

static void replace_invalid_bytes(char *text)
{
	while (*text) {
		size_t length = character_length((const unsigned char *)text);

		if (!length) {
			*text = '?';
			length = 1;
		}
		text += length;
	}
}

char *text_vnew(const char *format, va_list args)
{
	/* For what printf refuses, such as a wide text that the locale cannot show. */
	static const char unprintable[] = "(a text that cannot be printed)";
	static const char dots[] = "...";
	va_list again;
	size_t size;
	char *text;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		return strdup(unprintable);
	size = length > VERDICT_TEXT_MAX ? VERDICT_TEXT_MAX : (size_t)length;
	text = malloc(size + 1);
	if (!text)
		return NULL;
	vsnprintf(text, size + 1, format, args);
	if ((size_t)length > size)
		memcpy(text + size + 1 - sizeof(dots), dots, sizeof(dots));
	replace_invalid_bytes(text); /* cutting may have left half a character */
	return text;
}

char *text_new(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = text_vnew(format, args);
	va_end(args);
	return text;
}
