// SPDX-License-Identifier: GPL-2.0-only
/* What a run leaves to its caller. */
#include <stdlib.h>
#include <string.h>

#include <ktstr/payload.h>

const struct ktstr_metric *ktstr_payload_result_metric(const struct ktstr_payload_result *result,
						       const char *name)
{
	for (size_t i = 0; i < result->num_metrics; i++)
		if (!strcmp(result->metrics[i].name, name))
			return &result->metrics[i];
	return NULL;
}

void ktstr_payload_result_free(struct ktstr_payload_result *result)
{
	if (!result)
		return;
	for (size_t i = 0; i < result->num_metrics; i++)
		free(result->metrics[i].name);
	for (size_t i = 0; i < result->num_failures; i++)
		free(result->failures[i]);
	free(result->metrics);
	free(result->failures);
	free(result->out);
	free(result->err);
	free(result);
}
