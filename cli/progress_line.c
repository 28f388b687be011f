// SPDX-License-Identifier: GPL-2.0-only
/* Drawing progress, for terminals and for logs. */
#include <stdio.h>

#include "cli/progress_line.h"

#define ERASE_TO_END "\033[K"

void progress_line_end(struct progress_line *line)
{
	if (line->open)
		fputc('\n', line->out);
	line->open = false;
}

void progress_line_stage(void *arg, const char *text)
{
	struct progress_line *line = arg;

	progress_line_end(line);
	snprintf(line->stage, sizeof(line->stage), "%s", text);
	fputs(line->stage, line->out);
	line->open = true;
	if (!line->live)
		progress_line_end(line);
	fflush(line->out);
}

void progress_line_share(void *arg, double pct, uint64_t total_bytes)
{
	struct progress_line *line = arg;

	if (!line->live)
		return;
	if (total_bytes)
		fprintf(line->out, "\r%s: %.1f MB" ERASE_TO_END, line->stage,
			(double)total_bytes * pct / 100 / 1e6);
	else
		fprintf(line->out, "\r%s: %.0f %%" ERASE_TO_END, line->stage, pct);
	line->open = true;
	fflush(line->out);
}
