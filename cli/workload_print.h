/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include <ktstr/report.h>

#include "workload/work.h"

/* What `ktstr workload` shows. */

/* Every kind of work with what it stresses and its parameters, defaults included. */
void workload_print_kinds(FILE *out);

/*
 * A table with a row per worker, the total below, what benchmarks measured themselves and what went
 * wrong under that.
 */
void workload_print_reports(FILE *out, const char *name, const struct ktstr_reports *reports);

/* All of the reports as one JSON object; NULL: no memory. Sorts samples. */
json_t *workload_json(const char *name, const struct ktstr_reports *reports);

/* What was counted and timed in all slices together. */
void workload_sum_schbench(const struct ktstr_schbench_report *report,
			   struct ktstr_schbench_slice *ret_sum);
