// SPDX-License-Identifier: GPL-2.0-only
/* Keep the end of a guest's console and notice when its kernel is in trouble. */
#include <ctype.h>
#include <stdbool.h>

#include "vm/console.h"

static const char *const notice_names[] = {
#define X(name, text) [CONSOLE_##name] = text,
	CONSOLE_NOTICES(X)
#undef X
};

/*
 * Marks as printed by kernel/panic.c, arch/x86/kernel/dumpstack.c, lib/bug.c, kernel/rcu and
 * kernel/hung_task.c; tried in this order.
 */
static const struct {
	const char *mark;
	bool at_start; /* after the time stamp; else anywhere in the line */
	enum console_notice notice;
} marks[] = {
	{ "Kernel panic - not syncing", true, CONSOLE_PANIC },
	{ "---[ end Kernel panic", true, CONSOLE_NONE }, /* the end of what was already seen */
	{ "Oops:", true, CONSOLE_OOPS },
	{ " [#", false, CONSOLE_OOPS }, /* the count of Oopses: "int3: 0000 [#1] SMP" */
	{ "watchdog: BUG: soft lockup", true, CONSOLE_STALL },
	{ "BUG: workqueue lockup", true, CONSOLE_STALL }, /* slow, not wrong: TCG on a busy host */
	{ "rcu: INFO: rcu", true, CONSOLE_STALL },
	{ "self-detected stall on CPU", false, CONSOLE_STALL },
	{ "detected stalls on CPUs/tasks", false, CONSOLE_STALL },
	{ "INFO: task ", true, CONSOLE_STALL }, /* "... blocked for more than 120 seconds" */
	{ "kernel BUG at ", true, CONSOLE_BUG },
	{ "BUG: ", true, CONSOLE_BUG },
	{ "WARNING: ", true, CONSOLE_WARNING },
};

struct console {
	char kept[CONSOLE_KEEP]; /* a ring; full once wrapped */
	size_t next;
	bool wrapped;

	char line[CONSOLE_LINE_MAX + 1];
	size_t line_length;
	bool line_done;

	enum console_notice worst;
	char worst_line[CONSOLE_LINE_MAX + 1];
	char text[CONSOLE_TROUBLE_KEEP + 1];
	size_t text_length;

	char tail[CONSOLE_KEEP + 1];
};

const char *console_notice_str(enum console_notice notice)
{
	return notice_names[notice];
}

/* "[    1.234567][    T1] " or "<4>" may stand in front. */
static const char *skip_prefix(const char *line)
{
	if (line[0] == '<' && isdigit((unsigned char)line[1]) && line[2] == '>')
		line += 3;
	while (*line == '[') {
		const char *end = line + 1 + strspn(line + 1, " .0123456789TC");

		if (*end != ']')
			break;
		line = end + 1 + strspn(end + 1, " ");
	}
	return line;
}

enum console_notice console_classify(const char *line)
{
	const char *text = skip_prefix(line);

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const char *mark = marks[i].mark;

		if (marks[i].at_start ? strncmp(text, mark, strlen(mark)) == 0
				      : !!strstr(text, mark))
			return marks[i].notice;
	}
	return CONSOLE_NONE;
}

struct console *console_new(void)
{
	return calloc(1, sizeof(struct console));
}

void console_free(struct console *console)
{
	free(console);
}

static void keep(struct console *console, char c)
{
	console->kept[console->next++] = c;
	if (console->next == CONSOLE_KEEP) {
		console->next = 0;
		console->wrapped = true;
	}
}

static void add_text(struct console *console, const char *line)
{
	size_t left = CONSOLE_TROUBLE_KEEP - console->text_length;
	int length = snprintf(console->text + console->text_length, left + 1, "%s%s",
			      console->text_length ? "\n" : "", line);

	console->text_length += (size_t)length < left ? (size_t)length : left;
}

static void judge_line(struct console *console)
{
	enum console_notice notice = console_classify(console->line);

	if (notice > console->worst) {
		console->worst = notice;
		memcpy(console->worst_line, console->line, sizeof(console->line));
		/* A panic follows its Oops: the trace of the Oops is the part to keep. */
		if (notice != CONSOLE_PANIC || !console->text_length)
			console->text_length = 0;
	}
	if (console->worst)
		add_text(console, console->line);
}

size_t console_feed(struct console *console, const char *data, size_t size, const char **ret_line)
{
	*ret_line = NULL;
	if (console->line_done) {
		console->line_done = false;
		console->line_length = 0;
	}
	for (size_t i = 0; i < size; i++) {
		char c = data[i];

		if (c == '\r')
			continue;
		if (c != '\n') {
			if (c != '\t' && !(c >= ' ' && c <= '~'))
				c = '?';
			keep(console, c);
			console->line[console->line_length++] = c;
			if (console->line_length < CONSOLE_LINE_MAX)
				continue;
		}
		keep(console, '\n');
		console->line[console->line_length] = '\0';
		console->line_done = true;
		judge_line(console);
		*ret_line = console->line;
		return i + 1;
	}
	return size;
}

const char *console_tail(struct console *console, unsigned count)
{
	size_t older = console->wrapped ? CONSOLE_KEEP - console->next : 0;
	size_t length = older + console->next;
	char *at;

	memcpy(console->tail, console->kept + console->next, older);
	memcpy(console->tail + older, console->kept, console->next);
	while (length && console->tail[length - 1] == '\n')
		length--;
	console->tail[length] = '\0';
	at = console->tail + length;
	for (unsigned lines = 0; at > console->tail; at--)
		if (at[-1] == '\n' && ++lines >= count)
			break;
	return at;
}

enum console_notice console_trouble(const struct console *console, const char **ret_line,
				    const char **ret_text)
{
	if (ret_line)
		*ret_line = console->worst_line;
	if (ret_text)
		*ret_text = console->text;
	return console->worst;
}
