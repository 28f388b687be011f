// SPDX-License-Identifier: GPL-2.0-only
/* MoveAllTasks: the workers of one cgroup into another. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/cgroup_name.h"
#include "scenario/op.h"
#include "scenario/placement_log.h"

static int check_move(struct ktstr_ctx *ctx, const void *params, bool in_loop,
		      struct ktstr_error *error)
{
	const struct ktstr_op_move_all_tasks_params *op = params;
	int err = cgroup_name_check(op->to, error);

	(void)ctx, (void)in_loop;
	if (!strcmp(op->from, op->to))
		return ktstr_error_set(error, -EINVAL,
				       "from '%s' to '%s': they are the same cgroup", op->from,
				       op->to);
	/* "" are the workers that stayed where the test runs. */
	if (!err && *op->from)
		err = cgroup_name_check(op->from, error);
	return err;
}

/* What outlives the step must not end up in something that does not. */
static int check_owners(struct scenario_state *state,
			const struct ktstr_op_move_all_tasks_params *op, struct ktstr_error *error)
{
	const struct scenario_slot *from = scenario_owner(state, op->from);
	const struct scenario_slot *to = scenario_owner(state, op->to);
	char names[SCENARIO_NAMES_MAX];

	if (state->target != &state->backdrop && from == &state->backdrop && to != from)
		return ktstr_error_set(
			error, -EINVAL,
			"from '%s', which belongs to the backdrop, to '%s', which does "
			"not: its workers would outlive it; declare '%s' in the "
			"backdrop",
			op->from, op->to, op->to);
	if (!to)
		ktstr_note(state->ctx, "MoveAllTasks: cgroup '%s' is not tracked (%s)", op->to,
			   scenario_names(state, names));
	return 0;
}

/* The workers filed under from, in both slots. */
struct batch {
	size_t count;
	struct moving {
		struct scenario_workers *workers;
		struct scenario_slot *slot;
	} * moving;
	const struct ktstr_workload **workloads; /* the same, for the log */
};

static void auto_batch_fn(struct batch *batch)
{
	free(batch->moving);
	free(batch->workloads);
}
#define auto_batch __attribute__((cleanup(auto_batch_fn)))

static int gather(struct scenario_state *state, const char *from, struct batch *batch,
		  struct ktstr_error *error)
{
	size_t capacity = 0;

	for (unsigned i = 0; i < SCENARIO_SLOTS; i++) {
		struct scenario_slot *slot = scenario_slot_at(state, i);
		struct scenario_workers *workers;

		TAILQ_FOREACH(workers, &slot->workers, link)
		capacity++;
	}
	batch->moving = calloc(capacity + 1, sizeof(*batch->moving));
	batch->workloads = calloc(capacity + 1, sizeof(const struct ktstr_workload *));
	if (!batch->moving || !batch->workloads)
		return ktstr_error_set(error, -ENOMEM, "no memory to move %zu groups of workers",
				       capacity);
	for (unsigned i = 0; i < SCENARIO_SLOTS; i++) {
		struct scenario_slot *slot = scenario_slot_at(state, i);
		struct scenario_workers *workers;

		TAILQ_FOREACH(workers, &slot->workers, link)
		{
			if (strcmp(workers->cgroup, from) != 0)
				continue;
			batch->workloads[batch->count] = workers->workload;
			batch->moving[batch->count++] = (struct moving){ workers, slot };
		}
	}
	return 0;
}

static int move(struct scenario_state *state, const struct batch *batch, const char *to,
		struct ktstr_error *error)
{
	for (size_t i = 0; i < batch->count; i++) {
		size_t count;
		const pid_t *pids = ktstr_workload_pids(batch->workloads[i], &count);
		int err = ktstr_cgroup_move_tasks(state->ctx->cgroups, to, pids, count, error);

		if (err)
			return err;
	}
	return 0;
}

/* Names first: either all are filed anew, or none. */
static int refile(struct scenario_state *state, const struct batch *batch, const char *to,
		  struct ktstr_error *error)
{
	bool to_backdrop = scenario_owner(state, to) == &state->backdrop;
	auto_free char **names = calloc(batch->count + 1, sizeof(*names));
	size_t copied = 0;

	while (names && copied < batch->count && (names[copied] = strdup(to)))
		copied++;
	if (!names || copied < batch->count) {
		while (copied)
			free(names[--copied]);
		return ktstr_error_set(error, -ENOMEM, "no memory to keep track of moved workers");
	}
	for (size_t i = 0; i < batch->count; i++) {
		struct moving *moving = &batch->moving[i];

		free(moving->workers->cgroup);
		moving->workers->cgroup = names[i];
		if (!to_backdrop || moving->slot == &state->backdrop)
			continue;
		TAILQ_REMOVE(&moving->slot->workers, moving->workers, link);
		TAILQ_INSERT_TAIL(&state->backdrop.workers, moving->workers, link);
	}
	return 0;
}

static int move_all_tasks(struct scenario_state *state, const void *params,
			  struct ktstr_error *error)
{
	const struct ktstr_op_move_all_tasks_params *op = params;
	struct ktstr_cgroups *cgroups = state->ctx->cgroups;
	auto_batch struct batch batch = { 0 };
	struct ktstr_error ignored = { 0 };
	int err = check_owners(state, op, error);

	if (!err)
		err = gather(state, op->from, &batch, error);
	if (err)
		return err;
	/* A cgroup that passes controllers on may not have processes. */
	if (ktstr_cgroup_clear_subtree_control(cgroups, op->to, &ignored))
		ktstr_note(state->ctx, "MoveAllTasks: %s", ignored.text);
	placement_log_move("pre-move", op->from, op->to, batch.workloads, batch.count, cgroups,
			   op->from);
	err = move(state, &batch, op->to, error);
	if (err)
		return ktstr_error_wrap(error, err, "from '%s' to '%s'", op->from, op->to);
	placement_log_move("post-move", NULL, op->to, NULL, 0, cgroups, op->to);
	return refile(state, &batch, op->to, error);
}

const struct ktstr_op_ops ktstr_op_move_all_tasks = {
	.name = "MoveAllTasks",
	.bit = 9,
	.check = check_move,
	.apply = move_all_tasks,
};
