// SPDX-License-Identifier: GPL-2.0-only
/* What a worker pays for looking at itself: a checkpoint, a sample. See bench/README.md. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "workload/checkpoint.h"
#include "workload/reservoir.h"

#define ROUNDS 31
#define OPERATIONS 200000

static struct checkpoint checkpoint;
static struct reservoir reservoir;
static uint64_t values[KTSTR_SAMPLES_MAX];
static struct ktstr_migration migrations[KTSTR_MIGRATIONS_MAX];

static void read_clock(void)
{
	uint64_t now_ns = clock_now_ns();

	__asm__ volatile("" ::"r"(now_ns));
}

static void take_checkpoint(void)
{
	checkpoint_take(&checkpoint, clock_now_ns(), sched_getcpu());
}

/* Of a full reservoir: the dearer case, and that of all but the first samples. */
static void take_sample(void)
{
	reservoir_offer(&reservoir, reservoir.total);
}

static const struct {
	const char *name;
	void (*operate)(void);
} rows[] = {
	{ "a reading of the clock", read_clock },
	{ "a checkpoint (its reading of the clock included)", take_checkpoint },
	{ "a sample in a full reservoir", take_sample },
};

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double median_ns(void (*operate)(void))
{
	double rounds[ROUNDS];

	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t begin_ns = clock_now_ns();

		for (unsigned j = 0; j < OPERATIONS; j++)
			operate();
		rounds[i] = (double)(clock_now_ns() - begin_ns) / OPERATIONS;
	}
	qsort(rounds, ROUNDS, sizeof(rounds[0]), compare);
	return rounds[ROUNDS / 2];
}

int main(void)
{
	checkpoint_begin(&checkpoint, migrations, KTSTR_MIGRATIONS_MAX, clock_now_ns(),
			 sched_getcpu());
	reservoir_init(&reservoir, values, KTSTR_SAMPLES_MAX, 1);
	for (unsigned i = 0; i < KTSTR_SAMPLES_MAX; i++)
		reservoir_offer(&reservoir, i);
	printf("| | ns |\n|---|---:|\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		printf("| %s | %.1f |\n", rows[i].name, median_ns(rows[i].operate));
	return 0;
}
