/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

/* Lines of a kernel log that mean trouble, the worst last. */
#define CONSOLE_NOTICES(X)                                                                         \
	X(NONE, "")                                                                                \
	X(WARNING, "warning")                                                                      \
	X(STALL, "stall")                                                                          \
	X(BUG, "bug")                                                                              \
	X(OOPS, "oops")                                                                            \
	X(PANIC, "panic")

enum console_notice {
#define X(name, text) CONSOLE_##name,
	CONSOLE_NOTICES(X)
#undef X
};

const char *console_notice_str(enum console_notice notice);

/* What a line says, its "[   12.345678] " in front or not. */
enum console_notice console_classify(const char *line);

/*
 * A guest's console: the last CONSOLE_KEEP bytes, the worst trouble seen, and the text from there
 * on (the trace). Bytes other than printable ASCII and tabs come out as '?', so that a guest cannot
 * play with a terminal; carriage returns are dropped.
 */
struct console;

#define CONSOLE_KEEP 65536u
#define CONSOLE_TROUBLE_KEEP 16384u
#define CONSOLE_LINE_MAX 1024u

struct console *console_new(void);	    /* NULL: out of memory */
void console_free(struct console *console); /* NULL-safe */

/*
 * Take up to size bytes, stopping behind the first complete line; returns how many were taken.
 * *ret_line is that line (without its newline, valid until the next call) or NULL. Longer lines are
 * cut into several.
 */
size_t console_feed(struct console *console, const char *data, size_t size, const char **ret_line);

/* The last lines, at most count, joined by newlines: borrowed until the next feed. */
const char *console_tail(struct console *console, unsigned count);

/* The worst notice so far; its line in *ret_line (may be NULL) and what followed in *ret_text. */
enum console_notice console_trouble(const struct console *console, const char **ret_line,
				    const char **ret_text);
