// SPDX-License-Identifier: GPL-2.0-only
/* The threads of a guest, described from /proc. */
#include "guest/processes.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/proc.h"

#define LINES_MAX 64
#define FRAMES_MAX 4	       /* the innermost ones say what it waits for */
#define PF_KTHREAD 0x00200000u /* include/linux/sched.h */
#define FIELD_FLAGS (9 - 3)    /* fields of stat, counted from the state, the third */
#define FIELD_PROCESSOR (39 - 3)

static const struct {
	char letter;
	const char *text;
} states[] = {
	{ 'R', "runs or wants to" }, { 'S', "sleeps" },	   { 'D', "sleeps, deaf to signals" },
	{ 'T', "is stopped" },	     { 't', "is traced" }, { 'Z', "is a zombie" },
	{ 'X', "is dead" },
};

static const char *state_text(char letter)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (states[i].letter == letter)
			return states[i].text;
	return "is in an unknown state";
}

static unsigned long number_field(const char *fields, unsigned index)
{
	for (; index && fields; index--) {
		fields = strchr(fields, ' ');
		if (fields)
			fields++;
	}
	return fields ? strtoul(fields, NULL, 10) : 0;
}

static void put_times(pid_t tid, FILE *out)
{
	uint64_t ran_ns, waited_ns;
	char text[128];

	if (proc_read(tid, "schedstat", text, sizeof(text)) &&
	    sscanf(text, "%" SCNu64 " %" SCNu64, &ran_ns, &waited_ns) == 2)
		fprintf(out, ", ran %" PRIu64 " ms, waited %" PRIu64 " ms", ran_ns / NS_PER_MS,
			waited_ns / NS_PER_MS);
}

/*
 * "do_sys_poll < __x64_sys_poll" of lines like "[<0>] do_sys_poll+0x5a/0x70", without those that
 * every system call begins with.
 */
static void put_stack(pid_t tid, FILE *out)
{
	char text[4096], *rest = text, *line;
	unsigned frames = 0;

	if (!proc_read(tid, "stack", text, sizeof(text)))
		return;
	while (frames < FRAMES_MAX && (line = strsep(&rest, "\n"))) {
		char *name = strstr(line, "] ");

		if (!name)
			continue;
		name += 2;
		name[strcspn(name, "+")] = '\0';
		if (strcmp(name, "do_syscall_64") == 0)
			break;
		fprintf(out, "%s%s", frames++ ? " < " : ", in ", name);
	}
}

static void describe_thread(pid_t pid, pid_t tid, FILE *out)
{
	char stat[1024], comm[64];
	const char *fields;

	/* It may end while we look. */
	if (!proc_read(tid, "stat", stat, sizeof(stat)) ||
	    !proc_read(tid, "comm", comm, sizeof(comm)))
		return;
	fields = proc_stat_fields(stat);
	if (!fields)
		return;
	fprintf(out, "%d", pid);
	if (tid != pid)
		fprintf(out, "/%d", tid);
	fprintf(out, " (%s) %s, cpu %lu", comm, state_text(*fields),
		number_field(fields, FIELD_PROCESSOR));
	put_times(tid, out);
	put_stack(tid, out);
	fputc('\n', out);
}

static bool is_kernels(pid_t pid)
{
	char stat[1024];
	const char *fields = proc_read(pid, "stat", stat, sizeof(stat)) ? proc_stat_fields(stat)
									: NULL;

	return !fields || (number_field(fields, FIELD_FLAGS) & PF_KTHREAD);
}

/* The next entry whose name is a number; 0 at the end. */
static pid_t next_pid(DIR *dir)
{
	struct dirent *entry;
	pid_t pid;

	while ((entry = readdir(dir)))
		if ((pid = (pid_t)strtol(entry->d_name, NULL, 10)) > 0)
			return pid;
	return 0;
}

unsigned processes_describe(pid_t pid, unsigned lines, FILE *out)
{
	auto_closedir DIR *dir = NULL;
	unsigned count = 0;
	char path[64];
	pid_t tid;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (tid = next_pid(dir)))
		if (count++ < lines)
			describe_thread(pid, tid, out);
	return count;
}

char *processes_text(void)
{
	auto_closedir DIR *dir = opendir("/proc");
	unsigned shown = 0, threads = 0;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	pid_t pid;

	if (!out)
		return NULL;
	while (dir && (pid = next_pid(dir))) {
		unsigned count;

		if (pid == getpid() || is_kernels(pid))
			continue;
		count = processes_describe(pid, LINES_MAX - shown, out);
		threads += count;
		shown = threads < LINES_MAX ? threads : LINES_MAX;
	}
	if (threads > shown)
		fprintf(out, "and %u threads more\n", threads - shown);
	fclose(out);
	return text;
}
