// SPDX-License-Identifier: GPL-2.0-only
/* The record of a run: its life cycle. */
#include <stdio.h>
#include <stdlib.h>

#include "runner/facts.h"

void run_facts_release(struct run_facts *facts)
{
	verdict_free(facts->verdict);
	free(facts->scheduler_exit.name);
	free(facts->scheduler_exit.kind);
	free(facts->scheduler_exit.reason);
	free(facts->scheduler_exit.trace);
	free(facts->console);
	tail_release(&facts->scheduler_log);
	tail_release(&facts->processes);
	tail_release(&facts->test_log);
	*facts = (struct run_facts){ 0 };
}

void run_facts_add_phase(struct run_facts *facts, const char *name, uint64_t duration_ns)
{
	struct run_phase *phase;

	if (facts->phases_count >= RUN_PHASES_MAX)
		return;
	phase = &facts->phases[facts->phases_count++];
	snprintf(phase->name, sizeof(phase->name), "%s", name);
	phase->duration_ns = duration_ns;
}
