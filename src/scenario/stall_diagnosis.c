// SPDX-License-Identifier: GPL-2.0-only
/* A stalled task, described. */
#include "scenario/stall_diagnosis.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/proc.h"

#define FIELD_MAX 4096

static void put_field(FILE *out, pid_t pid, const char *name)
{
	char text[FIELD_MAX];

	proc_read(pid, name, text, sizeof(text));
	fprintf(out, "\n  %s: %s", name, text);
}

static void put_load(FILE *out)
{
	auto_fclose FILE *file = fopen("/proc/loadavg", "re");
	char text[128] = "";

	if (!file || !fgets(text, sizeof(text), file))
		snprintf(text, sizeof(text), "[unreadable: %s]", strerror(errno));
	text[strcspn(text, "\n")] = '\0';
	fprintf(out, "\n  loadavg: %s", text);
}

static void put_counters(FILE *out, const struct stall_window *window)
{
	const struct stall_sample *first = &window->samples[0];
	const struct stall_sample *last = &window->samples[window->count - 1];

	fprintf(out,
		"\n  nr_switches: %" PRIu64 " -> %" PRIu64 " (+%" PRIu64 ")"
		"\n  sum_exec_runtime_ns: %" PRIu64 " -> %" PRIu64 " (+%" PRIu64 ")"
		"\n  samples: %u",
		first->switches, last->switches, last->switches - first->switches,
		first->runtime_ns, last->runtime_ns, last->runtime_ns - first->runtime_ns,
		window->count);
}

char *stall_diagnose(pid_t pid, const struct stall_window *window)
{
	char comm[FIELD_MAX], text[FIELD_MAX];
	const char *fields;
	char *diagnosis = NULL;
	size_t size;
	FILE *out = open_memstream(&diagnosis, &size);

	if (!out)
		return NULL;
	proc_read(pid, "comm", comm, sizeof(comm));
	fprintf(out, "worker %d (%s) gets nowhere", pid, comm);
	put_counters(out, window);
	fields = proc_read(pid, "stat", text, sizeof(text)) ? proc_stat_fields(text) : NULL;
	fprintf(out, "\n  state: %c", fields ? *fields : '?');
	put_field(out, pid, "wchan");
	put_field(out, pid, "syscall");
	put_field(out, pid, "cgroup");
	put_load(out);
	/* Root's to read: without it nothing is lost but the stack. */
	if (proc_read(pid, "stack", text, sizeof(text)))
		fprintf(out, "\n  stack: %s", text);
	fclose(out);
	return diagnosis;
}
