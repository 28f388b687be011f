// SPDX-License-Identifier: GPL-2.0-only
/* Which row a piece of work stands for. */
#include "workload/work.h"

const struct ktstr_work_ops *work_ops(const struct ktstr_work *work)
{
	return work->ops ? work->ops : &ktstr_work_spin_wait;
}

const char *ktstr_work_name(const struct ktstr_work *work)
{
	const struct ktstr_work_ops *ops = work_ops(work);

	return ops->label ? ops->label(work->params) : ops->name;
}
