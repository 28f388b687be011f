// SPDX-License-Identifier: GPL-2.0-only
/* The arithmetic of stalls. */
#include "scenario/stall_window.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/text.h"

#define POLL_MS_DEFAULT 500
#define POLL_MS_MAX 60000

/* The value of a line "key   :   value". */
static const char *value_of(const char *text, const char *key)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *at;

		line += *line == '\n';
		at = text_behind(line, key);
		if (!at)
			continue;
		at += strspn(at, " \t");
		if (*at == ':')
			return at + 1 + strspn(at + 1, " \t");
	}
	return NULL;
}

static bool parse_count(const char *text, uint64_t *ret_count)
{
	return text && sscanf(text, "%" SCNu64, ret_count) == 1 && *text != '-';
}

/* Milliseconds with six decimals, as the kernel prints them: exact as nanoseconds. */
static bool parse_ms(const char *text, uint64_t *ret_ns)
{
	uint64_t ms, fraction = 0;
	const char *dot = text ? strchr(text, '.') : NULL;
	unsigned digits = 0;

	if (!parse_count(text, &ms))
		return false;
	for (const char *at = dot ? dot + 1 : ""; *at >= '0' && *at <= '9' && digits < 6; at++) {
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

	if (!parse_count(value_of(text, "nr_switches"), &sample.switches) ||
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
