// SPDX-License-Identifier: GPL-2.0-only
/* Reading stanzas and fields of Debian's control format. */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "vm/kernel/control.h"

/* With its newline, if it has one. */
static size_t line_length(const char *line)
{
	size_t length = strcspn(line, "\n");

	return length + (line[length] == '\n');
}

static bool is_blank_line(const char *line)
{
	size_t blanks = strspn(line, " \t\r");

	return line[blanks] == '\n' || line[blanks] == '\0';
}

size_t control_next_stanza(const char **cursor, const char **ret_stanza)
{
	const char *at = *cursor, *start;

	while (*at && is_blank_line(at))
		at += line_length(at);
	start = at;
	while (*at && !is_blank_line(at))
		at += line_length(at);
	*cursor = at;
	*ret_stanza = start;
	return (size_t)(at - start);
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

char *control_field(const char *stanza, size_t length, const char *name)
{
	const char *end = stanza + length;
	size_t name_length = strlen(name);
	bool inside = false;
	char *value = NULL;
	size_t size = 0;

	for (const char *line = stanza, *next; line < end; line = next) {
		const char *text = line;
		size_t text_length;
		char *grown;

		next = line + line_length(line);
		if (next > end)
			next = end;
		if (*line == '#')
			continue;
		if (*line != ' ' && *line != '\t') {
			if (inside)
				break;
			inside = (size_t)(next - line) > name_length && line[name_length] == ':' &&
				 !strncasecmp(line, name, name_length);
			text = skip_blanks(line + name_length + 1, next);
		}
		if (!inside)
			continue;
		text_length = (size_t)(next - text);
		while (text_length && isspace((unsigned char)text[text_length - 1]))
			text_length--;
		grown = realloc(value, size + 1 + text_length + 1);
		if (!grown) {
			free(value);
			return NULL;
		}
		value = grown;
		if (*line == ' ' || *line == '\t')
			value[size++] = '\n';
		memcpy(value + size, text, text_length);
		size += text_length;
		value[size] = '\0';
	}
	return value;
}
