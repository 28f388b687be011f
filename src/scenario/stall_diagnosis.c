// SPDX-License-Identifier: GPL-2.0-only
/* A stalled task, described. */
#include "scenario/stall_diagnosis.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define FIELD_MAX 4096

/* The content of a file of the task without line breaks at its end; false and why when there is
 * none. */
static bool read_field(pid_t pid, const char *name, char text[FIELD_MAX])
{
	auto_fclose FILE *file = NULL;
	char path[64];
	size_t size;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	file = fopen(path, "re");
	if (!file) {
		snprintf(text, FIELD_MAX, "[unreadable: %s]", strerror(errno));
		return false;
	}
	size = fread(text, 1, FIELD_MAX - 1, file);
	if (ferror(file)) {
		snprintf(text, FIELD_MAX, "[unreadable: %s]", strerror(errno));
		return false;
	}
	while (size && (text[size - 1] == '\n' || text[size - 1] == ' '))
		size--;
	text[size] = '\0';
	return true;
}

/* The letter behind the last ')' of stat: a name may contain one. */
static char state_letter(const char *stat)
{
	const char *end = strrchr(stat, ')');

	return end && end[1] == ' ' && end[2] ? end[2] : '?';
}

static void put_field(FILE *out, pid_t pid, const char *name)
{
	char text[FIELD_MAX];

	read_field(pid, name, text);
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
	char *diagnosis = NULL;
	size_t size;
	FILE *out = open_memstream(&diagnosis, &size);

	if (!out)
		return NULL;
	read_field(pid, "comm", comm);
	fprintf(out, "worker %d (%s) gets nowhere", pid, comm);
	put_counters(out, window);
	fprintf(out, "\n  state: %c", read_field(pid, "stat", text) ? state_letter(text) : '?');
	put_field(out, pid, "wchan");
	put_field(out, pid, "syscall");
	put_field(out, pid, "cgroup");
	put_load(out);
	/* Root's to read: without it nothing is lost but the stack. */
	if (read_field(pid, "stack", text))
		fprintf(out, "\n  stack: %s", text);
	fclose(out);
	return diagnosis;
}
