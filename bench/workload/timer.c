// SPDX-License-Identifier: GPL-2.0-only
/*
 * TimerLatency against cyclictest, and SpinWait against the loop that it is, in turns. See
 * bench/README.md.
 */
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ktstr/ktstr.h>

#define ROUNDS_MAX 201
#define TIMER_ROUNDS 41
/* What a pause costs a guest changes all the time: many short rounds, close to each other. */
#define SPIN_ROUNDS ROUNDS_MAX
#define SPIN_MS 50
#define SECONDS 1

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double median(double *values, unsigned count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

/* The ratio is the median of those of the pairs: what slows the machine slows both of a pair. */
static void print_row(const char *what, double *ours, double *theirs, unsigned rounds)
{
	double ratios[ROUNDS_MAX];

	for (unsigned i = 0; i < rounds; i++)
		ratios[i] = ours[i] / theirs[i];
	printf("| %s | %.3f | %.3f | %.3f |\n", what, median(ours, rounds), median(theirs, rounds),
	       median(ratios, rounds));
	fflush(stdout);
}

static struct ktstr_reports *run(struct ktstr_work work, unsigned ms)
{
	const struct ktstr_workload_config config = { .work = work };
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	struct ktstr_reports *reports = NULL;
	struct ktstr_error error = { 0 };

	if (ktstr_workload_spawn(&config, &workload, &error)) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	ktstr_workload_start(workload);
	poll(NULL, 0, (int)ms);
	if (ktstr_workload_stop_and_collect(&workload, &reports, &error)) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	return reports;
}

static double timer_average_us(unsigned interval_us)
{
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = run(
		KTSTR_WORK(timer_latency, .interval_us = interval_us), SECONDS * 1000);
	const struct ktstr_samples *samples = &reports->reports[0].timer_latencies;
	double sum = 0;

	for (size_t i = 0; i < samples->count; i++)
		sum += (double)samples->values[i];
	return samples->count ? sum / (double)samples->count / 1e3 : 0;
}

/* "T: 0 (...) P: 0 I:1000 C: 2000 Min: 1 Act: 2 Avg: 55 Max: 99", one thread, no special policy. */
static double cyclictest_average_us(unsigned interval_us)
{
	char command[160], line[512];
	double average = -1;
	FILE *pipe;

	snprintf(command, sizeof(command),
		 "cyclictest -q -t 1 --policy=other --laptop -i %u -l %u 2>/dev/null", interval_us,
		 SECONDS * 1000000 / interval_us);
	pipe = popen(command, "re");
	while (pipe && fgets(line, sizeof(line), pipe)) {
		const char *at = strstr(line, "Avg:");

		if (at)
			average = strtod(at + 4, NULL);
	}
	if (pipe)
		pclose(pipe);
	return average;
}

static void compare_timers(unsigned interval_us)
{
	double ours[TIMER_ROUNDS], theirs[TIMER_ROUNDS];
	char what[64];

	for (unsigned i = 0; i < TIMER_ROUNDS; i++) {
		if (i % 2)
			theirs[i] = cyclictest_average_us(interval_us);
		ours[i] = timer_average_us(interval_us);
		if (i % 2 == 0)
			theirs[i] = cyclictest_average_us(interval_us);
	}
	snprintf(what, sizeof(what), "average lateness at %u us, us", interval_us);
	print_row(what, ours, theirs, TIMER_ROUNDS);
}

/* The instructions of SpinWait, the count in memory too, without a worker around them. */
__attribute__((noinline)) static void spin_bare(uint64_t *units, unsigned count)
{
	while (count--) {
		++*units;
#if defined(__x86_64__)
		__asm__ volatile("pause" ::: "memory");
#else
		__asm__ volatile("yield" ::: "memory");
#endif
	}
}

static double bare_ns_per_unit(unsigned ms)
{
	struct timespec start, now;
	uint64_t units = 0;
	double ns;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
	do {
		for (unsigned i = 0; i < 100; i++)
			spin_bare(&units, 1024);
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
		ns = (double)(now.tv_sec - start.tv_sec) * 1e9 +
		     (double)(now.tv_nsec - start.tv_nsec);
	} while (ns < ms * 1e6);
	return ns / (double)units;
}

static double spin_ns_per_unit(unsigned ms)
{
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = run(KTSTR_WORK(spin_wait), ms);

	return (double)reports->reports[0].cpu_time_ns / (double)reports->reports[0].work_units;
}

/* On one CPU, each first in every other round. */
static void compare_spinning(void)
{
	double ours[SPIN_ROUNDS], bare[SPIN_ROUNDS];
	cpu_set_t before, one;

	sched_getaffinity(0, sizeof(before), &before);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	for (unsigned i = 0; i < SPIN_ROUNDS; i++) {
		if (i % 2)
			bare[i] = bare_ns_per_unit(SPIN_MS);
		ours[i] = spin_ns_per_unit(SPIN_MS);
		if (i % 2 == 0)
			bare[i] = bare_ns_per_unit(SPIN_MS);
	}
	sched_setaffinity(0, sizeof(before), &before);
	print_row("CPU time of a unit of SpinWait, ns", ours, bare, SPIN_ROUNDS);
}

int main(void)
{
	printf("| | ktstr | cyclictest, bare loop | ratio |\n|---|---:|---:|---:|\n");
	compare_spinning();
	compare_timers(1000);
	compare_timers(200);
	return 0;
}
