/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/op.h>

#include "scenario/state.h"

/*
 * One kind of operation. The rows stand in ops/, one file per family; KTSTR_OP_KINDS in
 * <ktstr/op.h> names them all.
 */
struct ktstr_op_ops {
	const char *name;
	unsigned bit;	      /* in the record of a step */
	unsigned controllers; /* enum ktstr_controllers: what it writes needs these */
	unsigned (*more_controllers)(const void *params); /* by what it is told; may be NULL */
	/*
	 * What is wrong with it whatever has happened until then: asked before the scenario
	 * starts. in_loop: the step repeats it. May be NULL. The text is about the values; the
	 * name of the operation is put before it.
	 */
	int (*check)(struct ktstr_ctx *ctx, const void *params, bool in_loop,
		     struct ktstr_error *error);
	/* Do it. What it creates belongs to state->target. */
	int (*apply)(struct scenario_state *state, const void *params, struct ktstr_error *error);
};

/* All of them in order; the first that fails ends the list, and the text says which it was. */
int ops_apply(struct scenario_state *state, const struct ktstr_ops *ops,
	      struct ktstr_error *error) KTSTR_MUST_CHECK;
int ops_check(struct ktstr_ctx *ctx, const struct ktstr_ops *ops, bool in_loop,
	      struct ktstr_error *error) KTSTR_MUST_CHECK;
unsigned ops_controllers(const struct ktstr_ops *ops);

/* A bit for each kind that is in the list. */
uint32_t ops_kinds(const struct ktstr_ops *ops);
