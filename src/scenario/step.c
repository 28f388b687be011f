// SPDX-License-Identifier: GPL-2.0-only
/* Setting a step's cgroups and workers up, and taking them down with the reports in hand. */
#include <errno.h>

#include <ktstr/workload.h>

#include "base/cleanup.h"
#include "scenario/step.h"

/* The workers exist, but do nothing, before they are where they belong. */
static int start_workers(struct step_state *state, const struct planned_cgroup *plan,
			 struct ktstr_error *error)
{
	const struct ktstr_workload_config config = {
		.num_workers = plan->workers,
		.work = plan->def->work,
	};
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	const pid_t *pids;
	size_t count;
	int err = ktstr_workload_spawn(&config, &workload, error);

	if (err)
		return ktstr_error_wrap(error, err, "cgroup '%s'", plan->def->name);
	pids = ktstr_workload_pids(workload, &count);
	err = ktstr_cgroup_move_tasks(state->ctx->cgroups, plan->def->name, pids, count, error);
	if (err)
		return err;
	ktstr_workload_start(workload);
	state->workers[state->count++] = (struct step_workers){
		.plan = *plan,
		.workload = take_pointer(workload),
	};
	return 0;
}

static int setup_cgroup(struct step_state *state, const struct ktstr_cgroup_def *def,
			struct ktstr_error *error)
{
	struct planned_cgroup plan;
	int err = plan_cgroup(state->ctx, def, &plan, error);

	if (!err)
		err = cgroup_group_add(&state->group, def->name, error);
	if (!err && plan.has_cpuset)
		err = ktstr_cgroup_set_cpuset(state->ctx->cgroups, def->name, &plan.cpus, error);
	return err ? err : start_workers(state, &plan, error);
}

int step_setup(struct step_state *state, struct ktstr_ctx *ctx, const struct ktstr_defs *defs,
	       struct ktstr_error *error)
{
	*state = (struct step_state){ .ctx = ctx, .group = { .cgroups = ctx->cgroups } };
	if (!defs->count)
		return 0;
	state->workers = calloc(defs->count, sizeof(*state->workers));
	if (!state->workers)
		return ktstr_error_set(error, -ENOMEM, "no memory for %zu cgroups", defs->count);
	for (size_t i = 0; i < defs->count; i++) {
		int err = setup_cgroup(state, &defs->defs[i], error);

		if (err)
			return err;
	}
	return 0;
}

/* A left-over cgroup changes nothing about how the scheduler behaved. */
static void note(void *data, const char *text)
{
	verdict_note(data, "%s", text);
}

/* A frozen worker could not answer when it is asked to stop. */
static void thaw(struct step_state *state)
{
	for (size_t i = 0; i < state->group.count; i++) {
		struct ktstr_error error = { 0 };
		int err = ktstr_cgroup_unfreeze(state->ctx->cgroups, state->group.names[i], &error);

		/* ENOENT: the cgroup is gone, or a kernel before 5.2 that cannot freeze one. */
		if (err && err != -ENOENT)
			note(state->ctx->verdict, error.text);
	}
}

static void judge(struct ktstr_ctx *ctx, struct step_workers *workers)
{
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	const struct planned_cgroup *plan = &workers->plan;
	struct ktstr_error error = { 0 };

	if (ktstr_workload_stop_and_collect(&workers->workload, &reports, &error)) {
		verdict_add(ctx->verdict, VERDICT_FAIL, DETAIL_OTHER,
			    "cgroup '%s': no reports from its workers: %s", plan->def->name,
			    error.text);
		return;
	}
	verdict_judge_cgroup(ctx->verdict, plan->def->name, &ctx->check, reports,
			     plan->has_cpuset ? &plan->cpus : NULL);
}

void step_collect(struct step_state *state)
{
	thaw(state);
	for (size_t i = 0; i < state->count; i++)
		judge(state->ctx, &state->workers[i]);
	free(state->workers);
	state->workers = NULL;
	state->count = 0;
	cgroup_group_release(&state->group, note, state->ctx->verdict);
}
