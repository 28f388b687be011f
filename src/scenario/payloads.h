/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "scenario/state.h"

/*
 * Start payload in cgroup ("": where the test is) with args behind its own, and file it in the
 * target. origin says who asks. -EEXIST while the same one runs there.
 */
int payloads_start(struct scenario_state *state, const struct ktstr_payload *payload,
		   const char *const *args, const char *cgroup, const char *origin,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * The running payload of that name, in cgroup (NULL: wherever, and then only one may run; "":
 * without one). -ENOENT, -EMLINK. what and in_cgroup name the calls for messages: "waiting",
 * "wait_payload_in_cgroup".
 */
int payloads_find(struct scenario_state *state, const char *name, const char *cgroup,
		  const char *what, const char *in_cgroup, struct scenario_slot **ret_slot,
		  struct scenario_payload **ret_payload,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Kill the payloads of a slot that are in cgroup (NULL: all), the last one started first. Their
 * metrics are taken and recorded.
 */
void payloads_kill(struct scenario_slot *slot, struct ktstr_ctx *ctx, const char *cgroup);
