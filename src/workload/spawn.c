// SPDX-License-Identifier: GPL-2.0-only
/* Workers come into being: admission, shared memory, one fork after the other. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
	return asked == KTSTR_WORKERS_NONE ? 0 : asked;
}

/* What all workers of a group get from the one that forks them. */
struct nursery {
	struct ktstr_workload *workload;
	const struct ktstr_work_spec *spec; /* of the group */
	struct telemetry *telemetry;	    /* each worker has its own copy once it is forked */
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

	process.plan.pinned = affinity_draw(&nursery->spec->affinity, &nursery->prng,
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

static int fork_workers(struct ktstr_workload *workload, const struct ktstr_work_spec *specs,
			struct ktstr_error *error)
{
	auto_telemetry_unmap struct telemetry *telemetry = NULL;
	struct nursery nursery = {
		.workload = workload,
		.prng = prng_seeded((uint64_t)workload->owner ^ clock_now_ns()),
	};
	int err = telemetry_map(&telemetry, error);

	nursery.telemetry = telemetry;
	for (size_t i = 0; !err && i < workload->num_groups; i++) {
		nursery.spec = &specs[i];
		err = fork_group(&nursery, &workload->groups[i], error);
	}
	return err;
}

/* Where the group stands in what the caller wrote. */
#define SITE_MAX 40
static const char *site_of(size_t group, char site[SITE_MAX])
{
	snprintf(site, SITE_MAX, group ? "composed[%zu]" : "config", group - 1);
	return site;
}

static int check_spec(const struct ktstr_work_spec *spec, size_t group, struct ktstr_error *error)
{
	char site[SITE_MAX];
	int err = affinity_check(&spec->affinity, error);

	site_of(group, site);
	if (err)
		return ktstr_error_wrap(error, err, "%s.affinity (group %zu)", site, group);
	if (!spec->workers)
		return ktstr_error_set(error, -EINVAL,
				       "%s.workers (group %zu): 0; only a scenario has a "
				       "workers_per_cgroup to take instead, name a number or "
				       "KTSTR_WORKERS_NONE",
				       site, group);
	if (spec->workers_pct != 0)
		return ktstr_error_set(error, -EINVAL,
				       "%s.workers_pct (group %zu): only a scenario has a cpuset "
				       "to take it of, name a number of workers",
				       site, group);
	if (spec->pcomm)
		return ktstr_error_set(error, -EINVAL,
				       "%s.pcomm (group %zu): '%s' is the name of a process that "
				       "hosts its workers as threads; spawn it with "
				       "ktstr_workload_spawn_pcomm()",
				       site, group, spec->pcomm);
	return 0;
}

static int init_group(struct work_group *group, const struct ktstr_work_spec *spec, size_t index,
		      struct ktstr_error *error)
{
	struct worker_setup setup;
	char site[SITE_MAX];
	int err = worker_setup_init(&setup, spec, error);

	if (err)
		return ktstr_error_wrap(error, err, "%s (group %zu)", site_of(index, site), index);
	err = work_group_init(group, (unsigned)index, &spec->work,
			      resolve_num_workers(spec->workers), error);
	if (!err)
		group->setup = setup;
	return err;
}

static int init_groups(struct ktstr_workload *workload, const struct ktstr_work_spec *specs,
		       size_t count, struct ktstr_error *error)
{
	workload->groups = calloc(count, sizeof(*workload->groups));
	if (!workload->groups)
		return ktstr_error_set(error, -ENOMEM, "no memory for %zu groups", count);
	for (size_t i = 0; i < count; i++) {
		int err = init_group(&workload->groups[i], &specs[i], i, error);

		if (err)
			return err;
		workload->num_groups = i + 1;
	}
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

/* Every group is admitted before the first worker exists. */
static int spawn_groups(struct ktstr_workload *workload, const struct ktstr_work_spec *specs,
			size_t num_groups, struct ktstr_error *error)
{
	unsigned workers = 0;
	int err = 0;

	for (size_t i = 0; !err && i < num_groups; i++)
		err = check_spec(&specs[i], i, error);
	if (!err)
		err = init_groups(workload, specs, num_groups, error);
	if (err)
		return err;
	for (size_t i = 0; i < num_groups; i++)
		if (__builtin_add_overflow(workers, workload->groups[i].count, &workers))
			return ktstr_error_set(error, -EINVAL, "more than %u workers", UINT_MAX);
	if (!workers)
		return 0;
	err = shared_area_map(&workload->area, workers, report_frame_max(), error);
	if (err)
		return err;
	workload->pids = calloc(workers, sizeof(*workload->pids));
	if (!workload->pids)
		return ktstr_error_set(error, -ENOMEM, "no memory for %u workers", workers);
	return fork_workers(workload, specs, error);
}

int workload_spawn(const struct ktstr_workload_config *config,
		   const struct workload_timeouts *timeouts, struct ktstr_workload **ret_workload,
		   struct ktstr_error *error)
{
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	auto_free struct ktstr_work_spec *specs = NULL;
	int err = check_children_are_waitable(error);

	if (err)
		return err;
	if (config->clone_mode != KTSTR_CLONE_FORK)
		return ktstr_error_set(error, -ENOSYS,
				       "config.clone_mode: workers as threads do not exist yet");
	specs = specs_of(config);
	workload = calloc(1, sizeof(*workload));
	if (!specs || !workload)
		return ktstr_error_set(error, -ENOMEM, "no memory for a workload");
	workload->owner = getpid();
	workload->timeouts = *timeouts;
	err = spawn_groups(workload, specs, config->num_composed + 1, error);
	if (err)
		return err;
	*ret_workload = take_pointer(workload);
	return 0;
}

int ktstr_workload_spawn(const struct ktstr_workload_config *config,
			 struct ktstr_workload **ret_workload, struct ktstr_error *error)
{
	return workload_spawn(config, &WORKLOAD_TIMEOUTS_DEFAULT, ret_workload, error);
}
