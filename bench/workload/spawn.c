// SPDX-License-Identifier: GPL-2.0-only
/*
 * What workers cost before and after they work: spawning, the time from the first to the last to
 * start, collecting, memory. See bench/README.md.
 */
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <ktstr/ktstr.h>

#define WORKERS_MAX 5000
#define SNAPSHOTS 1000

static uint64_t iterations[WORKERS_MAX];

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Proportional set size of a process in KiB. */
static unsigned long pss_kib(pid_t pid)
{
	char path[64], line[256];
	unsigned long kib = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Pss: %lu kB", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib;
}

/* Of the workers, by a sample of a hundred of them; threads are this process. */
static double kib_per_worker(const struct ktstr_workload *workload, bool threads,
			     unsigned long before_kib)
{
	size_t count, looked_at = 0;
	const pid_t *pids = ktstr_workload_pids(workload, &count);
	unsigned long sum = 0;

	if (threads)
		return (double)(pss_kib(getpid()) - before_kib) / (double)count;
	for (size_t i = 0; i < count; i += count / 100 ? count / 100 : 1, looked_at++)
		sum += pss_kib(pids[i]);
	return (double)sum / (double)looked_at;
}

static size_t count_started(const struct ktstr_workload *workload)
{
	size_t count = ktstr_workload_snapshot_iterations(workload, iterations, WORKERS_MAX);
	size_t started = 0;

	for (size_t i = 0; i < count; i++)
		started += iterations[i] != 0;
	return started;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* The median: the workers want the CPU too. */
static void measure_snapshot(const struct ktstr_workload *workload)
{
	static double took_ms[SNAPSHOTS];

	for (unsigned i = 0; i < SNAPSHOTS; i++) {
		double before = now_ms();

		ktstr_workload_snapshot_iterations(workload, iterations, WORKERS_MAX);
		took_ms[i] = now_ms() - before;
	}
	qsort(took_ms, SNAPSHOTS, sizeof(took_ms[0]), compare);
	printf("snapshot of 1000 workers: %.2f us\n", took_ms[SNAPSHOTS / 2] * 1e3);
}

static int measure(unsigned count, enum ktstr_clone_mode mode)
{
	const struct ktstr_workload_config config = {
		.num_workers = count,
		.clone_mode = mode,
		.work = KTSTR_WORK(bursty, .burst_ms = 1, .sleep_ms = 100),
	};
	bool threads = mode == KTSTR_CLONE_THREAD;
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	unsigned long before_kib = pss_kib(getpid());
	struct ktstr_error error = { 0 };
	double begun = now_ms(), spawned, first = 0, last = 0, stopped, memory;
	size_t completed = 0;

	if (ktstr_workload_spawn(&config, &workload, &error)) {
		fprintf(stderr, "%u workers: %s\n", count, error.text);
		return 1;
	}
	spawned = now_ms();
	ktstr_workload_start(workload);
	/* Every worker sleeps after a millisecond, so all get their turn. */
	while (!last && now_ms() - spawned < 60e3) {
		size_t started = count_started(workload);

		if (started && !first)
			first = now_ms();
		if (started == count)
			last = now_ms();
		sched_yield();
	}
	memory = kib_per_worker(workload, threads, before_kib);
	if (count == 1000 && !threads)
		measure_snapshot(workload);
	stopped = now_ms();
	if (ktstr_workload_stop_and_collect(&workload, &reports, &error)) {
		fprintf(stderr, "%u workers: %s\n", count, error.text);
		return 1;
	}
	for (size_t i = 0; i < reports->count; i++)
		completed += reports->reports[i].completed;
	printf("| %s | %u | %.1f | %.1f | %.1f | %.1f | %zu |\n", threads ? "thread" : "process",
	       count, spawned - begun, last ? last - first : -1.0, now_ms() - stopped, memory,
	       completed);
	fflush(stdout);
	return 0;
}

int main(void)
{
	static const unsigned counts[] = { 10, 100, 1000, 5000 };
	int failed = 0;

	printf("| workers are | how many | spawn ms | first to last start ms | collect ms | KiB "
	       "each | "
	       "reports |\n|---|---:|---:|---:|---:|---:|---:|\n");
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		failed |= measure(counts[i], KTSTR_CLONE_FORK);
	failed |= measure(100, KTSTR_CLONE_THREAD);
	failed |= measure(1000, KTSTR_CLONE_THREAD);
	return failed;
}
