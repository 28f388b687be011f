/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Stages of a long operation on standard error: a line each, and on a terminal the line of the
 * current stage counts up. The functions fit struct kernel_progress.
 */
struct progress_line {
	FILE *out;
	bool live; /* a terminal: lines may be rewritten */
	bool open; /* the current line has no newline yet */
	char stage[160];
};

void progress_line_stage(void *line, const char *text);
void progress_line_share(void *line, double pct, uint64_t total_bytes);
void progress_line_end(struct progress_line *line);
