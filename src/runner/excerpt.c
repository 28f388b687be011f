// SPDX-License-Identifier: GPL-2.0-only
/* Which lines of a kernel log belong into a report. */
#include <stdio.h>
#include <string.h>

#include "runner/excerpt.h"
#include "base/tail.h"
#include "vm/console.h"

#define TAIL_LINES 20
#define LINES_BEFORE_CRASH 10

static enum console_notice classify_line(const char *at, size_t length)
{
	char line[CONSOLE_LINE_MAX + 1];

	snprintf(line, sizeof(line), "%.*s", (int)length, at);
	return console_classify(line);
}

/* The first bug, Oops or panic, whichever comes first: the cause stands there. */
static const char *find_crash(const char *log)
{
	for (const char *at = log; *at;) {
		size_t length = strcspn(at, "\n");

		if (classify_line(at, length) >= CONSOLE_BUG)
			return at;
		at += length + (at[length] == '\n');
	}
	return NULL;
}

const char *console_excerpt(const char *log)
{
	const char *tail = text_last_lines(log, TAIL_LINES);
	const char *crash = find_crash(log);
	unsigned lines = LINES_BEFORE_CRASH + 1;

	if (!crash || crash >= tail)
		return tail;
	for (; crash > log; crash--)
		if (crash[-1] == '\n' && --lines == 0)
			break;
	return crash;
}
