// SPDX-License-Identifier: GPL-2.0-only
/* Cgroups come into being as they are defined. The order of the stages is the promise made here. */
#include "scenario/setup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "scenario/cgroup_limits.h"
#include "scenario/payloads.h"
#include "scenario/placement_log.h"
#include "scenario/stall.h"

/*
 * Those of the backdrop see phases: a step and what lies behind it are two each, and one comes
 * before them. More than so many are not worth their memory; the rest is then one slice.
 */
#define PHASES_OF_BACKDROP_MAX 128

static unsigned max_phases(const struct scenario_state *state)
{
	size_t phases = 2 * state->num_steps + 1;

	if (state->target != &state->backdrop)
		return 0;
	return phases < PHASES_OF_BACKDROP_MAX ? (unsigned)phases : PHASES_OF_BACKDROP_MAX;
}

static struct ktstr_workload_config config_of(const struct scenario_state *state,
					      const struct planned_work *work)
{
	return (struct ktstr_workload_config){
		.num_workers = work->spec.workers,
		.affinity = work->spec.affinity,
		.work = work->spec.work,
		.policy = work->spec.policy,
		.mem_policy = work->spec.mem_policy,
		.nice = work->spec.nice,
		.uid = work->spec.uid,
		.gid = work->spec.gid,
		.numa_node = work->spec.numa_node,
		.comm = work->spec.comm,
		.max_phases = max_phases(state),
	};
}

/* The workers exist, but do nothing, before they are where they belong. */
static int place_and_start(struct scenario_state *state, const char *cgroup,
			   struct ktstr_workload **workload, struct ktstr_error *error)
{
	const pid_t *pids;
	size_t count;
	int err = 0;

	pids = ktstr_workload_pids(*workload, &count);
	if (cgroup)
		err = ktstr_cgroup_move_tasks(state->ctx->cgroups, cgroup, pids, count, error);
	if (err)
		return err;
	ktstr_workload_start(*workload);
	return scenario_file_workers(state->target, cgroup ? cgroup : "", workload, error);
}

int setup_workers(struct scenario_state *state, const char *cgroup, const struct planned_work *work,
		  struct ktstr_error *error)
{
	const struct ktstr_workload_config config = config_of(state, work);
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	int err = ktstr_workload_spawn(&config, &workload, error);

	if (err)
		return ktstr_error_wrap(error, err, "cgroup '%s'", cgroup ? cgroup : "<runner>");
	return place_and_start(state, cgroup, &workload, error);
}

/* What the stages work on. */
struct setup {
	struct scenario_state *state;
	const struct ktstr_cgroup_def *def;
	const struct planned_cgroup *plan;
};

static int create(const struct setup *setup, struct ktstr_error *error)
{
	int err = scenario_check_free(setup->state, setup->def->name, error);

	return err ? err : cgroup_group_add(&setup->state->target->group, setup->def->name, error);
}

static int give_cpus(const struct setup *setup, struct ktstr_error *error)
{
	int err;

	if (!setup->plan->has_cpuset)
		return 0;
	err = ktstr_cgroup_set_cpuset(setup->state->ctx->cgroups, setup->def->name,
				      &setup->plan->cpus, error);
	if (err)
		return err;
	return scenario_record_cpuset(setup->state, setup->def->name, &setup->plan->cpus, error);
}

static int write_limits(const struct setup *setup, struct ktstr_error *error)
{
	return limits_write(setup->state->ctx->cgroups, setup->def, error);
}

static int spawn_processes(const struct setup *setup, struct ktstr_error *error)
{
	for (size_t i = 0; i < setup->plan->works_count; i++) {
		const struct planned_work *work = &setup->plan->works[i];
		const struct ktstr_workload_config config = config_of(setup->state, work);
		KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
		int err;

		if (work->spec.pcomm)
			continue;
		err = ktstr_workload_spawn(&config, &workload, error);
		if (err)
			return ktstr_error_wrap(error, err, "cgroup '%s'", setup->def->name);
		placement_log_spawn(setup->def->name, NULL, workload);
		err = place_and_start(setup->state, setup->def->name, &workload, error);
		if (err)
			return err;
	}
	return 0;
}

/* Whether an earlier group of the definition goes into the same process. */
static bool is_hosted_before(const struct planned_cgroup *plan, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (plan->works[i].spec.pcomm &&
		    !strcmp(plan->works[i].spec.pcomm, plan->works[index].spec.pcomm))
			return true;
	return false;
}

/* One process with the groups that have its name, in their order, as threads. */
static int spawn_container(const struct setup *setup, size_t first, struct ktstr_error *error)
{
	const struct planned_cgroup *plan = setup->plan;
	auto_free struct ktstr_work_spec *specs = calloc(plan->works_count, sizeof(*specs));
	const struct ktstr_work_spec *leader = &plan->works[first].spec;
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	struct ktstr_pcomm_config config = {
		.pcomm = leader->pcomm,
		.uid = leader->uid,
		.gid = leader->gid,
		.works = specs,
		.max_phases = max_phases(setup->state),
	};
	int err;

	if (!specs)
		return ktstr_error_set(error, -ENOMEM, "cgroup '%s': no memory for its workers",
				       setup->def->name);
	for (size_t i = first; i < plan->works_count; i++)
		if (plan->works[i].spec.pcomm && !strcmp(plan->works[i].spec.pcomm, leader->pcomm))
			specs[config.num_works++] = plan->works[i].spec;
	err = ktstr_workload_spawn_pcomm(&config, &workload, error);
	if (err)
		return ktstr_error_wrap(error, err, "cgroup '%s'", setup->def->name);
	placement_log_spawn(setup->def->name, leader->pcomm, workload);
	return place_and_start(setup->state, setup->def->name, &workload, error);
}

static int spawn_containers(const struct setup *setup, struct ktstr_error *error)
{
	int err = 0;

	for (size_t i = 0; !err && i < setup->plan->works_count; i++)
		if (setup->plan->works[i].spec.pcomm && !is_hosted_before(setup->plan, i))
			err = spawn_container(setup, i, error);
	return err;
}

static int start_payload(const struct setup *setup, struct ktstr_error *error)
{
	if (!setup->def->payload)
		return 0;
	return payloads_start(setup->state, setup->def->payload, NULL, setup->def->name,
			      "CgroupDef.payload", error);
}

static int (*const stages[])(const struct setup *setup, struct ktstr_error *error) = {
	create, give_cpus, write_limits, spawn_processes, spawn_containers, start_payload,
};

static int setup_one(struct scenario_state *state, const struct ktstr_cgroup_def *def,
		     struct ktstr_error *error)
{
	auto_plan struct planned_cgroup plan = { 0 };
	const struct setup setup = { .state = state, .def = def, .plan = &plan };
	int err = plan_cgroup(state->ctx, def, &plan, error);

	for (size_t i = 0; !err && i < sizeof(stages) / sizeof(stages[0]); i++)
		err = stages[i](&setup, error);
	return err;
}

int setup_apply(struct scenario_state *state, const struct ktstr_defs *defs,
		struct ktstr_error *error)
{
	for (size_t i = 0; i < defs->count; i++) {
		int err = setup_one(state, &defs->defs[i], error);

		if (err)
			return err;
	}
	stall_watch(state);
	return 0;
}
