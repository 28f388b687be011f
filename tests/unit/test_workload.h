/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/* What the tests of the workload engine share: run one, and look for what it left behind. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ktstr/workload.h>

#include "base/clock.h"
#include "workload/handle.h"
#include "workload/work.h"
#include "workload/worker.h"

#include "unit.h"

/*
 * An id without privileges: FIFO workers of a test that runs as root would take this machine's
 * CPUs from all others. Without root the workers keep theirs, which has none either.
 */
#define NOBODY 65534

#define PATIENCE_MS 4000 /* for what should come at once */

/* Run something as the work of a worker: the row of a test. */
#define TEST_WORK(function)                                                                        \
	((struct ktstr_work){                                                                      \
		.ops = &(const struct ktstr_work_ops){ .name = #function, .iterate = function } })

/* What this process has of the things that must not leak. */
struct leftovers {
	unsigned fds, children, mappings;
};

static inline unsigned count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	unsigned count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += isdigit((unsigned char)entry->d_name[0]) != 0;
	closedir(dir);
	return count;
}

static inline unsigned count_children(void)
{
	char path[64], word[32];
	unsigned count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	file = fopen(path, "re");
	assert_non_null(file);
	while (fscanf(file, "%31s", word) == 1)
		count++;
	fclose(file);
	return count;
}

/* Shared ones: the engine's kind; malloc and sanitizers make private ones as they like. */
static inline unsigned count_mappings(void)
{
	FILE *file = fopen("/proc/self/maps", "re");
	char line[512], permissions[8];
	unsigned count = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		count += sscanf(line, "%*s %7s", permissions) == 1 && permissions[3] == 's';
	fclose(file);
	return count;
}

static inline struct leftovers leftovers_count(void)
{
	return (struct leftovers){ count_fds(), count_children(), count_mappings() };
}

static inline void assert_nothing_left(struct leftovers before)
{
	struct leftovers now = leftovers_count();

	assert_int_equal(now.fds, before.fds);
	assert_int_equal(now.children, before.children);
	assert_int_equal(now.mappings, before.mappings);
}

static inline struct ktstr_workload *spawn(const struct ktstr_workload_config *config)
{
	struct ktstr_workload *workload = NULL;
	struct ktstr_error error = { 0 };

	if (ktstr_workload_spawn(config, &workload, &error))
		fail_msg("spawn: %s", error.text);
	return workload;
}

static inline struct ktstr_reports *collect(struct ktstr_workload **workload)
{
	struct ktstr_reports *reports = NULL;
	struct ktstr_error error = { 0 };

	if (ktstr_workload_stop_and_collect(workload, &reports, &error))
		fail_msg("collect: %s", error.text);
	assert_null(*workload);
	return reports;
}

/* Wait until each worker has done at least so many iterations. */
static inline void await_iterations(const struct ktstr_workload *workload, uint64_t iterations)
{
	uint64_t deadline_ns = clock_deadline_ms(PATIENCE_MS);
	uint64_t seen[64];
	size_t count;

	for (;;) {
		bool all = true;

		count = ktstr_workload_snapshot_iterations(workload, seen, COUNT(seen));
		assert_true(count <= COUNT(seen));
		for (size_t i = 0; i < count; i++)
			all = all && seen[i] >= iterations;
		if (all)
			return;
		if (clock_now_ns() > deadline_ns)
			fail_msg("%zu workers do not reach %llu iterations", count,
				 (unsigned long long)iterations);
		poll(NULL, 0, 1);
	}
}

/* Start the workers of config, let each do that many iterations, and collect. */
static inline struct ktstr_reports *run(const struct ktstr_workload_config *config,
					uint64_t iterations)
{
	struct ktstr_workload *workload = spawn(config);

	ktstr_workload_start(workload);
	await_iterations(workload, iterations);
	return collect(&workload);
}

static inline void hold(unsigned ms)
{
	poll(NULL, 0, (int)ms);
}

static inline char process_state(pid_t pid)
{
	char path[64], text[512], *end, state;
	FILE *file;
	size_t size;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	size = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[size] = '\0';
	end = strrchr(text, ')');
	return end && sscanf(end + 1, " %c", &state) == 1 ? state : 0;
}

static inline bool process_is_alive(pid_t pid)
{
	char state = process_state(pid);

	return state && state != 'Z' && state != 'X';
}

static inline void await_state(pid_t pid, char state)
{
	uint64_t deadline_ns = clock_deadline_ms(PATIENCE_MS);

	while (process_state(pid) != state) {
		if (clock_now_ns() > deadline_ns)
			fail_msg("process %d does not reach state %c", pid, state);
		poll(NULL, 0, 1);
	}
}

/* Of any task, a thread too. */
static inline void read_comm(pid_t tid, char name[17])
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", tid);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(name, 17, file));
	fclose(file);
	name[strcspn(name, "\n")] = '\0';
}

static inline long read_uid(pid_t tid)
{
	char path[64], line[256];
	long uid = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	file = fopen(path, "re");
	assert_non_null(file);
	while (uid < 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, "Uid:", 4))
			uid = strtol(line + 4, NULL, 10);
	fclose(file);
	return uid;
}

/* Wait until a worker has published its report. */
static inline void await_report(const struct ktstr_workload *workload, size_t worker)
{
	uint64_t deadline_ns = clock_deadline_ms(PATIENCE_MS);

	while (!atomic_load(&workload->area.slots[worker].frame_size)) {
		if (clock_now_ns() > deadline_ns)
			fail_msg("worker %zu does not report", worker);
		poll(NULL, 0, 1);
	}
}
