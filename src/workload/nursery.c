// SPDX-License-Identifier: GPL-2.0-only
/* What a worker is told, whether it becomes a process or a thread. */
#include "workload/nursery.h"

#include "workload/affinity.h"

void nursery_plan(struct nursery *nursery, size_t group_index, unsigned index,
		  const struct work_pipes *pipes, struct worker_plan *ret_plan)
{
	const struct work_group *group = &nursery->groups[group_index];
	unsigned position = index % nursery_cohort_size(group);
	size_t slot = nursery->planned++;

	*ret_plan = (struct worker_plan){
		.group = group,
		.index = index,
		.read_fd = work_pipes_read_end(pipes, position),
		.write_fd = work_pipes_write_end(pipes, position),
		.control = nursery->area->control,
		.slot = &nursery->area->slots[slot],
		.frame = shared_area_frame(nursery->area, slot),
		.frame_capacity = nursery->area->frame_capacity,
		.gate_ms = nursery->timeouts->gate_ms,
		.max_phases = nursery->max_phases,
		.setup_error = nursery->setup_error,
	};
	ret_plan->pinned = affinity_draw(&nursery->specs[group_index].affinity, &nursery->prng,
					 &ret_plan->cpus);
}
