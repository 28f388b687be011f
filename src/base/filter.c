// SPDX-License-Identifier: GPL-2.0-only
/* Choosing by a glob over names. */
#include <errno.h>
#include <fnmatch.h>

#include "base/filter.h"

bool name_filter_matches(struct name_filter *filter, const char *name)
{
	bool matches = !filter->glob || fnmatch(filter->glob, name, 0) == 0;

	if (filter->glob)
		nearest_offer(&filter->nearest, name);
	filter->seen++;
	filter->matched += matches;
	return matches;
}

int name_filter_check(const struct name_filter *filter, struct ktstr_error *error)
{
	const char *nearest;

	if (filter->matched || !filter->glob)
		return 0;
	nearest = nearest_best(&filter->nearest);
	if (nearest)
		return ktstr_error_set(
			error, -ENOENT,
			"option --filter: '%s' matches none of %zu tests, nearest is '%s'",
			filter->glob, filter->seen, nearest);
	return ktstr_error_set(error, -ENOENT,
			       "option --filter: '%s' matches none of %zu tests; --list names them",
			       filter->glob, filter->seen);
}
