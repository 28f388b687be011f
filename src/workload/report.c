// SPDX-License-Identifier: GPL-2.0-only
/* What callers do with reports: say how a worker ended, and free them. */
#include <ktstr/report.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload/report_codec.h"

const char *ktstr_exit_info_format(const struct ktstr_exit_info *exit_info,
				   char buffer[KTSTR_EXIT_TEXT_MAX])
{
	const char *name;

	switch (exit_info->kind) {
	case KTSTR_EXIT_NONE:
		return "reported";
	case KTSTR_EXIT_TIMED_OUT:
		return "still running at the deadline";
	case KTSTR_EXIT_PANICKED:
		return "its thread ended without a report";
	case KTSTR_EXIT_EXITED:
		snprintf(buffer, KTSTR_EXIT_TEXT_MAX, "exited with status %d", exit_info->code);
		return buffer;
	case KTSTR_EXIT_SIGNALED:
		name = sigabbrev_np(exit_info->code); /* NULL for real-time signals */
		snprintf(buffer, KTSTR_EXIT_TEXT_MAX, "killed by signal %d%s%s%s", exit_info->code,
			 name ? " (SIG" : "", name ? name : "", name ? ")" : "");
		return buffer;
	case KTSTR_EXIT_WAIT_FAILED:
		name = strerrorname_np(exit_info->code);
		snprintf(buffer, KTSTR_EXIT_TEXT_MAX, "could not be waited for: errno %d%s%s%s",
			 exit_info->code, name ? " (" : "", name ? name : "", name ? ")" : "");
		return buffer;
	}
	snprintf(buffer, KTSTR_EXIT_TEXT_MAX, "ended in an unknown way (%d)", (int)exit_info->kind);
	return buffer;
}

void ktstr_reports_free(struct ktstr_reports *reports)
{
	if (!reports)
		return;
	for (size_t i = 0; i < reports->count; i++)
		report_release(&reports->reports[i]);
	free(reports->reports);
	free(reports);
}
