// SPDX-License-Identifier: GPL-2.0-only
/* "How do I run just this again": written so that it can be pasted. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "runner/rerun.h"

#define SAFE "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%"

/* As one word of sh(1). */
static void print_word(const char *text, FILE *out)
{
	if (*text && text[strspn(text, SAFE)] == '\0') {
		fputs(text, out);
		return;
	}
	fputc('\'', out);
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else
			fputc(*text, out);
	}
	fputc('\'', out);
}

static void print_option(const char *name, const char *value, FILE *out)
{
	if (!value)
		return;
	fprintf(out, " --%s ", name);
	print_word(value, out);
}

/* A glob that matches this name and no other. */
static void print_filter(const char *name, FILE *out)
{
	char glob[512];
	size_t used = 0;

	for (; *name && used + 2 < sizeof(glob); name++) {
		if (strchr("*?[", *name))
			glob[used++] = '\\';
		glob[used++] = *name;
	}
	glob[used] = '\0';
	print_option("filter", glob, out);
}

char *rerun_command(const struct test_plan *plan, const struct test_arguments *arguments)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	print_word(plan->binary->path, out);
	print_filter(plan->test->name, out);
	print_option("kernel", arguments->kernel, out);
	print_option("topology", arguments->topology, out);
	if (arguments->accel)
		print_option("accel", test_accel_words[arguments->accel], out);
	if (arguments->timeout_ns)
		fprintf(out, " --timeout %" PRIu64 "ms", arguments->timeout_ns / NS_PER_MS);
	print_option("work", test_arguments_work(arguments), out);
	if (arguments->host)
		fputs(" --host", out);
	if (arguments->no_template)
		fputs(" --no-template", out);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
