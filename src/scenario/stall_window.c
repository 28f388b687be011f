// SPDX-License-Identifier: GPL-2.0-only
/* The arithmetic of stalls. */
#include "scenario/stall_window.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define POLL_MS_DEFAULT 500
#define POLL_MS_MAX 60000

/* The value of a line "key   :   value"; NULL: there is no such line. */
static const char *value_of(const char *text, const char *key)
{
	static const char between[] = " \t:";

	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *at;

		line += *line == '\n';
		at = text_behind(line, key);
		if (at && strspn(at, between))
			return at + strspn(at, between);
	}
	return NULL;
}

/* *ret_end: what follows the digits, on the same line. */
static bool parse_count(const char *text, uint64_t *ret_count, const char **ret_end)
{
	char *end;

	if (!text || !isdigit((unsigned char)*text))
		return false;
	*ret_count = strtoull(text, &end, 10);
	*ret_end = end;
	return true;
}

/* Milliseconds with six decimals, as the kernel prints them: exact as nanoseconds. */
static bool parse_ms(const char *text, uint64_t *ret_ns)
{
	uint64_t ms, fraction = 0;
	unsigned digits = 0;
	const char *end;

	if (!parse_count(text, &ms, &end))
		return false;
	for (const char *at = *end == '.' ? end + 1 : ""; isdigit((unsigned char)*at) && digits < 6;
	     at++) {
		fraction = fraction * 10 + (uint64_t)(*at - '0');
		digits++;
	}
	for (; digits < 6; digits++)
		fraction *= 10;
	*ret_ns = ms * 1000000 + fraction;
	return true;
}

bool stall_sample_parse(const char *text, struct stall_sample *ret_sample)
{
	struct stall_sample sample;
	const char *end;

	if (!parse_count(value_of(text, "nr_switches"), &sample.switches, &end) ||
	    !parse_ms(value_of(text, "se.sum_exec_runtime"), &sample.runtime_ns))
		return false;
	*ret_sample = sample;
	return true;
}

static bool same(const struct stall_sample *a, const struct stall_sample *b)
{
	return a->switches == b->switches && a->runtime_ns == b->runtime_ns;
}

bool stall_window_add(struct stall_window *window, const struct stall_sample *sample)
{
	if (!sample) {
		*window = (struct stall_window){ 0 };
		return false;
	}
	if (window->count && !same(&window->samples[window->count - 1], sample))
		window->fired = false;
	if (window->count == STALL_WINDOW)
		memmove(window->samples, window->samples + 1,
			(STALL_WINDOW - 1) * sizeof(window->samples[0]));
	else
		window->count++;
	window->samples[window->count - 1] = *sample;
	if (window->fired || window->count < STALL_WINDOW)
		return false;
	for (unsigned i = 1; i < STALL_WINDOW; i++)
		if (!same(&window->samples[i - 1], &window->samples[i]))
			return false;
	window->fired = true;
	return true;
}

unsigned stall_poll_ms(const char *text)
{
	unsigned ms;

	if (!text || !text_take_number(&text, POLL_MS_MAX, &ms) || *text || !ms)
		return POLL_MS_DEFAULT;
	return ms < POLL_MS_MAX ? ms : POLL_MS_MAX;
}
