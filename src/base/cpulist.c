// SPDX-License-Identifier: GPL-2.0-only
/* Reading and writing CPU lists such as "0-3,5". */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cpulist.h"
#include "base/text.h"

static const char *skip_blanks(const char *at)
{
	while (isspace((unsigned char)*at))
		at++;
	return at;
}

/* Add the token "a" or "a-b" at *cursor, which moves up to the comma behind it. */
static int parse_token(const char **cursor, const char *text, cpu_set_t *cpus,
		       struct ktstr_error *error)
{
	const char *at = *cursor;
	unsigned first, last;

	if (!text_take_number(&at, CPU_SETSIZE - 1, &first))
		return ktstr_error_set(error, -EINVAL, "cpu list '%s': number expected at '%.16s'",
				       text, at);
	last = first;
	at = skip_blanks(at);
	if (*at == '-') {
		at = skip_blanks(at + 1);
		if (!text_take_number(&at, CPU_SETSIZE - 1, &last))
			return ktstr_error_set(error, -EINVAL,
					       "cpu list '%s': end of range expected at '%.16s'",
					       text, at);
		at = skip_blanks(at);
	}
	if (*at && *at != ',')
		return ktstr_error_set(error, -EINVAL, "cpu list '%s': comma expected at '%.16s'",
				       text, at);
	if (first >= CPU_SETSIZE || last >= CPU_SETSIZE)
		return ktstr_error_set(error, -ERANGE, "cpu list '%s': cpu numbers go up to %d",
				       text, CPU_SETSIZE - 1);
	for (unsigned cpu = first; cpu <= last; cpu++)
		CPU_SET(cpu, cpus);
	*cursor = at;
	return 0;
}

/* The next token that is not blank; NULL behind the last. */
static const char *next_token(const char *at)
{
	while (*at == ',' || isspace((unsigned char)*at))
		at++;
	return *at ? at : NULL;
}

int cpulist_parse(const char *text, cpu_set_t *ret_cpus, struct ktstr_error *error)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	for (const char *at = text; (at = next_token(at));) {
		int err = parse_token(&at, text, &cpus, error);

		if (err)
			return err;
	}
	*ret_cpus = cpus;
	return 0;
}

void cpulist_parse_lenient(const char *text, cpu_set_t *ret_cpus)
{
	CPU_ZERO(ret_cpus);
	for (const char *at = text; (at = next_token(at));)
		if (parse_token(&at, text, ret_cpus, NULL))
			at += strcspn(at, ",");
}

const char *cpulist_format(const cpu_set_t *cpus, char buffer[CPULIST_TEXT_MAX])
{
	size_t used = 0;

	buffer[0] = '\0';
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		int last = cpu;
		const char *comma = used ? "," : "";

		if (!CPU_ISSET(cpu, cpus))
			continue;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, cpus))
			last++;
		if (last == cpu)
			used += (size_t)snprintf(buffer + used, CPULIST_TEXT_MAX - used, "%s%d",
						 comma, cpu);
		else
			used += (size_t)snprintf(buffer + used, CPULIST_TEXT_MAX - used, "%s%d-%d",
						 comma, cpu, last);
		cpu = last;
	}
	return buffer;
}

int cpulist_first(const cpu_set_t *cpus)
{
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, cpus))
			return cpu;
	return -1;
}
