// SPDX-License-Identifier: GPL-2.0-only
/* Operations on cgroups as such: AddCgroup, AddCgroupDef, RemoveCgroup, StopCgroup, and freezing.
 */
#include <errno.h>
#include <string.h>

#include "cgroup/cgroup_name.h"
#include "scenario/op.h"
#include "scenario/payloads.h"
#include "scenario/setup.h"

static int check_name(struct ktstr_ctx *ctx, const void *params, bool in_loop,
		      struct ktstr_error *error)
{
	const struct ktstr_op_cgroup_params *op = params;

	(void)ctx, (void)in_loop;
	return cgroup_name_check(op->cgroup, error);
}

static int add_cgroup(struct scenario_state *state, const void *params, struct ktstr_error *error)
{
	const struct ktstr_op_cgroup_params *op = params;
	int err = scenario_check_free(state, op->cgroup, error);

	return err ? err : cgroup_group_add(&state->target->group, op->cgroup, error);
}

const struct ktstr_op_ops ktstr_op_add_cgroup = {
	.name = "AddCgroup",
	.bit = 0,
	.check = check_name,
	.apply = add_cgroup,
};

static int check_def(struct ktstr_ctx *ctx, const void *params, bool in_loop,
		     struct ktstr_error *error)
{
	const struct ktstr_op_add_cgroup_def_params *op = params;
	auto_plan struct planned_cgroup plan = { 0 };

	(void)in_loop;
	return plan_cgroup(ctx, &op->def, &plan, error);
}

static unsigned controllers_of_def(const void *params)
{
	const struct ktstr_op_add_cgroup_def_params *op = params;

	return plan_def_controllers(&op->def);
}

static int add_cgroup_def(struct scenario_state *state, const void *params,
			  struct ktstr_error *error)
{
	const struct ktstr_op_add_cgroup_def_params *op = params;

	return setup_apply(state, &(const struct ktstr_defs){ .defs = &op->def, .count = 1 },
			   error);
}

const struct ktstr_op_ops ktstr_op_add_cgroup_def = {
	.name = "AddCgroupDef",
	.bit = 1,
	.more_controllers = controllers_of_def,
	.check = check_def,
	.apply = add_cgroup_def,
};

/* Whatever runs in the cgroup, of the step and of the backdrop. */
static void kill_inhabitants(struct scenario_state *state, const char *cgroup)
{
	for (unsigned i = 0; i < SCENARIO_SLOTS; i++) {
		struct scenario_slot *slot = scenario_slot_at(state, i);
		struct scenario_workers *workers = TAILQ_FIRST(&slot->workers);

		payloads_kill(slot, state->ctx, cgroup);
		while (workers) {
			struct scenario_workers *next = TAILQ_NEXT(workers, link);

			if (!strcmp(workers->cgroup, cgroup))
				scenario_drop_workers(slot, workers);
			workers = next;
		}
	}
}

static int stop_cgroup(struct scenario_state *state, const void *params, struct ktstr_error *error)
{
	const struct ktstr_op_cgroup_params *op = params;

	(void)error;
	kill_inhabitants(state, op->cgroup);
	return 0;
}

const struct ktstr_op_ops ktstr_op_stop_cgroup = {
	.name = "StopCgroup",
	.bit = 7,
	.check = check_name,
	.apply = stop_cgroup,
};

static void note_unusual_removal(struct scenario_state *state, const char *cgroup)
{
	const struct scenario_slot *owner = scenario_owner(state, cgroup);
	char names[SCENARIO_NAMES_MAX];

	if (!owner)
		ktstr_note(state->ctx, "RemoveCgroup: cgroup '%s' is not tracked (%s)", cgroup,
			   scenario_names(state, names));
	else if (owner == &state->backdrop && state->target != owner)
		ktstr_note(state->ctx,
			   "RemoveCgroup: cgroup '%s' belongs to the backdrop; it is gone for the "
			   "steps that follow, too",
			   cgroup);
}

static const char *removal_hint(int err)
{
	switch (err) {
	case -EBUSY:
		return "; tasks still live in it, or cgroups below it";
	case -EACCES:
	case -EPERM:
		return "; the subtree is not delegated to this user";
	default:
		return "";
	}
}

static int remove_cgroup(struct scenario_state *state, const void *params,
			 struct ktstr_error *error)
{
	const struct ktstr_op_cgroup_params *op = params;
	struct ktstr_error failure = { 0 };
	int err;

	(void)error;
	kill_inhabitants(state, op->cgroup);
	scenario_forget_cpuset(state, op->cgroup);
	note_unusual_removal(state, op->cgroup);
	for (unsigned i = 0; i < SCENARIO_SLOTS; i++)
		cgroup_group_forget(&scenario_slot_at(state, i)->group, op->cgroup);
	err = ktstr_cgroup_remove(state->ctx->cgroups, op->cgroup, &failure);
	if (err && err != -ENOENT)
		ktstr_note(state->ctx, "RemoveCgroup: %s%s", failure.text, removal_hint(err));
	return 0;
}

const struct ktstr_op_ops ktstr_op_remove_cgroup = {
	.name = "RemoveCgroup",
	.bit = 2,
	.check = check_name,
	.apply = remove_cgroup,
};

static int freeze_cgroup(struct scenario_state *state, const void *params,
			 struct ktstr_error *error)
{
	const struct ktstr_op_cgroup_params *op = params;

	return ktstr_cgroup_freeze(state->ctx->cgroups, op->cgroup, error);
}

const struct ktstr_op_ops ktstr_op_freeze_cgroup = {
	.name = "FreezeCgroup",
	.bit = 13,
	.check = check_name,
	.apply = freeze_cgroup,
};

static int unfreeze_cgroup(struct scenario_state *state, const void *params,
			   struct ktstr_error *error)
{
	const struct ktstr_op_cgroup_params *op = params;

	return ktstr_cgroup_unfreeze(state->ctx->cgroups, op->cgroup, error);
}

const struct ktstr_op_ops ktstr_op_unfreeze_cgroup = {
	.name = "UnfreezeCgroup",
	.bit = 14,
	.check = check_name,
	.apply = unfreeze_cgroup,
};
