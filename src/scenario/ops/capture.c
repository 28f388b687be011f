// SPDX-License-Identifier: GPL-2.0-only
/* CaptureCgroupProcs: which processes are in a cgroup at this moment of the scenario. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "scenario/captures.h"
#include "scenario/op.h"

static int check_capture(struct ktstr_ctx *ctx, const void *params, bool in_loop,
			 struct ktstr_error *error)
{
	const struct ktstr_op_capture_cgroup_procs_params *op = params;

	(void)ctx, (void)in_loop;
	if (!op->tag || !*op->tag)
		return ktstr_error_set(error, -EINVAL, "the tag is empty");
	if (!op->cgroup || !*op->cgroup)
		return ktstr_error_set(error, -EINVAL, "tag '%s': no cgroup is named", op->tag);
	return 0;
}

static int capture_cgroup_procs(struct scenario_state *state, const void *params,
				struct ktstr_error *error)
{
	const struct ktstr_op_capture_cgroup_procs_params *op = params;
	auto_free pid_t *pids = NULL;
	size_t count = 0;
	int err;

	if (!state->ctx->captures)
		return ktstr_error_set(
			error, -ENOTSUP,
			"tag '%s': nobody keeps what is captured here; run the test by "
			"ktstr's main()",
			op->tag);
	err = ktstr_cgroup_read_procs(state->ctx->cgroups, op->cgroup, &pids, &count, error);
	if (err)
		return ktstr_error_wrap(error, err, "tag '%s', cgroup '%s'", op->tag, op->cgroup);
	return captures_add(state->ctx->captures, op->tag, op->cgroup, pids, count, error);
}

const struct ktstr_op_ops ktstr_op_capture_cgroup_procs = {
	.name = "CaptureCgroupProcs",
	.bit = 26,
	.check = check_capture,
	.apply = capture_cgroup_procs,
};
