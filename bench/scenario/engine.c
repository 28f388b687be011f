// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the scenario engine itself costs, in a guest: build/bench/scenario_engine --verbose. The
 * numbers are notes of the results.
 */
#include <stdio.h>
#include <time.h>

#include <ktstr/ktstr.h>

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static const struct ktstr_topology four_cpus = { .llcs = 2, .cores = 2 };

#define EMPTY_STEPS 100

KTSTR_TEST(empty_steps, .topology = four_cpus, .duration_ms = 60000)
{
	struct ktstr_step steps[EMPTY_STEPS];
	double before;
	int err;

	for (unsigned i = 0; i < EMPTY_STEPS; i++)
		steps[i] = KTSTR_STEP(.hold = KTSTR_HOLD_MS(0));
	before = now_ms();
	err = ktstr_execute(ctx, &(struct ktstr_scenario){ .steps = { steps, EMPTY_STEPS } });
	ktstr_note(ctx, "%u empty steps: %.1f us each", EMPTY_STEPS,
		   (now_ms() - before) * 1e3 / EMPTY_STEPS);
	return err;
}

/* Created, placed, started, stopped, removed: a cgroup with a worker that mostly sleeps. */
static int many_cgroups(struct ktstr_ctx *ctx, unsigned count)
{
	const struct ktstr_work sleepy = KTSTR_WORK(bursty, .burst_ms = 1, .sleep_ms = 1000);
	struct ktstr_cgroup_def *defs = ktstr_ctx_alloc(ctx, count * sizeof(*defs));
	double before;
	int err;

	for (unsigned i = 0; defs && i < count; i++) {
		char *name = ktstr_ctx_alloc(ctx, 16);

		if (!name)
			return -1;
		snprintf(name, 16, "cg_%u", i);
		defs[i] = KTSTR_CGROUP(name, .workers = 1, .work = sleepy);
	}
	before = now_ms();
	err = ktstr_execute_steps(ctx, KTSTR_STEP(.setup = { defs, defs ? count : 0 },
						  .hold = KTSTR_HOLD_MS(0)));
	ktstr_note(ctx, "%u cgroups with a worker: %.2f ms each", count,
		   (now_ms() - before) / count);
	return err;
}

#define MANY(count)                                                                                \
	KTSTR_TEST(cgroups_##count, .topology = four_cpus, .duration_ms = 100000,                  \
		   .timeout_ms = 240000)                                                           \
	{                                                                                          \
		return many_cgroups(ctx, count);                                                   \
	}
MANY(125)
MANY(250)
MANY(500)

/* A loop of 1 ms. Each round writes two lines into the log of placements, which count it. */
KTSTR_TEST(loop_of_1_ms, .topology = four_cpus, .duration_ms = 2000)
{
	int err = ktstr_execute_scenario(
		ctx, KTSTR_BACKDROP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("a"), KTSTR_ADD_CGROUP("b"))),
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_MOVE_ALL_TASKS("a", "b")),
			   .hold = KTSTR_HOLD_LOOP_MS(1)));
	unsigned lines = 0;
	FILE *log = fopen("/tmp/ktstr-placement.log", "re");

	for (int c; log && (c = fgetc(log)) != EOF;)
		lines += c == '\n';
	if (log)
		fclose(log);
	ktstr_note(ctx, "%u rounds of 1 ms in 2 s", lines / 2);
	return err;
}
