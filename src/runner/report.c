// SPDX-License-Identifier: GPL-2.0-only
/* The line of results. */
#include "runner/report.h"

static void print(struct report *report, size_t index)
{
	struct job *job = &report->jobs[index];
	int status = outcome_status(job->record.outcome.kind);

	if (!job->saved) {
		fprintf(report->out, "# %s\n", job->save_error.text);
		report->status = outcome_worse_status(report->status, 2);
	}
	ktap_result(index + 1, &job->record, report->verbose, report->out);
	ktap_count(&report->totals, &job->record.outcome);
	report->status = outcome_worse_status(report->status, status);
	run_facts_release(&job->facts);
}

bool report_is_due(const struct report *report)
{
	return report->next < report->count && report->jobs[report->next].state == JOB_ENDED;
}

void report_advance(struct report *report)
{
	while (report_is_due(report))
		print(report, report->next++);
}

void report_give_up(struct report *report, const char *reason)
{
	const char *interrupted[ADMISSION_SLOTS_MAX];
	size_t done = report->next, interrupted_count = 0;

	for (size_t i = report->next; i < report->count; i++) {
		const struct job *job = &report->jobs[i];

		if (job->state == JOB_INTERRUPTED && interrupted_count < ADMISSION_SLOTS_MAX)
			interrupted[interrupted_count++] = job->record.plan->test->name;
		if (job->state != JOB_ENDED)
			continue;
		print(report, i);
		done++;
	}
	ktap_bail_out(reason, done, report->count, interrupted, interrupted_count, report->out);
}
