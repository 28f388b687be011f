// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running a scenario: step after step until the duration is used up, a step cannot be set up, or
 * the scheduler is gone. Everything is written into the verdict of the context.
 */
#include "base/clock.h"
#include "scenario/hold.h"
#include "scenario/step.h"

#define PHASE_MAX 32 /* "Step[", twenty digits, "]" */

struct run {
	struct ktstr_ctx *ctx;
	struct ktstr_steps steps;
	uint64_t start_ns;
};

static void tell(const struct run *run, const char *event, int step)
{
	const struct scenario_bridge *bridge = &run->ctx->bridge;

	if (bridge->event)
		bridge->event(bridge->data, event, step);
}

static bool scheduler_is_down(const struct run *run)
{
	const struct scenario_bridge *bridge = &run->ctx->bridge;

	return bridge->scheduler_down && bridge->scheduler_down(bridge->data);
}

/*
 * Why it went is for those to add who saw it go. The prefix is what users of the original tool
 * search for; for a scheduler that is a BPF object only, the words behind it hold.
 */
static void add_died(const struct run *run, const char *when, size_t k)
{
	verdict_add(run->ctx->verdict, VERDICT_FAIL, DETAIL_SCHEDULER_DIED,
		    "scheduler process died or was ejected by the kernel %s Step[%zu] of %zu %s, "
		    "%.1f s into the scenario",
		    when, k, run->steps.count, run->steps.count == 1 ? "step" : "steps",
		    (double)(clock_now_ns() - run->start_ns) / (double)NS_PER_S);
}

/* Steps share the duration: a late one gets what is left. */
static uint64_t hold_deadline_ns(const struct run *run, const struct ktstr_hold *hold)
{
	const struct ktstr_hold full = { .kind = KTSTR_HOLD_FULL };
	uint64_t duration_ms = run->ctx->duration_ms;
	uint64_t end_ns = run->start_ns + hold_duration_ns(&full, duration_ms);
	uint64_t deadline_ns = clock_now_ns() + hold_duration_ns(hold, duration_ms);

	return deadline_ns < end_ns ? deadline_ns : end_ns;
}

/* False when the scenario ends with this step. */
static bool run_step(const struct run *run, size_t k)
{
	const struct ktstr_step *step = &run->steps.steps[k];
	struct verdict *verdict = run->ctx->verdict;
	struct ktstr_error error = { 0 };
	struct step_state state;
	char phase[PHASE_MAX];
	bool down = false;
	int err;

	snprintf(phase, sizeof(phase), "Step[%zu]", k);
	verdict_set_phase(verdict, phase);
	tell(run, "step_start", (int)k);
	err = step_setup(&state, run->ctx, &step->setup, &error);
	if (!err) {
		tell(run, "hold_start", (int)k);
		down = hold_wait(&run->ctx->bridge, hold_deadline_ns(run, &step->hold));
		tell(run, "hold_end", (int)k);
	}
	step_collect(&state);
	tell(run, "step_end", (int)k);
	if (err)
		verdict_add(verdict, VERDICT_FAIL, DETAIL_OTHER, "step %zu failed: %s", k,
			    error.text);
	else if (down)
		add_died(run, "during the workload of", k);
	verdict_set_phase(verdict, NULL);
	return !err && !down;
}

static void run_steps(const struct run *run)
{
	tell(run, "scenario_start", -1);
	for (size_t k = 0; k < run->steps.count; k++) {
		if (k && scheduler_is_down(run)) {
			add_died(run, "after", k - 1);
			return;
		}
		if (!run_step(run, k))
			return;
	}
	tell(run, "scenario_end", -1);
	if (run->steps.count && scheduler_is_down(run))
		add_died(run, "after", run->steps.count - 1);
}

int ktstr_execute_steps_list(struct ktstr_ctx *ctx, struct ktstr_steps steps)
{
	struct run run = { .ctx = ctx, .steps = steps };
	struct ktstr_error error = { 0 };
	int err = plan_check(ctx, steps, &error);

	if (err)
		return ktstr_could_not_run(ctx, &error);
	err = ktstr_cgroups_setup(ctx->cgroups, plan_controllers(steps), &error);
	if (err) {
		ktstr_error_wrap(&error, err, "enable cgroup controllers in subtree_control");
		return ktstr_could_not_run(ctx, &error);
	}
	run.start_ns = clock_now_ns();
	run_steps(&run);
	return 0;
}

int ktstr_execute_defs_list(struct ktstr_ctx *ctx, struct ktstr_defs defs)
{
	return ktstr_execute_steps(ctx, KTSTR_STEP(.setup = defs));
}
