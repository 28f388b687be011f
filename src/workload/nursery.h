/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include <ktstr/work_spec.h>

#include "workload/prng.h"
#include "workload/shared.h"
#include "workload/timeouts.h"
#include "workload/work_group.h"
#include "workload/worker.h"

/* Where workers get their plans: one after the other, in the order of the groups. */
struct nursery {
	const struct work_group *groups;
	const struct ktstr_work_spec *specs; /* of the groups */
	size_t num_groups;
	const struct shared_area *area;
	const struct workload_timeouts *timeouts;
	unsigned max_phases;
	const char *setup_error; /* what their process could not become; NULL: nothing */
	struct prng prng;
	size_t planned; /* workers so far: the next one's slot */
};

/* Workers that are made together: a cohort, or a single one of those who are on their own. */
static inline unsigned nursery_cohort_size(const struct work_group *group)
{
	return group->group_size ? group->group_size : 1;
}

/* The plan of the next worker. It refers to the groups and the area; the affinity is drawn here. */
void nursery_plan(struct nursery *nursery, size_t group, unsigned index,
		  const struct work_pipes *pipes, struct worker_plan *ret_plan);
