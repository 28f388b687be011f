// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running a scenario: the backdrop, then step after step until the duration is used up, something
 * cannot be set up, or the scheduler is gone. Everything is written into the verdict of the
 * context.
 */
#include <errno.h>
#include <limits.h>

#include "base/clock.h"
#include "scenario/hold.h"
#include "scenario/op.h"
#include "scenario/payloads.h"
#include "scenario/plan.h"
#include "scenario/setup.h"
#include "scenario/stimulus.h"
#include "scenario/teardown.h"

#define PHASE_MAX 32 /* "Step[", twenty digits, "]" */

struct run {
	struct ktstr_ctx *ctx;
	const struct ktstr_scenario *scenario;
	struct scenario_state state;
	uint64_t start_ns;
};

static void tell(const struct run *run, const char *event, int step)
{
	const struct scenario_bridge *bridge = &run->ctx->bridge;

	if (bridge->event)
		bridge->event(bridge->data, event, step);
}

/* Between holds: one that cannot be watched stops the next hold, which says so. */
static bool scheduler_is_down(const struct run *run)
{
	bool down = false;

	return !hold_wait(&run->ctx->bridge, 0, &down, NULL) && down;
}

/*
 * Why it went is for those to add who saw it go. The prefix is what users of the original tool
 * search for; for a scheduler that is a BPF object only, the words behind it hold.
 */
static void add_died(const struct run *run, const char *when, size_t k)
{
	size_t count = run->scenario->steps.count;

	verdict_add(run->ctx->verdict, VERDICT_FAIL, DETAIL_SCHEDULER_DIED,
		    "scheduler process died or was ejected by the kernel %s Step[%zu] of %zu %s, "
		    "%.1f s into the scenario",
		    when, k, count, count == 1 ? "step" : "steps",
		    (double)(clock_now_ns() - run->start_ns) / (double)NS_PER_S);
}

/* Steps share the duration: a late one gets what is left. */
static uint64_t end_ns(const struct run *run)
{
	const struct ktstr_hold full = { .kind = KTSTR_HOLD_FULL };

	return run->start_ns + hold_duration_ns(&full, run->ctx->duration_ms);
}

static uint64_t hold_deadline_ns(const struct run *run, const struct ktstr_hold *hold)
{
	uint64_t deadline_ns = clock_now_ns() + hold_duration_ns(hold, run->ctx->duration_ms);

	return deadline_ns < end_ns(run) ? deadline_ns : end_ns(run);
}

/* Workers of the backdrop file what they measure from now on under this phase. */
static void set_phase_of_backdrop(struct run *run, uint32_t phase)
{
	struct scenario_workers *workers;

	TAILQ_FOREACH(workers, &run->state.backdrop.workers, link)
	ktstr_workload_set_phase(workers->workload, phase);
}

static uint32_t phase_of(size_t k)
{
	return k < KTSTR_PHASE_BETWEEN - 1 ? (uint32_t)k + 1 : KTSTR_PHASE_BETWEEN - 1;
}

/*
 * The operations again and again, at the beats of a clock that a late round does not shift. False
 * for down and err both when the duration is over.
 */
static int run_loop(struct run *run, const struct ktstr_step *step, bool *ret_down,
		    struct ktstr_error *error)
{
	uint64_t interval_ns = step->hold.ms * NS_PER_MS, next_ns = clock_now_ns();
	int err = 0;

	while (!err && !*ret_down && clock_now_ns() < end_ns(run)) {
		err = ops_apply(&run->state, &step->ops, error);
		if (err)
			break;
		next_ns += interval_ns;
		err = hold_wait(&run->ctx->bridge, next_ns < end_ns(run) ? next_ns : end_ns(run),
				ret_down, error);
	}
	return err;
}

static int run_once(struct run *run, size_t k, bool *ret_down, struct ktstr_error *error)
{
	const struct ktstr_step *step = &run->scenario->steps.steps[k];
	const struct ktstr_defs setup = plan_setup(run->ctx, step);
	int err = ops_apply(&run->state, &step->ops, error);

	if (!err)
		err = setup_apply(&run->state, &setup, error);
	if (err)
		return err;
	stimulus_tell(&run->state, &step->ops, k, run->start_ns);
	tell(run, "hold_start", (int)k);
	err = hold_wait(&run->ctx->bridge, hold_deadline_ns(run, &step->hold), ret_down, error);
	tell(run, "hold_end", (int)k);
	return err;
}

static int run_body(struct run *run, size_t k, bool *ret_down, struct ktstr_error *error)
{
	const struct ktstr_step *step = &run->scenario->steps.steps[k];
	struct ktstr_defs setup;
	int err;

	if (step->hold.kind != KTSTR_HOLD_KIND_LOOP)
		return run_once(run, k, ret_down, error);
	setup = plan_setup(run->ctx, step);
	err = setup_apply(&run->state, &setup, error);
	return err ? err : run_loop(run, step, ret_down, error);
}

/* False when the scenario ends with this step. */
static bool run_step(struct run *run, size_t k)
{
	struct scenario_state *state = &run->state;
	struct verdict *verdict = run->ctx->verdict;
	struct ktstr_error error = { 0 };
	char phase[PHASE_MAX];
	bool down = false;
	int err;

	snprintf(phase, sizeof(phase), "Step[%zu]", k);
	verdict_set_phase(verdict, phase);
	run->ctx->current_step = k < UINT16_MAX ? (unsigned)k + 1 : UINT16_MAX;
	set_phase_of_backdrop(run, phase_of(k));
	tell(run, "step_start", (int)k);
	scenario_slot_init(&state->step, "step", run->ctx->cgroups);
	state->target = &state->step;
	err = run_body(run, k, &down, &error);
	if (err)
		for (unsigned i = 0; i < SCENARIO_SLOTS; i++)
			payloads_kill(scenario_slot_at(state, i), run->ctx, NULL);
	set_phase_of_backdrop(run, KTSTR_PHASE_BETWEEN);
	teardown(state, &state->step);
	tell(run, "step_end", (int)k);
	if (err)
		verdict_add(verdict, VERDICT_FAIL, DETAIL_OTHER, "step %zu failed: %s", k,
			    error.text);
	else if (down)
		add_died(run, "during the workload of", k);
	verdict_set_phase(verdict, NULL);
	return !err && !down;
}

static void run_steps(struct run *run)
{
	size_t count = run->scenario->steps.count;

	for (size_t k = 0; k < count; k++) {
		if (k && scheduler_is_down(run)) {
			add_died(run, "after", k - 1);
			return;
		}
		if (!run_step(run, k))
			return;
	}
	tell(run, "scenario_end", -1);
	if (count && scheduler_is_down(run))
		add_died(run, "after", count - 1);
}

static int start_backdrop(struct run *run, struct ktstr_error *error)
{
	const struct ktstr_backdrop *backdrop = &run->scenario->backdrop;
	struct scenario_state *state = &run->state;
	int err;

	state->target = &state->backdrop;
	err = setup_apply(state, &backdrop->cgroups, error);
	if (!err)
		err = ops_apply(state, &backdrop->ops, error);
	for (size_t i = 0; !err && i < backdrop->payloads.count; i++)
		err = payloads_start(state, backdrop->payloads.payloads[i], NULL, "", "Backdrop",
				     error);
	return err;
}

static void run_all(struct run *run)
{
	struct ktstr_error error = { 0 };

	tell(run, "scenario_start", -1);
	if (start_backdrop(run, &error))
		verdict_add(run->ctx->verdict, VERDICT_FAIL, DETAIL_OTHER,
			    "Backdrop setup failed: %s", error.text);
	else
		run_steps(run);
	run->ctx->current_step = 0;
	run->state.target = &run->state.backdrop;
	scenario_slot_init(&run->state.step, "step", run->ctx->cgroups);
	teardown(&run->state, &run->state.backdrop);
}

int ktstr_execute(struct ktstr_ctx *ctx, const struct ktstr_scenario *scenario)
{
	struct run run = {
		.ctx = ctx,
		.scenario = scenario,
		.state = {
			.ctx = ctx,
			.check = scenario->check ? scenario->check : &ctx->check,
			.num_steps = scenario->steps.count,
		},
	};
	struct ktstr_error error = { 0 };
	int err = plan_check(ctx, scenario, &error);

	if (err)
		return ktstr_could_not_run(ctx, &error);
	err = ktstr_cgroups_setup(ctx->cgroups, plan_controllers(ctx, scenario), &error);
	if (err) {
		ktstr_error_wrap(&error, err, "enable cgroup controllers in subtree_control");
		return ktstr_could_not_run(ctx, &error);
	}
	scenario_slot_init(&run.state.step, "step", ctx->cgroups);
	scenario_slot_init(&run.state.backdrop, "backdrop", ctx->cgroups);
	run.start_ns = clock_now_ns();
	run_all(&run);
	return 0;
}
