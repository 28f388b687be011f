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

int work_kind_find(const char *name, const struct ktstr_work_ops **ret_ops,
		   struct ktstr_error *error)
{
	struct nearest nearest = NEAREST(name);
	const char *best;

	for (const struct ktstr_work_ops *const *kind = work_kinds; *kind; kind++) {
		if (!strcmp((*kind)->name, name)) {
			*ret_ops = *kind;
			return 0;
		}
		nearest_offer(&nearest, (*kind)->name);
	}
	best = nearest_best(&nearest);
	if (best)
		return ktstr_error_set(error, -EINVAL, "no kind of work '%s', nearest is '%s'",
				       name, best);
	return ktstr_error_set(error, -EINVAL, "no kind of work '%s'; ktstr_work(3) lists them",
			       name);
}

int ktstr_work_from_name(const char *name, struct ktstr_work *ret_work, struct ktstr_error *error)
{
	const struct ktstr_work_ops *ops;
	int err = work_kind_find(name, &ops, error);

	if (err)
		return err;
	if (ops->needs_params)
		return ktstr_error_set(error, -EINVAL,
				       "kind of work '%s' is nothing without parameters, which a "
				       "name cannot give",
				       name);
	*ret_work = (struct ktstr_work){ .ops = ops };
	return 0;
}

const char *ktstr_work_suggest(const char *name)
{
	for (const struct ktstr_work_ops *const *kind = work_kinds; *kind; kind++)
		if (!strcasecmp((*kind)->name, name))
			return (*kind)->name;
	return NULL;
}
