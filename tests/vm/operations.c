// SPDX-License-Identifier: GPL-2.0-only
/* Operations, backdrops and containers on a real kernel. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "expect.h"

static const struct ktstr_topology four_cpus = { .llcs = 2, .cores = 2 };

static bool captured(const struct ktstr_ctx *ctx, const char *tag, size_t wanted)
{
	const pid_t *pids;
	size_t count;

	return ktstr_ctx_captured_procs(ctx, tag, &pids, &count) && count == wanted;
}

/* The isolation check is against the last cpuset, so workers have to have been on it from birth. */
KTSTR_TEST(swapped_cpusets_hold, .topology = four_cpus, .duration_ms = 400, .check = { .isolation = KTSTR_YES })
{
	return ktstr_execute_steps(ctx,
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("left"), KTSTR_ADD_CGROUP("right"),
					    KTSTR_SET_CPUSET("left", KTSTR_CPUS_LLC(0)),
					    KTSTR_SET_CPUSET("right", KTSTR_CPUS_LLC(1)),
					    KTSTR_SWAP_CPUSETS("left", "right"),
					    KTSTR_SPAWN("left", .workers = 2), KTSTR_SPAWN("right", .workers_pct = 1.0))));
}

/* Claim 66: those that moved into the backdrop are there in the next step. */
KTSTR_TEST(workers_outlive_the_step_that_moves_them, .topology = four_cpus, .duration_ms = 400)
{
	int err = ktstr_execute_scenario(ctx, KTSTR_BACKDROP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("home"))),
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP_DEF("away", .workers = 3),
					    KTSTR_CAPTURE_CGROUP_PROCS("before", "home"),
					    KTSTR_MOVE_ALL_TASKS("away", "home"), KTSTR_SPAWN_HOST(.workers = 2),
					    KTSTR_MOVE_ALL_TASKS("", "away"), KTSTR_CAPTURE_CGROUP_PROCS("guests", "away")),
			   .hold = KTSTR_HOLD_FRAC(0.3)),
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_CAPTURE_CGROUP_PROCS("after", "home")), .hold = KTSTR_HOLD_FRAC(0.3)));

	EXPECT(ctx, captured(ctx, "before", 0), "nobody was home");
	EXPECT(ctx, captured(ctx, "guests", 2), "two of the host moved");
	EXPECT(ctx, captured(ctx, "after", 3), "three live on");
	return err;
}

/* Claim 37: one process for a name, however many groups. */
KTSTR_TEST(containers_are_one_process_each, .topology = four_cpus, .duration_ms = 300)
{
	int err = ktstr_execute_steps(ctx,
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP_DEF("c", .works = KTSTR_WORKS(
						    { .workers = 2, .pcomm = "one" }, { .workers = 3, .pcomm = "two" },
						    { .workers = 1, .pcomm = "one", .work = KTSTR_WORK(mixed) })),
					    KTSTR_CAPTURE_CGROUP_PROCS("procs", "c"))));

	EXPECT(ctx, captured(ctx, "procs", 2), "two processes");
	return err;
}

/* Claim 57: their reports come although nobody thaws them. */
KTSTR_TEST(frozen_workers_are_taken_down, .topology = four_cpus, .duration_ms = 400,
	   .check = { .not_stuck = KTSTR_YES, .max_spread_pct = 100 })
{
	return ktstr_execute_scenario(ctx, KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("cold", .workers = 2))),
		KTSTR_STEP(.hold = KTSTR_HOLD_FRAC(0.5)),
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_FREEZE_CGROUP("cold"), KTSTR_FREEZE_CGROUP("cold")),
			   .hold = KTSTR_HOLD_FRAC(0.25)));
}

static const struct limit {
	const char *file, *text;
} limits[] = {
	{ "cpuset.cpus", "2-3" },	   { "cpuset.mems", "0-1" },	    { "cpu.weight", "50" },
	{ "cpu.max", "50000 100000" },	   { "memory.max", "268435456" },   { "memory.high", "134217728" },
	{ "memory.low", "1048576" },	   { "io.weight", "default 50" },   { "pids.max", "50" },
};

/* A worker that looks at its own cgroup: it sets a bit of its report for each limit that stands there. */
static void look_at_limits(const struct ktstr_custom *custom, struct ktstr_worker_report *report)
{
	unsigned *seen = *(unsigned *const *)ktstr_custom_config(custom)->blob;
	const char *folder = ktstr_custom_cgroup(custom);
	char path[256], text[64];

	for (size_t i = 0; folder && i < sizeof(limits) / sizeof(limits[0]); i++) {
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s", folder, limits[i].file);
		file = fopen(path, "re");
		if (file && fgets(text, sizeof(text), file) && strcspn(text, "\n") == strlen(limits[i].text) &&
		    strncmp(text, limits[i].text, strlen(limits[i].text)) == 0)
			*seen |= 1u << i;
		if (file)
			fclose(file);
	}
	while (!ktstr_custom_stopping(custom))
		usleep(10000);
	report->iterations = 1;
	report->completed = true;
}

/* Claims 17 to 24: the kernel takes what the engine writes. */
KTSTR_TEST(limits_are_taken_by_the_kernel, .topology = { .numa_nodes = 2, .llcs = 2, .cores = 2 }, .duration_ms = 500,
	   .check = { .isolation = KTSTR_YES })
{
	unsigned *seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct ktstr_custom_config config = { 0 };
	int err;

	ktstr_custom_set_blob(&config, &seen, sizeof(seen));
	err = ktstr_execute_defs(ctx,
		KTSTR_CGROUP("all", .cpuset = KTSTR_CPUS_NUMA(1), .cpuset_mems = KTSTR_NODES(0, 1),
			     .cpu = { .weight = 50, .quota_us = 50000 },
			     .memory = { .max_bytes = 256 << 20, .high_bytes = 128 << 20, .low_bytes = 1 << 20 },
			     .io = { .weight = 50 }, .pids = { .max = 50 },
			     .works = KTSTR_WORKS({ .workers_pct = 1.0, .nice = KTSTR_SOME(5), .comm = "worker" },
						  { .workers = 1, .policy = KTSTR_POLICY_BATCH(),
						    .mem_policy = KTSTR_MEM_BIND(1) },
						  { .workers = 1, .work = KTSTR_WORK(custom, .name = "look", .config = config,
										     .run = look_at_limits) })));
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		EXPECT(ctx, *seen & 1u << i, "%s is not '%s'", limits[i].file, limits[i].text);
	munmap(seen, sizeof(*seen));
	return err;
}

static unsigned count_lines(const char *part)
{
	FILE *log = fopen("/tmp/ktstr-placement.log", "re");
	char line[512];
	unsigned lines = 0;

	while (log && fgets(line, sizeof(line), log))
		lines += strstr(line, part) != NULL;
	if (log)
		fclose(log);
	return lines;
}

/* Claim 40: a line for each placement, behind those of the scenario before. */
KTSTR_TEST(placements_are_logged, .topology = four_cpus, .duration_ms = 100)
{
	int err = ktstr_execute_defs(ctx, KTSTR_CGROUP("a", .workers = 2), KTSTR_CGROUP("b", .pcomm = "hosts"));

	EXPECT(ctx, count_lines("apply_setup: spawned non-pcomm workers cgroup=a count=2 pids=[") == 1, "no line for a");
	EXPECT(ctx, count_lines("apply_setup: spawned pcomm workers cgroup=b pcomm=hosts count=1 pids=[") == 1,
	       "no line for b");
	if (err)
		return err;
	err = ktstr_execute_steps(ctx,
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP_DEF("from", .workers = 2), KTSTR_ADD_CGROUP("to"),
					    KTSTR_SPAWN("to", .workers = 1), KTSTR_MOVE_ALL_TASKS("from", "to"))));
	EXPECT(ctx, count_lines("apply_setup: spawned ") == 3, "%u lines of spawns, Spawn writes none",
	       count_lines("apply_setup: spawned "));
	EXPECT(ctx, count_lines("Op::MoveAllTasks pre-move from=from to=to batches=[[") == 1 &&
		    count_lines(" src_cgroup.procs=\"") == 1, "no line before the move");
	EXPECT(ctx, count_lines("Op::MoveAllTasks post-move to=to dest_cgroup.procs=\"") == 1, "no line after it");
	return err;
}
