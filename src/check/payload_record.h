/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <jansson.h>

#include <ktstr/error.h>
#include <ktstr/payload.h>

/*
 * What is kept of a payload's run, in the shape in which it travels and stands in result files:
 *
 * {"index": n, "name", "exit_code": n, "signal": n | null, "timed_out": bool,
 *  "metrics": [{"name", "value": x, "unit", "polarity": "unknown" | "higher_better" |
 *               "lower_better" | "target_value", "target": x | null, "stream"}, ...],
 *  "metrics_left_out": n, "checks": {"count": n, "failures": [text, ...]}}
 */
#define PAYLOAD_RECORDS_MAX 512
#define PAYLOAD_RECORD_METRICS_MAX 4096
#define PAYLOAD_RECORD_FAILURES_MAX 1024
#define PAYLOAD_RECORD_TEXT_MAX 2048 /* bytes of a name, unit or failure */

/* A new reference; what is too much is left out and counted. NULL: no memory. */
json_t *payload_record_new(const struct ktstr_payload_result *result);

/* Take the metrics away, and count them among those left out. */
void payload_record_strip(json_t *record);

/*
 * Rebuild a record that a guest sent, with type, range and length of every field checked. -EBADMSG
 * names the field at fault; -ENOMEM.
 */
int payload_record_read(const json_t *json, const char *place, json_t **ret_record,
			struct ktstr_error *error) KTSTR_MUST_CHECK;
