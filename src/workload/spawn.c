// SPDX-License-Identifier: GPL-2.0-only
/* Workers come into being: admission, shared memory, one fork after the other. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "workload/affinity.h"
#include "workload/handle.h"
#include "workload/report_codec.h"
#include "workload/telemetry.h"
#include "workload/worker_process.h"

#define NUM_WORKERS_DEFAULT 1

/* Children that the kernel reaps by itself lose their pid while we still signal it. */
static int check_children_are_waitable(struct ktstr_error *error)
{
	struct sigaction action;

	if (sigaction(SIGCHLD, NULL, &action))
		return 0;
	if (action.sa_handler != SIG_IGN && !(action.sa_flags & SA_NOCLDWAIT))
		return 0;
	return ktstr_error_set(
		error, -EINVAL,
		"SIGCHLD is ignored in this process, so workers could not be waited for; "
		"set it to SIG_DFL first");
}

static unsigned resolve_num_workers(unsigned asked)
{
	if (asked == KTSTR_WORKERS_NONE)
		return 0;
	return asked ? asked : NUM_WORKERS_DEFAULT;
}

/* What all workers of a group get from the one that forks them. */
struct nursery {
	struct ktstr_workload *workload;
	const struct ktstr_workload_config *config;
	struct telemetry *telemetry; /* each worker has its own copy once it is forked */
	struct prng prng;
};

static int fork_worker(struct nursery *nursery, const struct work_group *group, unsigned index,
		       struct work_pipes *pipes, struct ktstr_error *error)
{
	struct ktstr_workload *workload = nursery->workload;
	size_t slot = workload->count;
	unsigned position = group->group_size ? index % group->group_size : 0;
	struct worker_process process = {
		.plan = {
			.group = group,
			.index = index,
			.read_fd = work_pipes_read_end(pipes, position),
			.write_fd = work_pipes_write_end(pipes, position),
			.slot = &workload->area.slots[slot],
			.telemetry = nursery->telemetry,
		},
		.pipes = pipes,
		.position = position,
		.control = workload->area.control,
		.frame = shared_area_frame(&workload->area, slot),
		.frame_capacity = workload->area.frame_capacity,
		.gate_ms = workload->timeouts.gate_ms,
	};
	int err;

	process.plan.pinned = affinity_draw(&nursery->config->affinity, &nursery->prng,
					    &process.plan.cpus);
	err = worker_process_fork(&process, &workload->pids[slot], error);
	if (err)
		return ktstr_error_wrap(error, err, "worker %u of %u (group %u)", index + 1,
					group->count, group->index);
	workload->count++;
	return 0;
}

/*
 * One cohort after the other: its pipes exist while it is forked and belong to its workers alone
 * afterwards, so that no other process keeps them and their number is no limit.
 */
static int fork_cohort(struct nursery *nursery, const struct work_group *group, unsigned first,
		       unsigned size, struct ktstr_error *error)
{
	auto_work_pipes struct work_pipes pipes = { 0 };
	int err = work_pipes_open(&pipes, group->plumbing.pipes, error);

	for (unsigned i = 0; !err && i < size; i++)
		err = fork_worker(nursery, group, first + i, &pipes, error);
	return err;
}

static int fork_group(struct nursery *nursery, const struct work_group *group,
		      struct ktstr_error *error)
{
	unsigned size = group->group_size ? group->group_size : 1;
	int err = 0;

	for (unsigned first = 0; !err && first < group->count; first += size)
		err = fork_cohort(nursery, group, first, size, error);
	return err;
}

static int fork_workers(struct ktstr_workload *workload, const struct ktstr_workload_config *config,
			struct ktstr_error *error)
{
	auto_telemetry_unmap struct telemetry *telemetry = NULL;
	struct nursery nursery = {
		.workload = workload,
		.config = config,
		.prng = prng_seeded((uint64_t)workload->owner ^ clock_now_ns()),
	};
	int err = telemetry_map(&telemetry, error);

	if (err)
		return err;
	nursery.telemetry = telemetry;
	return fork_group(&nursery, &workload->group, error);
}

int workload_spawn(const struct ktstr_workload_config *config,
		   const struct workload_timeouts *timeouts, struct ktstr_workload **ret_workload,
		   struct ktstr_error *error)
{
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	unsigned count = resolve_num_workers(config->num_workers);
	int err = affinity_check(&config->affinity, error);

	if (!err)
		err = check_children_are_waitable(error);
	if (err)
		return err;
	workload = calloc(1, sizeof(*workload));
	if (!workload)
		return ktstr_error_set(error, -ENOMEM, "no memory for a workload");
	workload->owner = getpid();
	workload->timeouts = *timeouts;
	err = work_group_init(&workload->group, 0, &config->work, count, error);
	if (err)
		return err;
	if (count) {
		err = shared_area_map(&workload->area, count, report_frame_max(), error);
		if (err)
			return err;
		workload->pids = calloc(count, sizeof(*workload->pids));
		if (!workload->pids)
			return ktstr_error_set(error, -ENOMEM, "no memory for %u workers", count);
		err = fork_workers(workload, config, error);
		if (err)
			return err;
	}
	*ret_workload = take_pointer(workload);
	return 0;
}

int ktstr_workload_spawn(const struct ktstr_workload_config *config,
			 struct ktstr_workload **ret_workload, struct ktstr_error *error)
{
	return workload_spawn(config, &WORKLOAD_TIMEOUTS_DEFAULT, ret_workload, error);
}
