// SPDX-License-Identifier: GPL-2.0-only
/* What a program may print where JSON is looked for. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "fuzz.h"
#include "payload/metrics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ktstr_output every = KTSTR_OUTPUT_JSON,
				  some = KTSTR_OUTPUT_JSON_PATHS({ "x", "a.0" }, { "y", "" });
	auto_metric_list struct metric_list all = { 0 }, named = { 0 };
	auto_free char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (extract_json(text, size, &every, KTSTR_STDOUT, &all) ||
	    extract_json(text, size, &some, KTSTR_STDERR, &named))
		abort();
	if (all.count > KTSTR_METRICS_MAX)
		abort();
	for (size_t i = 0; i < all.count; i++)
		if (!isfinite(all.items[i].value) || strlen(all.items[i].name) >= METRIC_NAME_MAX)
			abort();
	return 0;
}
