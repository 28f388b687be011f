// SPDX-License-Identifier: GPL-2.0-only
/* Every kind of work on a real kernel, and what some of them do to the machine and to others. */
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "expect.h"

#define MOST_WORKERS 16 /* of a workload here */
#define SHORT_MS 100
#define PATIENCE_NS UINT64_C(15000000000) /* for what takes milliseconds on an idle host */

static const struct ktstr_scheduler fixture = {
	.name = "fixture",
	.bpf_object = "ktstr_fixture.bpf.o",
	.topology = { .llcs = 2, .cores = 2 },
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void hold(unsigned ms)
{
	usleep(ms * 1000);
}

/* The workload runs in the cgroup "work" and is started. */
static int start_in_cgroup(struct ktstr_ctx *ctx, const struct ktstr_workload_config *config,
			   struct ktstr_workload **ret_workload, struct ktstr_error *error)
{
	const pid_t *pids;
	size_t count;
	int err = ktstr_workload_spawn(config, ret_workload, error);

	if (err)
		return err;
	pids = ktstr_workload_pids(*ret_workload, &count);
	if (config->clone_mode == KTSTR_CLONE_FORK)
		err = ktstr_cgroup_move_tasks(ktstr_ctx_cgroups(ctx), "work", pids, count, error);
	if (!err)
		ktstr_workload_start(*ret_workload);
	return err;
}

/* Until every worker has done so many iterations; a busy host may take its time. */
static bool await_iterations(const struct ktstr_workload *workload, uint64_t iterations)
{
	uint64_t end_ns = now_ns() + PATIENCE_NS, seen[MOST_WORKERS];

	while (now_ns() < end_ns) {
		size_t count = ktstr_workload_snapshot_iterations(workload, seen, MOST_WORKERS), done = 0;

		for (size_t i = 0; i < count && i < MOST_WORKERS; i++)
			done += seen[i] >= iterations;
		if (done == count)
			return true;
		usleep(2000);
	}
	return false;
}

/* Let it run for so long and collect. */
static int run_for(struct ktstr_ctx *ctx, const struct ktstr_workload_config *config, unsigned ms,
		   struct ktstr_reports **ret_reports, struct ktstr_error *error)
{
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	int err = start_in_cgroup(ctx, config, &workload, error);

	if (err)
		return err;
	hold(ms);
	return ktstr_workload_stop_and_collect(&workload, ret_reports, error);
}

static int make_cgroups(struct ktstr_ctx *ctx, struct ktstr_error *error)
{
	struct ktstr_cgroups *cgroups = ktstr_ctx_cgroups(ctx);
	int err = ktstr_cgroup_create(cgroups, "work", error);

	return err ? err : ktstr_cgroup_create(cgroups, "dest", error);
}

static int remove_cgroups(struct ktstr_ctx *ctx, struct ktstr_error *error)
{
	struct ktstr_cgroups *cgroups = ktstr_ctx_cgroups(ctx);
	int err = ktstr_cgroup_remove(cgroups, "work", error);

	return err ? err : ktstr_cgroup_remove(cgroups, "dest", error);
}

struct kind {
	const struct ktstr_work_ops *ops;
	const char *name;
};

#define ROW(kind, name) { &ktstr_work_##kind, name },
static const struct kind kinds[] = { KTSTR_WORK_TYPES(ROW) };
#undef ROW

/* Counts the times that it slept. */
static void doze(const struct ktstr_custom *custom, struct ktstr_worker_report *report)
{
	do {
		usleep(5000);
		report->iterations++;
	} while (!ktstr_custom_stopping(custom));
	report->completed = true;
}

/* Kinds that have a parameter without a default, or that need longer to do something. */
static const struct special {
	struct ktstr_work work;
	unsigned ms;
} specials[] = {
	{ KTSTR_WORK(sequence, .phases = KTSTR_PHASES(KTSTR_PHASE_SPIN(5), KTSTR_PHASE_SLEEP(5), KTSTR_PHASE_YIELD(5),
						      KTSTR_PHASE_IO(5), KTSTR_PHASE_ALU_HOT(KTSTR_ALU_WIDEST, 5))),
	  SHORT_MS },
	{ KTSTR_WORK(cgroup_attach_storm, .dest = "dest"), SHORT_MS },
	{ KTSTR_WORK(custom, .run = doze), SHORT_MS },
	/* They fill caches and start threads before their only pass. */
	{ KTSTR_WORK(schbench, .worker_threads = 2), 1000 },
	{ KTSTR_WORK(taobench, .client_threads = 2, .cache_capacity_mib = 1), 1000 },
};

static int run_kind(struct ktstr_ctx *ctx, const struct kind *kind, unsigned workers,
		    enum ktstr_clone_mode mode, struct ktstr_reports **ret_reports, struct ktstr_error *error)
{
	struct special run = { { .ops = kind->ops }, SHORT_MS };

	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++)
		if (specials[i].work.ops == kind->ops)
			run = specials[i];
	return run_for(ctx,
		       &(struct ktstr_workload_config){
			       .num_workers = workers, .work = run.work, .clone_mode = mode },
		       run.ms, ret_reports, error);
}

/* One cohort, as processes or, where the kind refuses that, as threads. */
static int run_cohort(struct ktstr_ctx *ctx, const struct kind *kind, struct ktstr_reports **ret_reports,
		      struct ktstr_error *error)
{
	unsigned size = ktstr_work_group_size(&(struct ktstr_work){ .ops = kind->ops });
	unsigned workers = size ? size : 1;
	int err = run_kind(ctx, kind, workers, KTSTR_CLONE_FORK, ret_reports, error);

	if (err == -EINVAL)
		err = run_kind(ctx, kind, workers, KTSTR_CLONE_THREAD, ret_reports, error);
	return err;
}

static void expect_work_done(struct ktstr_ctx *ctx, const struct kind *kind, const struct ktstr_reports *reports)
{
	uint64_t iterations = 0;

	for (size_t i = 0; i < reports->count; i++) {
		const struct ktstr_worker_report *report = &reports->reports[i];
		char buffer[KTSTR_EXIT_TEXT_MAX];

		EXPECT(ctx, report->completed, "%s: worker %zu %s", kind->name, i,
		       ktstr_exit_info_format(&report->exit_info, buffer));
		EXPECT(ctx, !report->work_error[0], "%s: %s", kind->name, report->work_error);
		iterations += report->iterations;
	}
	EXPECT(ctx, iterations > 0, "%s does nothing", kind->name);
}

/* The guests have the devices that some kinds need, so none has anything to complain of. */
static int run_every_kind(struct ktstr_ctx *ctx)
{
	struct ktstr_error error = { 0 };

	TRY(ctx, make_cgroups(ctx, &error));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;

		TRY(ctx, run_cohort(ctx, &kinds[i], &reports, &error));
		expect_work_done(ctx, &kinds[i], reports);
	}
	TRY(ctx, remove_cgroups(ctx, &error));
	return 0;
}

KTSTR_TEST(every_kind_runs_under_eevdf, .topology = { .numa_nodes = 2, .llcs = 2, .cores = 2 },
	   .disk_mib = 64, .network = true, .timeout_ms = 120000)
{
	return run_every_kind(ctx);
}

KTSTR_TEST(every_kind_runs_under_the_fixture, .scheduler = &fixture, .disk_mib = 64,
	   .network = true, .timeout_ms = 120000)
{
	return run_every_kind(ctx);
}

/* Claim 50: deadlines pass while it is stopped, and every one of them gives a sample. */
KTSTR_TEST(timer_latency_misses_no_deadline)
{
	struct ktstr_workload_config config = { .work = KTSTR_WORK(timer_latency, .interval_us = 1000) };
	struct ktstr_error error = { 0 };
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	const struct ktstr_samples *timers;
	uint64_t deadlines;
	size_t late = 0;
	pid_t pid;

	TRY(ctx, ktstr_workload_spawn(&config, &workload, &error));
	pid = ktstr_workload_pids(workload, &(size_t){ 0 })[0];
	ktstr_workload_start(workload);
	hold(500);
	kill(pid, SIGSTOP);
	hold(60);
	kill(pid, SIGCONT);
	hold(440);
	TRY(ctx, ktstr_workload_stop_and_collect(&workload, &reports, &error));
	timers = &reports->reports[0].timer_latencies;
	deadlines = reports->reports[0].wall_time_ns / 1000000;
	EXPECT(ctx, timers->total <= deadlines, "%zu samples", timers->count);
	EXPECT(ctx, timers->total >= deadlines * 9 / 10, "%zu samples, %lu deadlines", timers->count,
	       (unsigned long)deadlines);
	for (size_t i = 0; i < timers->count; i++)
		late += timers->values[i] >= 10 * 1000000;
	/* Stopped for 60 ms: 50 deadlines lie 10 ms or more before its end. */
	EXPECT(ctx, late >= 45, "%zu late samples", late);
	return 0;
}

KTSTR_TEST(smt_siblings_spin_on_one_core, .topology = { .llcs = 1, .cores = 2, .threads = 2 },
	   .duration_ms = 1000, .check = { .not_stuck = KTSTR_YES })
{
	return ktstr_execute_defs(ctx,
		KTSTR_CGROUP("pair", .workers = 2, .work = KTSTR_WORK(smt_sibling_spin),
			     .affinity = KTSTR_AFFINITY_SMT_SIBLING_PAIR()));
}

static uint64_t pages_on(const struct ktstr_worker_report *report, unsigned node)
{
	for (size_t i = 0; i < report->numa_pages_count; i++)
		if (report->numa_pages[i].node == node)
			return report->numa_pages[i].pages;
	return 0;
}

/* The pages go where they are bound to, whatever node the worker runs on. */
KTSTR_TEST(working_set_moves_between_nodes, .topology = { .numa_nodes = 2, .llcs = 2, .cores = 1 })
{
	const struct ktstr_work works[] = {
		KTSTR_WORK(numa_working_set_sweep, .region_kib = 1024, .sweep_period_ms = 5,
			   .target_nodes = KTSTR_TARGET_NODES(0)),
		KTSTR_WORK(numa_working_set_sweep, .region_kib = 1024, .sweep_period_ms = 5,
			   .target_nodes = KTSTR_TARGET_NODES(1)),
		KTSTR_WORK(numa_working_set_sweep, .region_kib = 1024, .sweep_period_ms = 5,
			   .target_nodes = KTSTR_TARGET_NODES(0, 1)),
	};
	struct ktstr_error error = { 0 };

	TRY(ctx, make_cgroups(ctx, &error));
	for (unsigned i = 0; i < 3; i++) {
		KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
		KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;

		TRY(ctx, start_in_cgroup(ctx, &(struct ktstr_workload_config){ .num_workers = 2, .work = works[i] },
					 &workload, &error));
		EXPECT(ctx, await_iterations(workload, 3), "fewer than 3 sweeps");
		TRY(ctx, ktstr_workload_stop_and_collect(&workload, &reports, &error));
		for (size_t worker = 0; worker < reports->count; worker++) {
			const struct ktstr_worker_report *report = &reports->reports[worker];
			uint64_t there = pages_on(report, i), all = pages_on(report, 0) + pages_on(report, 1);

			EXPECT(ctx, !report->work_error[0], "%s", report->work_error);
			EXPECT(ctx, all == 256, "%lu pages", (unsigned long)all);
			/* Both in turn: all on that of the last sweep. */
			EXPECT(ctx, i == 2 ? report->numa_pages_count == 1 : there == all, "node %u: %lu of %lu",
			       i, (unsigned long)there, (unsigned long)all);
		}
	}
	TRY(ctx, remove_cgroups(ctx, &error));
	return 0;
}

/* The mask is that of one node and of the other; what the worker gave away it does not get back. */
KTSTR_TEST(migration_churn_uses_both_nodes, .topology = { .numa_nodes = 2, .llcs = 2, .cores = 2 })
{
	struct ktstr_workload_config config = { .work = KTSTR_WORK(numa_migration_churn, .period_ms = 20) };
	struct ktstr_error error = { 0 };
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	unsigned seen = 0;
	uint64_t end_ns;

	TRY(ctx, make_cgroups(ctx, &error));
	TRY(ctx, start_in_cgroup(ctx, &config, &workload, &error));
	for (end_ns = now_ns() + PATIENCE_NS; now_ns() < end_ns && seen != 3; usleep(2000)) {
		cpu_set_t mask, cpus;

		CPU_ZERO(&mask);
		sched_getaffinity(ktstr_workload_pids(workload, &(size_t){ 0 })[0], sizeof(mask), &mask);
		for (unsigned node = 0; node < 2; node++) {
			ktstr_machine_node_cpus(ktstr_ctx_machine(ctx), node, &cpus);
			seen |= CPU_EQUAL(&mask, &cpus) ? 1u << node : 0;
		}
	}
	EXPECT(ctx, seen == 3, "mask of nodes %u", seen);
	TRY(ctx, ktstr_workload_stop_and_collect(&workload, &reports, &error));
	EXPECT(ctx, !reports->reports[0].work_error[0], "%s", reports->reports[0].work_error);
	EXPECT(ctx, reports->reports[0].work_units == 256 * reports->reports[0].iterations, "%lu units",
	       (unsigned long)reports->reports[0].work_units);
	TRY(ctx, remove_cgroups(ctx, &error));
	return 0;
}

/* Claim 68: others in the cgroup get both masks, and only they. */
KTSTR_TEST(cross_affinity_churn_flips_its_siblings, .topology = { .llcs = 1, .cores = 4 })
{
	struct ktstr_workload_config spinners = { .num_workers = 2 };
	struct ktstr_workload_config churn = { .work = KTSTR_WORK(cross_affinity_churn, .spin_iters = 20000) };
	struct ktstr_error error = { 0 };
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *siblings = NULL, *flipper = NULL;
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	unsigned narrow = 0, full = 0;
	uint64_t end_ns;
	cpu_set_t cpus;

	TRY(ctx, make_cgroups(ctx, &error));
	TRY(ctx, start_in_cgroup(ctx, &spinners, &siblings, &error));
	TRY(ctx, start_in_cgroup(ctx, &churn, &flipper, &error));
	for (end_ns = now_ns() + PATIENCE_NS; now_ns() < end_ns && (narrow < 3 || full < 3); usleep(500)) {
		CPU_ZERO(&cpus);
		sched_getaffinity(ktstr_workload_pids(siblings, &(size_t){ 0 })[1], sizeof(cpus), &cpus);
		narrow += CPU_COUNT(&cpus) == 3 && !CPU_ISSET(3, &cpus);
		full += CPU_COUNT(&cpus) == 4;
	}
	EXPECT(ctx, narrow > 0 && full > 0, "seen with 3 CPUs %u times, with 4 %u times", narrow, full);
	sched_getaffinity(ktstr_workload_pids(flipper, &(size_t){ 0 })[0], sizeof(cpus), &cpus);
	EXPECT(ctx, CPU_COUNT(&cpus) == 4, "its own: %d", CPU_COUNT(&cpus));
	sched_getaffinity(0, sizeof(cpus), &cpus);
	EXPECT(ctx, CPU_COUNT(&cpus) == 4, "the test's: %d", CPU_COUNT(&cpus));
	TRY(ctx, ktstr_workload_stop_and_collect(&flipper, &reports, &error));
	EXPECT(ctx, !reports->reports[0].work_error[0], "%s", reports->reports[0].work_error);
	ktstr_workload_free(siblings);
	siblings = NULL;
	TRY(ctx, remove_cgroups(ctx, &error));
	return 0;
}

static unsigned churn_groups(void)
{
	DIR *dir = opendir(KTSTR_CGROUP_PARENT);
	unsigned found = 0;
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		found += !strncmp(entry->d_name, "wt-cgroup-churn-", strlen("wt-cgroup-churn-"));
	if (dir)
		closedir(dir);
	return found;
}

/* The last part of the path of the process's cgroup. */
static void read_cgroup(pid_t pid, char *name, int size)
{
	char path[64], line[512] = "";
	FILE *stream;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	stream = fopen(path, "re");
	if (stream && fgets(line, sizeof(line), stream))
		line[strcspn(line, "\n")] = '\0';
	if (stream)
		fclose(stream);
	snprintf(name, (size_t)size, "%s", strrchr(line, '/') ? strrchr(line, '/') + 1 : "");
}

/* It is seen in each of its cgroups, and goes home and tidies up in the end. */
KTSTR_TEST(cgroup_churn_moves_and_tidies_up)
{
	struct ktstr_workload_config config = {
		.num_workers = 2,
		.work = KTSTR_WORK(cgroup_churn, .groups = 3, .cycle_ms = 10),
	};
	struct ktstr_error error = { 0 };
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	unsigned seen = 0;
	uint64_t end_ns;

	TRY(ctx, make_cgroups(ctx, &error));
	TRY(ctx, start_in_cgroup(ctx, &config, &workload, &error));
	for (end_ns = now_ns() + PATIENCE_NS; now_ns() < end_ns && seen != 7; usleep(2000)) {
		char name[128];
		unsigned group;

		read_cgroup(ktstr_workload_pids(workload, &(size_t){ 0 })[0], name, sizeof(name));
		if (sscanf(name, "wt-cgroup-churn-%u", &group) == 1)
			seen |= 1u << group;
	}
	EXPECT(ctx, seen == 7, "mask of cgroups %u", seen);
	EXPECT(ctx, await_iterations(workload, 1), "a worker that does not move");
	EXPECT(ctx, churn_groups() == 3, "%u", churn_groups());
	TRY(ctx, ktstr_workload_stop_and_collect(&workload, &reports, &error));
	for (size_t i = 0; i < reports->count; i++) {
		EXPECT(ctx, !reports->reports[i].work_error[0], "%s", reports->reports[i].work_error);
		EXPECT(ctx, reports->reports[i].work_units == 256 * reports->reports[i].iterations, "worker %zu", i);
	}
	EXPECT(ctx, churn_groups() == 0, "%u left", churn_groups());
	TRY(ctx, remove_cgroups(ctx, &error));
	return 0;
}

/* Claim 69, with a destination: a unit each, and samples where the worker reaps. */
KTSTR_TEST(attach_storm_moves_its_children)
{
	const struct ktstr_work works[] = {
		KTSTR_WORK(cgroup_attach_storm, .dest = "dest"),
		KTSTR_WORK(cgroup_attach_storm, .dest = "dest", .reap = KTSTR_REAP_WAITPID),
	};
	struct ktstr_error error = { 0 };

	TRY(ctx, make_cgroups(ctx, &error));
	for (unsigned i = 0; i < 2; i++) {
		KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
		const struct ktstr_worker_report *report;

		TRY(ctx, run_for(ctx, &(struct ktstr_workload_config){ .work = works[i] }, 200, &reports, &error));
		report = &reports->reports[0];
		EXPECT(ctx, report->completed && !report->work_error[0], "%s", report->work_error);
		EXPECT(ctx, report->work_units > 0 && report->work_units == report->iterations, "%lu units",
		       (unsigned long)report->work_units);
		if (i == 0)
			EXPECT(ctx, report->wake_latencies.total == 0, "samples");
		else
			EXPECT(ctx, report->wake_latencies.total + 1 >= report->iterations, "samples");
	}
	TRY(ctx, remove_cgroups(ctx, &error));
	return 0;
}
