// SPDX-License-Identifier: GPL-2.0-only
/* Workers come into being: admission, shared memory, one fork after the other. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "workload/container.h"
#include "workload/handle.h"
#include "workload/leader.h"
#include "workload/report_codec.h"
#include "workload/telemetry.h"
#include "workload/worker_process.h"

#define NUM_WORKERS_DEFAULT 1

static int fork_worker(struct ktstr_workload *workload, struct nursery *nursery, size_t group,
		       unsigned index, struct work_pipes *pipes, struct telemetry *telemetry,
		       struct ktstr_error *error)
{
	const struct work_group *own = &workload->groups[group];
	struct worker_process process = {
		.pipes = pipes,
		.position = index % nursery_cohort_size(own),
	};
	int err;

	nursery_plan(nursery, group, index, pipes, &process.plan);
	process.plan.telemetry = telemetry;
	err = worker_process_fork(&process, &workload->pids[workload->num_pids], error);
	if (err)
		return ktstr_error_wrap(error, err, "worker %u of %u (group %zu)", index + 1,
					own->count, group);
	workload->num_pids++;
	return 0;
}

/*
 * One cohort after the other: its pipes exist while it is forked and belong to its workers alone
 * afterwards, so that no other process keeps them and their number is no limit.
 */
static int fork_cohort(struct ktstr_workload *workload, struct nursery *nursery, size_t group,
		       unsigned first, struct telemetry *telemetry, struct ktstr_error *error)
{
	const struct work_group *own = &workload->groups[group];
	auto_work_pipes struct work_pipes pipes = { 0 };
	int err = work_pipes_open(&pipes, own->plumbing.pipes, error);

	for (unsigned i = 0; !err && i < nursery_cohort_size(own); i++)
		err = fork_worker(workload, nursery, group, first + i, &pipes, telemetry, error);
	return err;
}

static int fork_workers(struct ktstr_workload *workload, struct nursery *nursery,
			struct ktstr_error *error)
{
	/* Each worker has its own copy once it is forked. */
	auto_telemetry_unmap struct telemetry *telemetry = NULL;
	int err = telemetry_map(workload->max_phases, &telemetry, error);

	for (size_t group = 0; !err && group < workload->num_groups; group++) {
		const struct work_group *own = &workload->groups[group];

		for (unsigned i = 0; !err && i < own->count; i += nursery_cohort_size(own))
			err = fork_cohort(workload, nursery, group, i, telemetry, error);
	}
	return err;
}

static int start_threads(struct ktstr_workload *workload, struct nursery *nursery,
			 struct ktstr_error *error)
{
	/* A signal stops nothing here: the process has its own use for them. */
	static const _Atomic int never;
	int err = thread_crew_start(&workload->crew, nursery, "ktstr-worker", &never, error);

	if (!err)
		err = thread_crew_await_tids(&workload->crew, workload->pids, error);
	if (!err)
		workload->num_pids = workload->count;
	return err;
}

static int fork_container(struct ktstr_workload *workload, const struct nursery *nursery,
			  const struct ktstr_pcomm_config *config, struct ktstr_error *error)
{
	struct container container = {
		.comm = config->pcomm,
		.uid = config->uid,
		.gid = config->gid,
		.nursery = *nursery,
	};
	int err = container_fork(&container, &workload->pids[0], error);

	if (err)
		return ktstr_error_wrap(error, err, "container '%s'", config->pcomm);
	workload->num_pids = 1;
	return 0;
}

/* The groups of config, its own first; the caller frees. */
static struct ktstr_work_spec *specs_of(const struct ktstr_workload_config *config)
{
	struct ktstr_work_spec *specs = calloc(config->num_composed + 1, sizeof(*specs));

	if (!specs)
		return NULL;
	specs[0] = (struct ktstr_work_spec){
		.work = config->work,
		.workers = config->num_workers ? config->num_workers : NUM_WORKERS_DEFAULT,
		.affinity = config->affinity,
		.policy = config->policy,
		.mem_policy = config->mem_policy,
		.nice = config->nice,
		.uid = config->uid,
		.gid = config->gid,
		.numa_node = config->numa_node,
		.comm = config->comm,
	};
	if (config->num_composed)
		memcpy(&specs[1], config->composed, config->num_composed * sizeof(*specs));
	return specs;
}

static int count_workers(struct ktstr_workload *workload, struct ktstr_error *error)
{
	unsigned workers = 0;

	for (size_t i = 0; i < workload->num_groups; i++)
		if (__builtin_add_overflow(workers, workload->groups[i].count, &workers))
			return ktstr_error_set(error, -EINVAL, "more than %u workers", UINT_MAX);
	workload->count = workers;
	return 0;
}

/*
 * Admission of every group, then the memory of all workers: what does not depend on their sort.
 * pcomm is NULL but for a container.
 */
static int make_workers(struct ktstr_workload *workload, const struct ktstr_work_spec *specs,
			size_t num_specs, const struct ktstr_pcomm_config *pcomm,
			struct ktstr_error *error)
{
	struct nursery nursery;
	int err = work_groups_admit(specs, num_specs, workload->sort, &workload->groups, error);

	if (err)
		return err;
	workload->num_groups = num_specs;
	err = count_workers(workload, error);
	if (err || !workload->count)
		return err;
	workload->pids = calloc(workload->count, sizeof(*workload->pids));
	if (!workload->pids)
		return ktstr_error_set(error, -ENOMEM, "no memory for %zu workers",
				       workload->count);
	err = shared_area_map(&workload->area, (unsigned)workload->count,
			      report_frame_max(workload->max_phases), error);
	if (err)
		return err;
	nursery = (struct nursery){
		.groups = workload->groups,
		.specs = specs,
		.num_groups = num_specs,
		.area = &workload->area,
		.timeouts = &workload->timeouts,
		.max_phases = workload->max_phases,
		.prng = prng_seeded((uint64_t)workload->owner ^ clock_now_ns()),
	};
	switch (workload->sort) {
	case WORKER_PROCESS:
		return fork_workers(workload, &nursery, error);
	case WORKER_THREAD:
		return start_threads(workload, &nursery, error);
	case WORKER_IN_CONTAINER:
		break;
	}
	return fork_container(workload, &nursery, pcomm, error);
}

static int check_max_phases(unsigned max_phases, struct ktstr_error *error)
{
	if (max_phases <= KTSTR_PHASES_MAX)
		return 0;
	return ktstr_error_set(error, -EINVAL, "max_phases: %u, at most %d can be kept", max_phases,
			       KTSTR_PHASES_MAX);
}

static struct ktstr_workload *new_workload(enum worker_sort sort,
					   const struct workload_timeouts *timeouts)
{
	struct ktstr_workload *workload = calloc(1, sizeof(*workload));

	if (!workload)
		return NULL;
	workload->owner = getpid();
	workload->sort = sort;
	workload->timeouts = *timeouts;
	return workload;
}

int workload_spawn(const struct ktstr_workload_config *config,
		   const struct workload_timeouts *timeouts, struct ktstr_workload **ret_workload,
		   struct ktstr_error *error)
{
	bool threads = config->clone_mode == KTSTR_CLONE_THREAD;
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	auto_free struct ktstr_work_spec *specs = NULL;
	int err = threads ? 0 : process_check_waitable(error);

	if (err)
		return err;
	if (!threads && config->clone_mode != KTSTR_CLONE_FORK)
		return ktstr_error_set(error, -EINVAL,
				       "config.clone_mode: %d is neither fork nor thread",
				       (int)config->clone_mode);
	err = check_max_phases(config->max_phases, error);
	if (err)
		return err;
	specs = specs_of(config);
	workload = new_workload(threads ? WORKER_THREAD : WORKER_PROCESS, timeouts);
	if (!specs || !workload)
		return ktstr_error_set(error, -ENOMEM, "no memory for a workload");
	workload->max_phases = config->max_phases;
	err = make_workers(workload, specs, config->num_composed + 1, NULL, error);
	if (err)
		return err;
	*ret_workload = take_pointer(workload);
	return 0;
}

static int check_pcomm(const struct ktstr_pcomm_config *config, struct ktstr_error *error)
{
	int err;

	if (!config->pcomm || !*config->pcomm)
		return ktstr_error_set(error, -EINVAL,
				       "pcomm: the container needs a name of 1 to %d bytes",
				       KTSTR_COMM_MAX);
	err = comm_check("pcomm", config->pcomm, error);
	if (!err)
		err = id_check("uid", config->uid, error);
	if (!err)
		err = id_check("gid", config->gid, error);
	if (!err)
		err = check_max_phases(config->max_phases, error);
	return err ? err : process_check_waitable(error);
}

int workload_spawn_pcomm(const struct ktstr_pcomm_config *config,
			 const struct workload_timeouts *timeouts,
			 struct ktstr_workload **ret_workload, struct ktstr_error *error)
{
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	int err = check_pcomm(config, error);

	if (err)
		return err;
	workload = new_workload(WORKER_IN_CONTAINER, timeouts);
	if (!workload)
		return ktstr_error_set(error, -ENOMEM, "no memory for a workload");
	workload->max_phases = config->max_phases;
	if (config->num_works) {
		err = make_workers(workload, config->works, config->num_works, config, error);
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

int ktstr_workload_spawn_pcomm(const struct ktstr_pcomm_config *config,
			       struct ktstr_workload **ret_workload, struct ktstr_error *error)
{
	return workload_spawn_pcomm(config, &WORKLOAD_TIMEOUTS_DEFAULT, ret_workload, error);
}
