/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "runner/record.h"

/*
 * Results as TAP version 13 with the directives of KTAP (Documentation/dev-tools/ktap.rst): SKIP,
 * XFAIL for a failure that the test asked for, TIMEOUT, ERROR. Each line is flushed at once.
 */

void ktap_plan(size_t count, FILE *out);

/*
 * The line of a test. A YAML block follows what neither passed nor was skipped, and with verbose
 * everything: outcome, tripped checks, statistics, phases, logs, and how to rerun it.
 */
void ktap_result(size_t number, const struct test_record *record, bool verbose, FILE *out);

/*
 * Nothing follows: the run was given up after done of count tests; names are those of the tests
 * that had begun and did not end.
 */
void ktap_bail_out(const char *reason, size_t done, size_t count, const char *const *names,
		   size_t names_count, FILE *out);

/* "# 3 passed, 1 failed, 0 skipped, 0 could not run", and where the result files are. */
struct ktap_totals {
	size_t passed, failed, skipped, broken;
};
void ktap_count(struct ktap_totals *totals, const struct outcome *outcome);
void ktap_summary(const struct ktap_totals *totals, const char *results_dir, FILE *out);
