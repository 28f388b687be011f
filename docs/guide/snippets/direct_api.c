// SPDX-License-Identifier: GPL-2.0-only
/* The calls below the scenarios: spawn, place, start, look, collect, judge. */
#include <time.h>

#include <ktstr/ktstr.h>

static void sleep_ms(long ms)
{
	const struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static int place(struct ktstr_cgroups *cgroups, const struct ktstr_workload *workload,
		 const cpu_set_t *cpus, struct ktstr_error *error)
{
	size_t count;
	const pid_t *pids = ktstr_workload_pids(workload, &count);
	int err = ktstr_cgroups_setup(cgroups, KTSTR_CONTROLLER_CPUSET, error);

	if (!err)
		err = ktstr_cgroup_create(cgroups, "pinned", error);
	if (!err)
		err = ktstr_cgroup_set_cpuset(cgroups, "pinned", cpus, error);
	if (!err)
		err = ktstr_cgroup_move_tasks(cgroups, "pinned", pids, count, error);
	return err;
}

KTSTR_TEST(workers_by_hand, .topology = { .llcs = 2, .cores = 1 },
	   .check = { .not_stuck = KTSTR_YES, .isolation = KTSTR_YES })
{
	const struct ktstr_workload_config config = { .num_workers = 2, .work = KTSTR_WORK(mixed) };
	struct ktstr_cgroups *cgroups = ktstr_ctx_cgroups(ctx);
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	struct ktstr_error error = { 0 };
	uint64_t iterations[2];
	cpu_set_t second;
	int err;

	ktstr_machine_llc_cpus(ktstr_ctx_machine(ctx), 1, &second);
	err = ktstr_workload_spawn(&config, &workload, &error);
	if (!err)
		err = place(cgroups, workload, &second, &error);
	if (err)
		return ktstr_could_not_run(ctx, &error);
	ktstr_workload_start(workload);
	sleep_ms(300);
	ktstr_workload_snapshot_iterations(workload, iterations, 2);
	ktstr_note(ctx, "%llu and %llu iterations so far", (unsigned long long)iterations[0],
		   (unsigned long long)iterations[1]);
	sleep_ms(300);
	err = ktstr_workload_stop_and_collect(&workload, &reports, &error);
	if (err)
		return ktstr_could_not_run(ctx, &error);
	ktstr_judge(ctx, "pinned", reports, &second);
	err = ktstr_cgroup_remove(cgroups, "pinned", &error);
	return err ? ktstr_could_not_run(ctx, &error) : 0;
}
