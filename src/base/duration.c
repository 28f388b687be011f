// SPDX-License-Identifier: GPL-2.0-only
/* Durations with units, both ways. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/duration.h"

/* clang-format off: a row each */
static const struct unit {
	const char *name;
	uint64_t ns;
} units[] = {
	{ "ns", 1 },	   { "us", NS_PER_US },	   { "ms", NS_PER_MS },
	{ "s", NS_PER_S }, { "m", 60 * NS_PER_S }, { "h", 3600 * NS_PER_S },
};
/* clang-format on */

static const struct unit *find_unit(const char *name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(name, units[i].name) == 0)
			return &units[i];
	return NULL;
}

/* Add digits * scale to *sum for every digit at *cursor, scale growing smaller after the point. */
static bool add_number(const char **cursor, uint64_t unit_ns, uint64_t *sum)
{
	const char *at = *cursor;
	uint64_t whole = 0, scale = unit_ns;

	for (; isdigit((unsigned char)*at); at++)
		if (__builtin_mul_overflow(whole, 10, &whole) ||
		    __builtin_add_overflow(whole, (uint64_t)(*at - '0'), &whole))
			return false;
	if (__builtin_mul_overflow(whole, unit_ns, sum))
		return false;
	if (*at == '.')
		for (at++; isdigit((unsigned char)*at); at++) {
			scale /= 10;
			if (__builtin_add_overflow(*sum, scale * (uint64_t)(*at - '0'), sum))
				return false;
		}
	*cursor = at;
	return true;
}

int duration_parse(const char *text, uint64_t *ret_ns, struct ktstr_error *error)
{
	size_t digits = strspn(text, "0123456789");
	size_t fraction = text[digits] == '.' ? 1 + strspn(text + digits + 1, "0123456789") : 0;
	const char *suffix = text + digits + fraction, *at = text;
	const struct unit *unit;
	uint64_t ns;

	if (digits == 0 || fraction == 1)
		return ktstr_error_set(
			error, -EINVAL,
			"'%s' is not a duration; write a number and a unit, as in 500ms or 2s",
			text);
	if (!*suffix)
		return ktstr_error_set(error, -EINVAL, "'%s' has no unit; write %sms or %ss", text,
				       text, text);
	unit = find_unit(suffix);
	if (!unit)
		return ktstr_error_set(
			error, -EINVAL,
			"'%s' has the unknown unit '%s'; allowed are ns, us, ms, s, m, h", text,
			suffix);
	if (!add_number(&at, unit->ns, &ns))
		return ktstr_error_set(error, -ERANGE, "'%s' is longer than 584 years", text);
	*ret_ns = ns;
	return 0;
}

/* Three digits in all; rounding must not make a fourth. */
static int decimals(double value)
{
	if (value < 9.995)
		return 2;
	return value < 99.95 ? 1 : 0;
}

const char *duration_format(uint64_t ns, char buffer[DURATION_TEXT_MAX])
{
	static const struct unit scales[] = {
		{ "s", NS_PER_S },
		{ "ms", NS_PER_MS },
		{ "us", NS_PER_US },
	};

	for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); i++) {
		double value = (double)ns / (double)scales[i].ns;

		if (ns < scales[i].ns)
			continue;
		snprintf(buffer, DURATION_TEXT_MAX, "%.*f %s", decimals(value), value,
			 scales[i].name);
		return buffer;
	}
	snprintf(buffer, DURATION_TEXT_MAX, "%u ns", (unsigned)ns);
	return buffer;
}
