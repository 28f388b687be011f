// SPDX-License-Identifier: GPL-2.0-only
/* Telling QEMU's races from a guest's own faults. */
#include <stdio.h>
#include <string.h>

#include "runner/repeat.h"

/* "Oops: int3: 0000 [#1] SMP", before Linux 6.10 without its first word. */
#define INT3_MARK "int3: "

/* The first line that tells of a crash: a panic may follow from it. "" when there is none. */
static void first_crash(const struct run_facts *facts, char line[CONSOLE_LINE_MAX + 1])
{
	for (const char *at = facts->console ? facts->console : ""; *at;) {
		size_t length = strcspn(at, "\n");

		snprintf(line, CONSOLE_LINE_MAX + 1, "%.*s", (int)length, at);
		if (console_classify(line) >= CONSOLE_BUG)
			return;
		at += length + (at[length] == '\n');
	}
	line[0] = '\0';
}

static bool slept_in_boot(const struct run_facts *facts)
{
	bool in_boot = facts->stage == STAGE_BOOT || facts->stage == STAGE_HELLO;

	return in_boot && facts->timed_out_ms && facts->trouble < CONSOLE_BUG;
}

static bool tripped_over_int3(const struct run_facts *facts)
{
	char line[CONSOLE_LINE_MAX + 1];

	if (facts->trouble < CONSOLE_OOPS)
		return false;
	first_crash(facts, line);
	return console_classify(line) == CONSOLE_OOPS && strstr(line, INT3_MARK);
}

bool repeat_is_due(const struct run_facts *facts, const struct accel *accel)
{
	if (accel->kind != ACCEL_TCG || !accel->parallel || facts->interrupted)
		return false;
	return slept_in_boot(facts) || tripped_over_int3(facts);
}

const char *repeat_explain(const struct run_facts *facts, char text[REPEAT_TEXT_MAX])
{
	char line[CONSOLE_LINE_MAX + 1];

	if (slept_in_boot(facts)) {
		snprintf(
			text, REPEAT_TEXT_MAX,
			"the first guest did not come up within %.1f s, as when QEMU loses a timer "
			"interrupt; this is a second one, with one thread for all vCPUs",
			(double)facts->timed_out_ms / 1000);
		return text;
	}
	first_crash(facts, line);
	snprintf(text, REPEAT_TEXT_MAX,
		 "the first run died of a race in QEMU's translator (%.160s); this is a second "
		 "one, with one thread for all vCPUs",
		 line);
	return text;
}
