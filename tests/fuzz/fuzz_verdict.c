// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest may send as its verdict. Anything that is accepted has to survive being written and
 * read again unchanged.
 */
#include <stdint.h>
#include <stdlib.h>

#include "check/verdict_json.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_auto_t *json = json_loadb((const char *)data, size, JSON_ALLOW_NUL, NULL);
	json_auto_t *written = NULL, *again = NULL;
	struct verdict *verdict, *reread;
	struct ktstr_error error;

	if (!json || verdict_from_json(json, &verdict, &error))
		return 0;
	written = verdict_to_json(verdict);
	if (!written || verdict_from_json(written, &reread, &error))
		abort();
	again = verdict_to_json(reread);
	if (!json_equal(written, again))
		abort();
	verdict_free(verdict);
	verdict_free(reread);
	return 0;
}
