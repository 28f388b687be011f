// SPDX-License-Identifier: GPL-2.0-only
/* Which row a piece of work stands for. */
#include "workload/work.h"

#include <errno.h>

#include "workload/work_group.h"

const struct ktstr_work_ops *work_ops(const struct ktstr_work *work)
{
	return work->ops ? work->ops : &ktstr_work_spin_wait;
}

const char *ktstr_work_name(const struct ktstr_work *work)
{
	const struct ktstr_work_ops *ops = work_ops(work);

	return ops->label ? ops->label(work->params) : ops->name;
}

/* Complete parameters; NULL: no memory. */
static void *complete_params(const struct ktstr_work *work)
{
	const struct ktstr_work_ops *ops = work_ops(work);

	return work_params_resolve(ops->params, ops->params_size, work->params);
}

unsigned ktstr_work_group_size(const struct ktstr_work *work)
{
	const struct ktstr_work_ops *ops = work_ops(work);
	unsigned size = 0;
	void *params;

	if (!ops->group_size)
		return 0;
	params = complete_params(work);
	if (params)
		size = ops->group_size(params);
	work_params_free(ops->params, params);
	return size;
}

int ktstr_work_check(const struct ktstr_work *work, unsigned workers, struct ktstr_error *error)
{
	struct work_group group = { .ops = work_ops(work), .count = workers };
	int err;

	group.params = complete_params(work);
	if (!group.params)
		return ktstr_error_set(error, -ENOMEM, "no memory for the parameters of %s",
				       group.ops->name);
	err = work_group_admit(&group, error);
	work_params_free(group.ops->params, group.params);
	return err;
}

struct ktstr_work ktstr_work_resolve_override(const struct ktstr_work *base,
					      const struct ktstr_work *override, bool swappable,
					      unsigned workers)
{
	const struct ktstr_work_ops *ops;
	unsigned size;

	if (!swappable || !override)
		return *base;
	ops = work_ops(override);
	if (!ops->group_size)
		return *override;
	size = ktstr_work_group_size(override);
	return size && workers % size == 0 ? *override : *base;
}
