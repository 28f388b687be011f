// SPDX-License-Identifier: GPL-2.0-only
/* Reading and writing CPU lists such as "0-3,5". */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
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

int cpulist_parse(const char *text, cpu_set_t *ret_cpus, struct ktstr_error *error)
{
	const char *at = skip_blanks(text);
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	while (*at) {
		unsigned first, last;

		if (*at == ',') {
			at = skip_blanks(at + 1);
			continue;
		}
		if (!text_take_number(&at, CPU_SETSIZE - 1, &first))
			return ktstr_error_set(error, -EINVAL,
					       "cpu list '%s': number expected at '%.16s'", text,
					       at);
		last = first;
		at = skip_blanks(at);
		if (*at == '-') {
			at = skip_blanks(at + 1);
			if (!text_take_number(&at, CPU_SETSIZE - 1, &last))
				return ktstr_error_set(
					error, -EINVAL,
					"cpu list '%s': end of range expected at '%.16s'", text,
					at);
			at = skip_blanks(at);
		}
		if (*at && *at != ',')
			return ktstr_error_set(error, -EINVAL,
					       "cpu list '%s': comma expected at '%.16s'", text,
					       at);
		if (first >= CPU_SETSIZE || last >= CPU_SETSIZE)
			return ktstr_error_set(error, -ERANGE,
					       "cpu list '%s': cpu numbers go up to %d", text,
					       CPU_SETSIZE - 1);
		for (unsigned cpu = first; cpu <= last; cpu++)
			CPU_SET(cpu, &cpus);
	}
	*ret_cpus = cpus;
	return 0;
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
