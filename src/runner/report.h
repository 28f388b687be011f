/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdio.h>

#include "runner/job.h"
#include "runner/ktap.h"

/*
 * Results in the order in which the tests are declared, however they end: a result is printed as
 * soon as all before it are.
 */
struct report {
	struct job *jobs;
	size_t count;
	size_t next; /* all before it are printed */
	FILE *out;
	bool verbose;
	struct ktap_totals totals;
	int status; /* exit status of what was printed */
};

/* Whether report_advance() has something to print. */
bool report_is_due(const struct report *report);

/* Print what is due; facts of printed jobs are released. */
void report_advance(struct report *report);

/* The run is given up: print what ended out of turn, then why, and what was interrupted. */
void report_give_up(struct report *report, const char *reason);
