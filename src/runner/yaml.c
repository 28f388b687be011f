// SPDX-License-Identifier: GPL-2.0-only
/* Writing YAML scalars. */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/utf8.h"
#include "runner/yaml.h"

#define ESCAPE 0x1b

/* The length of the character at text, 0 when it must not stand in YAML as it is. */
static size_t plain_length(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t length = utf8_length(text);

	/* C1 control characters and the line and paragraph separators end lines in YAML. */
	if (length == 2 && at[0] == 0xc2 && at[1] < 0xa0)
		return 0;
	if (length == 3 && at[0] == 0xe2 && at[1] == 0x80 && (at[2] == 0xa8 || at[2] == 0xa9))
		return 0;
	if (length == 1 && (at[0] < 0x20 || at[0] == 0x7f))
		return 0;
	return length;
}

void yaml_quote(const char *text, FILE *out)
{
	fputc('"', out);
	while (*text) {
		size_t length = plain_length(text);

		if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else if (length == 0)
			fprintf(out, "\\x%02x", (unsigned char)*text);
		else
			fwrite(text, 1, length, out);
		text += length ? length : 1;
	}
	fputc('"', out);
}

/* Behind a terminal's control sequence: ESC [ parameters letter, or ESC and one byte. */
static const char *skip_sequence(const char *at)
{
	at++;
	if (*at != '[')
		return *at && *at != '\n' ? at + 1 : at;
	for (at++; *at && *at != '\n'; at++)
		if (*at >= 0x40 && *at <= 0x7e)
			return at + 1;
	return at;
}

static const char *write_line(const char *at, FILE *out)
{
	while (*at && *at != '\n') {
		size_t length = *at == '\t' ? 1 : plain_length(at);

		if (*at == ESCAPE) {
			at = skip_sequence(at);
			continue;
		}
		if (length)
			fwrite(at, 1, length, out);
		else if (*at != '\r')
			fputc('?', out);
		at += length ? length : 1;
	}
	return at;
}

/*
 * The lines of text behind indent and two spaces. The number keeps a first line that starts with a
 * space, or with something that is left out and then a space, from changing the indentation.
 */
static void write_lines(const char *indent, const char *chomp, const char *text, FILE *out)
{
	bool plain = (unsigned char)*text > ' ' && *text != 0x7f;

	fprintf(out, "|%s%s\n", plain ? "" : "2", chomp);
	for (const char *at = text; *at; at += *at == '\n') {
		fprintf(out, "%s  ", indent);
		at = write_line(at, out);
		fputc('\n', out);
	}
}

static void write_scalar(const char *indent, const char *text, FILE *out)
{
	if (strchr(text, '\n')) {
		write_lines(indent, "-", text, out);
		return;
	}
	yaml_quote(text, out);
	fputc('\n', out);
}

void yaml_text(const char *indent, const char *key, const char *value, FILE *out)
{
	fprintf(out, "%s%s: ", indent, key);
	write_scalar(indent, value, out);
}

void yaml_item(const char *indent, const char *text, FILE *out)
{
	fprintf(out, "%s- ", indent);
	write_scalar(indent, text, out);
}

void yaml_block(const char *indent, const char *key, const char *text, FILE *out)
{
	if (!*text)
		return;
	fprintf(out, "%s%s: ", indent, key);
	write_lines(indent, "", text, out);
}
