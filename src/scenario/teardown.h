/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "scenario/state.h"

/*
 * Take a slot down: thaw, kill payloads, stop and judge the workers, remove the cgroups in reverse
 * order. Whatever fails on the way is in the verdict, and the rest is done all the same.
 */
void teardown(struct scenario_state *state, struct scenario_slot *slot);
