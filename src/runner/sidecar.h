/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <jansson.h>

#include <ktstr/error.h>

#include "runner/record.h"

/*
 * The result file of a test, for machines: <results>/<test>-<16 hex digits>.ktstr.json. The digits
 * are a hash of the variant (topology and scheduler), so that runs of the same test on different
 * machines stay apart and a rerun replaces its own file.
 *
 * Keys are those of the result files of the original tool, as far as this one has something to
 * say; what it does not measure is left out rather than given as a null. Beyond them stand
 * "outcome" and what the report prints: messages, phases, logs.
 */

/* A new reference; NULL when memory ran out. */
json_t *sidecar_to_json(const struct test_record *record);

/* File name of the record's result file into name. */
#define SIDECAR_NAME_MAX 192
const char *sidecar_name(const struct test_record *record, char name[SIDECAR_NAME_MAX]);

/*
 * Write the file into results_dir, which is created with its parents when missing. It appears
 * whole or not at all: a temporary file, fsync, rename.
 */
int sidecar_write(const struct test_record *record, const char *results_dir,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Make the folder ready and say at once, not after the first test, when that cannot be. */
int sidecar_prepare(const char *results_dir, struct ktstr_error *error) KTSTR_MUST_CHECK;
