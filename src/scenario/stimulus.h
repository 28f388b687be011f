/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdint.h>

#include "scenario/op.h"

/*
 * What a step did before its hold, as a record of fixed size: later analysis lines up what was
 * measured with what was done. Numbers that do not fit are the largest that do.
 */
struct stimulus {
	uint32_t elapsed_ms; /* since the scenario began */
	uint16_t step_index; /* from 1 on; 0 is before the first step */
	uint16_t op_count;
	uint32_t op_kinds; /* a bit for each kind of operation */
	uint16_t cgroup_count;
	uint16_t worker_count;	   /* groups of workers, not workers */
	uint64_t total_iterations; /* of all workers so far */
};
_Static_assert(sizeof(struct stimulus) == 24, "as in the original's records");

void stimulus_take(struct scenario_state *state, const struct ktstr_ops *ops, size_t k,
		   uint64_t start_ns, struct stimulus *ret_stimulus);

/* Take it and hand it to the bridge. */
void stimulus_tell(struct scenario_state *state, const struct ktstr_ops *ops, size_t k,
		   uint64_t start_ns);
