// SPDX-License-Identifier: GPL-2.0-only
/*
 * The caller-owned error object: set, and wrap with context. Needs no allocation, so it works
 * when memory is what ran out, and in a child between fork and exec.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <ktstr/error.h>

/* Macros for analyzers. */
#undef ktstr_error_set
#undef ktstr_error_vset
#undef ktstr_error_wrap

static void mark_cut(char *text, size_t size, int length)
{
	static const char dots[] = "...";

	if (length >= 0 && (size_t)length < size)
		return;
	memcpy(text + size - sizeof(dots), dots, sizeof(dots));
}

int ktstr_error_vset(struct ktstr_error *error, int code, const char *format, va_list args)
{
	int saved = errno;

	assert(code < 0);
	if (error) {
		error->code = code;
		mark_cut(error->text, sizeof(error->text),
			 vsnprintf(error->text, sizeof(error->text), format, args));
	}
	errno = saved;
	return code;
}

int ktstr_error_set(struct ktstr_error *error, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	ktstr_error_vset(error, code, format, args);
	va_end(args);
	return code;
}

int ktstr_error_wrap(struct ktstr_error *error, int code, const char *format, ...)
{
	char inner[sizeof(error->text)];
	size_t used;
	va_list args;

	assert(code < 0);
	if (!error)
		return code;
	memcpy(inner, error->text, sizeof(inner));
	va_start(args, format);
	ktstr_error_vset(error, code, format, args);
	va_end(args);
	used = strlen(error->text);
	mark_cut(error->text, sizeof(error->text),
		 (int)used +
			 snprintf(error->text + used, sizeof(error->text) - used, ": %s", inner));
	return code;
}
