/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <jansson.h>

#include "check/verdict.h"

/*
 * A verdict as JSON: how it leaves the guest, and the "stats" of a result file.
 *
 * {"outcome": "fail",
 *  "entries": [{"outcome", "kind", "message", "cgroup": text | null, "phase"}, ...],
 *  "notes": [text, ...],
 *  "stats": {"cgroups": [{"cgroup_name", "num_workers", ...}, ...], "total_workers": n, ...},
 *  "payloads": [{"index", "name", "exit_code", "metrics", ...}, ...]}
 *
 * "payloads" is left out where there are none, see payload_record.h. The fields of a cgroup are the
 * rows of stats_fields.c. Totals and "outcome" follow from the rest; readers check "outcome" and
 * compute the totals themselves.
 */

/* A new reference; NULL when memory ran out. */
json_t *verdict_to_json(const struct verdict *verdict);
json_t *scenario_stats_to_json(const struct scenario_stats *stats);

/*
 * Rebuild a verdict from JSON that the guest sent: every field is checked for type, range and
 * length, and counts are bounded (VERDICT_*_MAX). -EBADMSG names the field at fault and what it
 * holds; -ENOMEM: no verdict rather than half of one. Keys not known are passed over.
 */
int verdict_from_json(const json_t *json, struct verdict **ret_verdict,
		      struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * {"not_stuck": "yes" | "no" | null, "isolation": likewise, "max_gap_ms": n | null,
 *  "max_spread_pct": x | null, "max_throughput_cv": likewise, "max_wake_latency_cv": likewise},
 * both ways; a key left out counts as null. Only for checks that check_validate() accepts; else,
 * and when memory runs out, NULL.
 */
json_t *check_to_json(const struct ktstr_check *check);
int check_from_json(const json_t *json, struct ktstr_check *ret_check,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;
