/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <jansson.h>

#include "check/verdict.h"

/*
 * A verdict as JSON: how it leaves the guest, and the "stats" of a result file.
 *
 * {"outcome": "fail", "entries": [{"outcome", "kind", "message", "phase"}, ...],
 *  "notes": [...], "stats": {"cgroups": [...], "total_workers": n, ...}}
 */

/* A new reference; NULL when memory ran out. */
json_t *verdict_to_json(const struct verdict *verdict);
json_t *scenario_stats_to_json(const struct scenario_stats *stats);

/*
 * Rebuild a verdict from JSON that the guest sent: every field is checked for type, range and
 * length, and counts are bounded. -EBADMSG names the field at fault.
 */
int verdict_from_json(const json_t *json, struct verdict **ret_verdict,
		      struct ktstr_error *error) KTSTR_MUST_CHECK;

/* {"not_stuck": "yes" | "no" | null, "max_gap_ms": n | null, ...}, both ways. */
json_t *check_to_json(const struct ktstr_check *check);
int check_from_json(const json_t *json, struct ktstr_check *ret_check,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;
