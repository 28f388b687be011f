/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include <ktstr/report.h>

#include "workload/work.h"

/* What `ktstr workload` shows. */

/* Every kind of work with what it stresses and its parameters, defaults included. */
void workload_print_kinds(FILE *out);

/* A table with a row per worker, the total below, and what went wrong under that. */
void workload_print_reports(FILE *out, const char *name, const struct ktstr_reports *reports);

/* The same and more as one JSON object; NULL: no memory. */
json_t *workload_json(const char *name, const struct ktstr_reports *reports);
