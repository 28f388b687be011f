// SPDX-License-Identifier: GPL-2.0-only
/* A growing argument vector whose errors are looked at once, at the end. */
#include <stdarg.h>

#include "vm/argv.h"

void argv_add(struct argv *argv, const char *format, ...)
{
	char **items = realloc(argv->items, (argv->count + 2) * sizeof(*items));
	va_list args;
	int length;

	if (!items) {
		argv->failed = true;
		return;
	}
	argv->items = items;
	items[argv->count] = NULL;
	va_start(args, format);
	length = vasprintf(&items[argv->count], format, args);
	va_end(args);
	if (length < 0)
		argv->failed = true;
	else
		argv->count++;
	items[argv->count] = NULL;
}

void argv_release(struct argv *argv)
{
	for (size_t i = 0; i < argv->count; i++)
		free(argv->items[i]);
	free(argv->items);
	*argv = (struct argv){ 0 };
}
