// SPDX-License-Identifier: GPL-2.0-only
/* Sizes with units, both ways. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/size.h"

static const struct unit {
	const char *name;
	uint64_t bytes;
} units[] = {
	{ "TiB", UINT64_C(1) << 40 },
	{ "GiB", UINT64_C(1) << 30 },
	{ "MiB", UINT64_C(1) << 20 },
	{ "KiB", UINT64_C(1) << 10 },
};

#define UNITS (sizeof(units) / sizeof(units[0]))

static const struct unit *find_unit(const char *name)
{
	for (size_t i = 0; i < UNITS; i++)
		if (strcmp(name, units[i].name) == 0)
			return &units[i];
	return NULL;
}

static bool multiply(const char *digits, uint64_t unit_bytes, uint64_t *ret_bytes)
{
	uint64_t number = 0;

	for (const char *at = digits; isdigit((unsigned char)*at); at++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(*at - '0'), &number))
			return false;
	return !__builtin_mul_overflow(number, unit_bytes, ret_bytes);
}

int size_parse(const char *text, uint64_t *ret_bytes, struct ktstr_error *error)
{
	const char *suffix = text + strspn(text, "0123456789");
	const struct unit *unit = find_unit(suffix);
	uint64_t bytes;

	if (suffix == text)
		return ktstr_error_set(error, -EINVAL,
				       "'%s' is not a size; write a whole number and a unit, as in "
				       "512MiB or 4GiB",
				       text);
	if (strcmp(text, "0") == 0) {
		*ret_bytes = 0;
		return 0;
	}
	if (!*suffix)
		return ktstr_error_set(error, -EINVAL, "'%s' has no unit; write %sMiB or %sGiB",
				       text, text, text);
	if (!unit)
		return ktstr_error_set(error, -EINVAL,
				       "'%s' has the unknown unit '%s'; allowed are KiB, MiB, GiB, "
				       "TiB",
				       text, suffix);
	if (!multiply(text, unit->bytes, &bytes))
		return ktstr_error_set(error, -ERANGE, "'%s' is more than 16777215 TiB", text);
	*ret_bytes = bytes;
	return 0;
}

const char *size_format(uint64_t bytes, char buffer[SIZE_TEXT_MAX])
{
	for (size_t i = 0; i < UNITS; i++) {
		double value = (double)bytes / (double)units[i].bytes;

		if (bytes < units[i].bytes)
			continue;
		snprintf(buffer, SIZE_TEXT_MAX, "%.*f %s", value < 9.995 ? 2 : value < 99.95 ? 1 : 0,
			 value, units[i].name);
		return buffer;
	}
	snprintf(buffer, SIZE_TEXT_MAX, "%u bytes", (unsigned)bytes);
	return buffer;
}
