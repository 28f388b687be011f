// SPDX-License-Identifier: GPL-2.0-only
/* Lists of CPUs: what is read strictly is read leniently, and survives being written. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpulist.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	cpu_set_t strict, lenient, again;
	char list[CPULIST_TEXT_MAX];

	if (!text)
		return 0;
	cpulist_parse_lenient(text, &lenient);
	if (cpulist_parse(text, &strict, NULL) == 0)
		assert(CPU_EQUAL(&strict, &lenient));
	assert(cpulist_parse(cpulist_format(&lenient, list), &again, NULL) == 0);
	assert(CPU_EQUAL(&lenient, &again));
	free(text);
	return 0;
}
