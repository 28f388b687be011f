/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "scenario/plan.h"
#include "scenario/state.h"

/*
 * Make the cgroups of defs, one whole after the other: directory, limits, workers, payload. They
 * belong to state->target. On failure what was made until then is there, for the teardown.
 */
int setup_apply(struct scenario_state *state, const struct ktstr_defs *defs,
		struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Workers of one planned group: spawned, moved into cgroup (NULL: left where the test is),
 * started, filed.
 */
int setup_workers(struct scenario_state *state, const char *cgroup, const struct planned_work *work,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;
