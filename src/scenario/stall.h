/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "check/verdict.h"
#include "scenario/state.h"

/*
 * Where a test runs on the machine itself, nobody outside sees that a worker gets nowhere. So a
 * thread looks: every 500 ms (KTSTR_STALL_POLL_MS, KTSTR_STUCK_POLL_MS) at each worker that runs
 * when it starts.
 */

/*
 * Begin to watch the workers of a step, once, where the context wants that and there are any. That
 * it could not begin is a note.
 */
void stall_watch(struct scenario_state *state);

/* Stop watching; a failure for each worker that got nowhere, with what the kernel said of it. */
void stall_report(struct scenario_slot *slot, struct verdict *verdict);
