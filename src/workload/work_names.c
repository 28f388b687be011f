// SPDX-License-Identifier: GPL-2.0-only
/* Kinds of work by name, as command lines and the environment give them. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "workload/work.h"
#include "workload/work_names.h"

const struct ktstr_work_ops *const work_kinds[] = {
#define X(kind, name) &ktstr_work_##kind,
	KTSTR_WORK_TYPES(X)
#undef X
		NULL,
};

bool work_has_default(const struct ktstr_work_ops *ops)
{
	/* A label is a name that the user brings, and with it the work. */
	return ops != &ktstr_work_sequence && !ops->label;
}

int ktstr_work_from_name(const char *name, struct ktstr_work *ret_work, struct ktstr_error *error)
{
	struct nearest nearest = NEAREST(name);
	const char *best;

	for (const struct ktstr_work_ops *const *kind = work_kinds; *kind; kind++) {
		if (work_has_default(*kind))
			nearest_offer(&nearest, (*kind)->name);
		if (strcmp((*kind)->name, name) != 0)
			continue;
		if (!work_has_default(*kind))
			return ktstr_error_set(error, -EINVAL,
					       "kind of work '%s' is nothing without parameters, "
					       "which a name cannot give",
					       name);
		*ret_work = (struct ktstr_work){ .ops = *kind };
		return 0;
	}
	best = nearest_best(&nearest);
	if (best)
		return ktstr_error_set(error, -EINVAL, "no kind of work '%s', nearest is '%s'",
				       name, best);
	return ktstr_error_set(error, -EINVAL, "no kind of work '%s'; ktstr_work(3) lists them",
			       name);
}

const char *ktstr_work_suggest(const char *name)
{
	for (const struct ktstr_work_ops *const *kind = work_kinds; *kind; kind++)
		if (!strcasecmp((*kind)->name, name))
			return (*kind)->name;
	return NULL;
}
