// SPDX-License-Identifier: GPL-2.0-only
/* Lists of operations: what holds for every kind. */
#include <errno.h>

#include "scenario/op.h"

#define X(kind, name, bit_) _Static_assert((bit_) < 32, "op_kinds of a stimulus has 32 bits");
KTSTR_OP_KINDS(X)
#undef X

static int check_one(struct ktstr_ctx *ctx, const struct ktstr_op *op, bool in_loop,
		     struct ktstr_error *error)
{
	if (!op->ops)
		return ktstr_error_set(
			error, -EINVAL,
			"an operation without a kind; write it with one of the macros "
			"of <ktstr/op.h>");
	return op->ops->check ? op->ops->check(ctx, op->params, in_loop, error) : 0;
}

int ops_check(struct ktstr_ctx *ctx, const struct ktstr_ops *ops, bool in_loop,
	      struct ktstr_error *error)
{
	for (size_t i = 0; i < ops->count; i++) {
		const struct ktstr_op *op = &ops->ops[i];
		int err = check_one(ctx, op, in_loop, error);

		if (err)
			return ktstr_error_wrap(error, err, "op %zu, %s", i,
						op->ops ? op->ops->name : "unknown");
	}
	return 0;
}

int ops_apply(struct scenario_state *state, const struct ktstr_ops *ops, struct ktstr_error *error)
{
	for (size_t i = 0; i < ops->count; i++) {
		const struct ktstr_op *op = &ops->ops[i];
		int err = op->ops->apply(state, op->params, error);

		if (err)
			return ktstr_error_wrap(error, err, "op %zu, %s", i, op->ops->name);
	}
	return 0;
}

unsigned ops_controllers(const struct ktstr_ops *ops)
{
	unsigned controllers = 0;

	for (size_t i = 0; i < ops->count; i++) {
		const struct ktstr_op *op = &ops->ops[i];

		controllers |= op->ops->controllers;
		if (op->ops->more_controllers)
			controllers |= op->ops->more_controllers(op->params);
	}
	return controllers;
}

uint32_t ops_kinds(const struct ktstr_ops *ops)
{
	uint32_t kinds = 0;

	for (size_t i = 0; i < ops->count; i++)
		kinds |= UINT32_C(1) << ops->ops[i].ops->bit;
	return kinds;
}
