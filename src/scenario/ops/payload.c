// SPDX-License-Identifier: GPL-2.0-only
/* Operations on programs: RunPayload, WaitPayload, KillPayload. */
#include <errno.h>

#include "cgroup/cgroup_name.h"
#include "payload/payload.h"
#include "scenario/op.h"
#include "scenario/payloads.h"

static int check_run(struct ktstr_ctx *ctx, const void *params, bool in_loop,
		     struct ktstr_error *error)
{
	const struct ktstr_op_run_payload_params *op = params;
	int err = 0;

	(void)ctx, (void)in_loop;
	if (!op->payload)
		return ktstr_error_set(error, -EINVAL, "no payload is named");
	if (op->cgroup && *op->cgroup)
		err = cgroup_name_check(op->cgroup, error);
	return err ? err : payload_check_flags(op->payload, op->args, error);
}

static int run_payload(struct scenario_state *state, const void *params, struct ktstr_error *error)
{
	const struct ktstr_op_run_payload_params *op = params;

	return payloads_start(state, op->payload, op->args, op->cgroup ? op->cgroup : "",
			      "RunPayload", error);
}

const struct ktstr_op_ops ktstr_op_run_payload = {
	.name = "RunPayload",
	.bit = 10,
	.check = check_run,
	.apply = run_payload,
};

static int check_named(struct ktstr_ctx *ctx, const void *params, bool in_loop,
		       struct ktstr_error *error)
{
	const struct ktstr_op_payload_params *op = params;

	(void)ctx, (void)in_loop;
	if (op->name && *op->name)
		return 0;
	return ktstr_error_set(error, -EINVAL, "no payload is named");
}

static int end_payload(struct scenario_state *state, const struct ktstr_op_payload_params *op,
		       const char *what, const char *in_cgroup,
		       int (*end)(struct ktstr_payload_run *run,
				  struct ktstr_payload_result **ret_result,
				  struct ktstr_error *error),
		       struct ktstr_error *error)
{
	struct scenario_payload *payload;
	struct scenario_slot *slot;
	int err = payloads_find(state, op->name, op->cgroup, what, in_cgroup, &slot, &payload,
				error);

	if (err)
		return err;
	err = end(payload->run, NULL, error);
	scenario_drop_payload(slot, payload);
	return err;
}

static int wait_payload(struct scenario_state *state, const void *params, struct ktstr_error *error)
{
	return end_payload(state, params, "waiting for",
			   "KTSTR_WAIT_PAYLOAD_IN_CGROUP "
			   "(wait_payload_in_cgroup)",
			   ktstr_payload_wait, error);
}

const struct ktstr_op_ops ktstr_op_wait_payload = {
	.name = "WaitPayload",
	.bit = 11,
	.check = check_named,
	.apply = wait_payload,
};

static int kill_payload(struct scenario_state *state, const void *params, struct ktstr_error *error)
{
	return end_payload(state, params, "killing",
			   "KTSTR_KILL_PAYLOAD_IN_CGROUP "
			   "(kill_payload_in_cgroup)",
			   ktstr_payload_kill, error);
}

const struct ktstr_op_ops ktstr_op_kill_payload = {
	.name = "KillPayload",
	.bit = 12,
	.check = check_named,
	.apply = kill_payload,
};
