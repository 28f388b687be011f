// SPDX-License-Identifier: GPL-2.0-only
/* The store of captured process lists. */
#include "scenario/captures.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void release(struct capture *capture)
{
	free(capture->tag);
	free(capture->cgroup);
	free(capture->pids);
}

int captures_add(struct captures *captures, const char *tag, const char *cgroup, const pid_t *pids,
		 size_t count, struct ktstr_error *error)
{
	struct capture capture = {
		.tag = strdup(tag),
		.cgroup = strdup(cgroup),
		.pids = calloc(count + 1, sizeof(*pids)),
		.count = count,
	};
	struct capture *grown = reallocarray(captures->captures, captures->count + 1,
					     sizeof(*grown));

	if (grown)
		captures->captures = grown;
	if (!grown || !capture.tag || !capture.cgroup || !capture.pids) {
		release(&capture);
		return ktstr_error_set(error, -ENOMEM, "tag '%s': no memory for %zu process ids",
				       tag, count);
	}
	if (count)
		memcpy(capture.pids, pids, count * sizeof(*pids));
	grown[captures->count++] = capture;
	return 0;
}

const struct capture *captures_find(const struct captures *captures, const char *tag)
{
	for (size_t i = 0; i < captures->count; i++)
		if (!strcmp(captures->captures[i].tag, tag))
			return &captures->captures[i];
	return NULL;
}

void captures_release(struct captures *captures)
{
	for (size_t i = 0; i < captures->count; i++)
		release(&captures->captures[i]);
	free(captures->captures);
	*captures = (struct captures){ 0 };
}
