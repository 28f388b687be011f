// SPDX-License-Identifier: GPL-2.0-only
/*
 * Texts of a verdict. Messages come from tests and may hold anything; JSON holds UTF-8 only and the
 * host bounds what it accepts, so both are settled here, before a message could block a result.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "check/text.h"
#include "check/verdict.h"

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
	utf8_repair(text); /* cutting may have left half a character */
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
