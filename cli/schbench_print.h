/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "workload/schbench/engine.h"

/*
 * The texts of schbench, line by line as the original prints them: there are scripts that read
 * them. seconds is the time that the numbers stand for.
 */
void schbench_print_latencies(FILE *out, const struct ktstr_schbench_slice *slice,
			      uint64_t seconds);
void schbench_print_delays(FILE *out, uint64_t message_ns, uint64_t worker_ns);

/* What stands at the end: wake-ups and throughput of pipe mode. */
void schbench_print_pipe(FILE *out, const struct ktstr_schbench_slice *slice,
			 const struct ktstr_schbench_report *report, uint64_t loops,
			 unsigned pipe_bytes, uint64_t seconds);

/* The original's JSON; NULL when there is no memory. jobname may be NULL. */
json_t *schbench_json(const struct ktstr_schbench_slice *slice, bool pipe, const char *jobname,
		      const char *command_line, uint64_t seconds);
