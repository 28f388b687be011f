// SPDX-License-Identifier: GPL-2.0-only
/* A guest's console: whatever it prints comes out in printable lines of bounded length. */
#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "vm/console.h"

static void assert_printable(const char *text)
{
	for (; *text; text++)
		assert(*text == '\t' || *text == '\n' || (*text >= ' ' && *text <= '~'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct console *console = console_new();
	enum console_notice worst = CONSOLE_NONE;
	const char *line, *text;

	if (!console)
		return 0;
	for (size_t at = 0; at < size;) {
		size_t taken = console_feed(console, (const char *)data + at, size - at, &line);

		assert(taken > 0 && taken <= size - at);
		at += taken;
		if (!line)
			continue;
		assert(strlen(line) <= CONSOLE_LINE_MAX && !strchr(line, '\n'));
		assert_printable(line);
		if (console_classify(line) > worst)
			worst = console_classify(line);
	}
	assert(console_trouble(console, &line, &text) == worst);
	assert(strlen(text) <= CONSOLE_TROUBLE_KEEP);
	assert_printable(text);
	assert_printable(console_tail(console, 20));
	assert(strlen(console_tail(console, CONSOLE_KEEP)) <= CONSOLE_KEEP);
	console_free(console);
	return 0;
}
