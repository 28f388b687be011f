// SPDX-License-Identifier: GPL-2.0-only
/* The log of placements: one write for each line, so that lines of several runs do not mix. */
#include "scenario/placement_log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"

/* A line in the making; NULL stream: no memory, no line. */
struct line {
	FILE *stream;
	char *text;
	size_t size;
};

static void put_pids(FILE *stream, const pid_t *pids, size_t count)
{
	fputc('[', stream);
	for (size_t i = 0; i < count; i++)
		fprintf(stream, "%s%d", i ? ", " : "", pids[i]);
	fputc(']', stream);
}

static void finish(struct line *line)
{
	auto_close int fd = open(PLACEMENT_LOG,
				 O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	ssize_t written = 0;

	fputc('\n', line->stream);
	fclose(line->stream);
	if (fd >= 0 && line->text)
		written = write(fd, line->text, line->size);
	(void)written; /* a lost line is no reason to do anything */
	free(line->text);
}

void placement_log_spawn(const char *cgroup, const char *pcomm,
			 const struct ktstr_workload *workload)
{
	struct line line = { 0 };
	const pid_t *pids;
	size_t count;

	line.stream = open_memstream(&line.text, &line.size);
	if (!line.stream)
		return;
	pids = ktstr_workload_pids(workload, &count);
	if (pcomm)
		fprintf(line.stream, "apply_setup: spawned pcomm workers cgroup=%s pcomm=%s",
			cgroup, pcomm);
	else
		fprintf(line.stream, "apply_setup: spawned non-pcomm workers cgroup=%s", cgroup);
	fprintf(line.stream, " count=%zu pids=", count);
	put_pids(line.stream, pids, count);
	finish(&line);
}

static void put_procs(FILE *stream, struct ktstr_cgroups *cgroups, const char *cgroup)
{
	struct ktstr_error error = { 0 };
	auto_free pid_t *pids = NULL;
	size_t count = 0;

	if (ktstr_cgroup_read_procs(cgroups, cgroup, &pids, &count, &error))
		fprintf(stream, "%s", error.text);
	for (size_t i = 0; i < count; i++)
		fprintf(stream, "%s%d", i ? " " : "", pids[i]);
}

void placement_log_move(const char *when, const char *from, const char *to,
			const struct ktstr_workload *const *workloads, size_t count,
			struct ktstr_cgroups *cgroups, const char *looked_at)
{
	struct line line = { 0 };

	line.stream = open_memstream(&line.text, &line.size);
	if (!line.stream)
		return;
	fprintf(line.stream, "Op::MoveAllTasks %s", when);
	if (from)
		fprintf(line.stream, " from=%s", from);
	fprintf(line.stream, " to=%s", to);
	for (size_t i = 0; i < count; i++) {
		size_t pids_count;
		const pid_t *pids = ktstr_workload_pids(workloads[i], &pids_count);

		fputs(i ? ", " : " batches=[", line.stream);
		put_pids(line.stream, pids, pids_count);
		if (i + 1 == count)
			fputc(']', line.stream);
	}
	fprintf(line.stream, " %s_cgroup.procs=\"", from ? "src" : "dest");
	/* The test's own cgroup has no name here. */
	if (*looked_at)
		put_procs(line.stream, cgroups, looked_at);
	fputc('"', line.stream);
	finish(&line);
}
