// SPDX-License-Identifier: GPL-2.0-only
/* A sched_ext scheduler under test: it is really the one that runs the workers. */
#include <stdlib.h>
#include <string.h>

#include "expect.h"

static const struct ktstr_scheduler fixture = {
	.name = "fixture",
	.bpf_object = "ktstr_fixture.bpf.o",
	.topology = { .llcs = 2, .cores = 2 },
	.check = { .not_stuck = KTSTR_YES, .max_spread_pct = 100 },
};

static void read_line(const char *path, char *text, int size)
{
	FILE *stream = fopen(path, "re");

	text[0] = '\0';
	if (!stream)
		return;
	if (fgets(text, size, stream))
		text[strcspn(text, "\n")] = '\0';
	fclose(stream);
}

KTSTR_TEST(fixture_is_the_one_that_is_enabled, .scheduler = &fixture)
{
	char ops[64], state[64];

	read_line("/sys/kernel/sched_ext/root/ops", ops, sizeof(ops));
	read_line("/sys/kernel/sched_ext/state", state, sizeof(state));
	/* Kernels since 6.18 put a version or a suffix behind the name. */
	EXPECT(ctx, !strncmp(ops, "ktstr_fixture", strlen("ktstr_fixture")), "'%s'", ops);
	EXPECT(ctx, !strcmp(state, "enabled"), "'%s'", state);
	EXPECT(ctx, ktstr_machine_num_cpus(ktstr_ctx_machine(ctx)) == 4, "topology of the scheduler");
	return 0;
}

KTSTR_TEST(workers_run_under_the_fixture, .scheduler = &fixture, .duration_ms = 600)
{
	return ktstr_execute_defs(ctx,
		KTSTR_CGROUP("cg_0", .workers = 3),
		KTSTR_CGROUP("cg_1", .workers = 3, .work = KTSTR_WORK(yield_heavy)));
}

KTSTR_TEST(eevdf_has_no_scheduler)
{
	char state[64];

	read_line("/sys/kernel/sched_ext/state", state, sizeof(state));
	EXPECT(ctx, !strcmp(state, "disabled") || !state[0], "'%s'", state);
	return 0;
}
