// SPDX-License-Identifier: GPL-2.0-only
/*
 * What workers cost before and after they work: spawning, the time from the first to the last to
 * start, collecting, memory. See bench/README.md.
 */
#include <inttypes.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <ktstr/ktstr.h>

#define WORKERS_MAX 5000
#define SNAPSHOTS 1000

static uint64_t iterations[WORKERS_MAX];

/* Shared with workers that are processes: when each began to work, in the order of beginning. */
static struct {
	_Atomic unsigned count;
	double begun_ms[WORKERS_MAX];
} * starts;

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

/* All there is to a worker whose start is timed: it says when, and waits for the end. */
static void note_start(const struct ktstr_custom *custom, struct ktstr_worker_report *report)
{
	double now = now_ms();

	starts->begun_ms[atomic_fetch_add(&starts->count, 1)] = now;
	while (!ktstr_custom_stopping(custom))
		usleep(50000);
	report->completed = true;
}

/* From the first to the last worker's first instruction of work; negative: it failed. */
static double measure_skew(unsigned count, enum ktstr_clone_mode mode)
{
	const struct ktstr_workload_config config = {
		.num_workers = count,
		.clone_mode = mode,
		.work = KTSTR_WORK(custom, .name = "start", .run = note_start),
	};
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	double deadline, first, last;
	struct ktstr_error error = { 0 };

	atomic_store(&starts->count, 0);
	if (ktstr_workload_spawn(&config, &workload, &error)) {
		fprintf(stderr, "%u workers: %s\n", count, error.text);
		return -1;
	}
	ktstr_workload_start(workload);
	for (deadline = now_ms() + 60e3; now_ms() < deadline;) {
		if (atomic_load(&starts->count) == count)
			break;
		usleep(1000);
	}
	if (ktstr_workload_stop_and_collect(&workload, &reports, &error)) {
		fprintf(stderr, "%u workers: %s\n", count, error.text);
		return -1;
	}
	if (atomic_load(&starts->count) != count)
		return -1;
	first = last = starts->begun_ms[0];
	for (unsigned i = 1; i < count; i++) {
		first = starts->begun_ms[i] < first ? starts->begun_ms[i] : first;
		last = starts->begun_ms[i] > last ? starts->begun_ms[i] : last;
	}
	return last - first;
}

/* Workers that compute a millisecond in a hundred, so all get their turn. */
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
	double begun = now_ms(), spawned, stopped, collected, memory;
	size_t completed = 0;

	if (ktstr_workload_spawn(&config, &workload, &error)) {
		fprintf(stderr, "%u workers: %s\n", count, error.text);
		return 1;
	}
	spawned = now_ms();
	ktstr_workload_start(workload);
	while (count_started(workload) < count && now_ms() - spawned < 60e3)
		usleep(1000);
	memory = kib_per_worker(workload, threads, before_kib);
	if (count == 1000 && !threads)
		measure_snapshot(workload);
	stopped = now_ms();
	if (ktstr_workload_stop_and_collect(&workload, &reports, &error)) {
		fprintf(stderr, "%u workers: %s\n", count, error.text);
		return 1;
	}
	collected = now_ms() - stopped;
	for (size_t i = 0; i < reports->count; i++)
		completed += reports->reports[i].completed;
	printf("| %s | %u | %.1f | %.1f | %.1f | %.1f | %zu |\n", threads ? "thread" : "process",
	       count, spawned - begun, measure_skew(count, mode), collected, memory, completed);
	fflush(stdout);
	return 0;
}

int main(void)
{
	static const unsigned counts[] = { 10, 100, 1000, 5000 };
	int failed = 0;

	starts = mmap(NULL, sizeof(*starts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (starts == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	printf("| workers are | how many | spawn ms | first to last start ms | collect ms | KiB "
	       "each | "
	       "reports |\n|---|---:|---:|---:|---:|---:|---:|\n");
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		failed |= measure(counts[i], KTSTR_CLONE_FORK);
	failed |= measure(100, KTSTR_CLONE_THREAD);
	failed |= measure(1000, KTSTR_CLONE_THREAD);
	return failed;
}
