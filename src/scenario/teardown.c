// SPDX-License-Identifier: GPL-2.0-only
/* The end of a step or of the backdrop, with the reports in hand. */
#include "scenario/teardown.h"

#include <errno.h>
#include <stdlib.h>

#include "scenario/payloads.h"
#include "scenario/stall.h"

/* A left-over cgroup changes nothing about how the scheduler behaved. */
static void note(void *data, const char *text)
{
	verdict_note(data, "%s", text);
}

/* A frozen worker could not answer when it is asked to stop. */
static void thaw(struct scenario_state *state, const struct scenario_slot *slot)
{
	for (size_t i = 0; i < slot->group.count; i++) {
		struct ktstr_error error = { 0 };
		int err = ktstr_cgroup_unfreeze(state->ctx->cgroups, slot->group.entries[i].name,
						&error);

		/* ENOENT: the cgroup is gone, or a kernel before 5.2 that cannot freeze one. */
		if (err && err != -ENOENT)
			note(state->ctx->verdict, error.text);
	}
}

static void judge(struct scenario_state *state, struct scenario_workers *workers)
{
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	const char *name = *workers->cgroup ? workers->cgroup : "<runner>";
	struct ktstr_error error = { 0 };

	if (ktstr_workload_stop_and_collect(&workers->workload, &reports, &error)) {
		verdict_add(state->ctx->verdict, VERDICT_FAIL, DETAIL_OTHER,
			    "cgroup '%s': no reports from its workers: %s", name, error.text);
		return;
	}
	verdict_judge_cgroup(state->ctx->verdict, name, state->check, reports,
			     scenario_cpuset(state, workers->cgroup));
}

void teardown(struct scenario_state *state, struct scenario_slot *slot)
{
	struct scenario_workers *workers;

	thaw(state, slot);
	payloads_kill(slot, state->ctx, NULL);
	stall_report(slot, state->ctx->verdict);
	TAILQ_FOREACH(workers, &slot->workers, link)
	judge(state, workers);
	scenario_slot_release(slot);
	cgroup_group_release(&slot->group, note, state->ctx->verdict);
}
