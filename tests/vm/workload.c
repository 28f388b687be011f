// SPDX-License-Identifier: GPL-2.0-only
/* The direct API inside the guest: spawn, place, start, let run, collect. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "expect.h"

KTSTR_TEST(direct_api_places_workers_before_they_run, .topology = { .cores = 2 })
{
	struct ktstr_workload_config config = { .num_workers = 4, .work = KTSTR_WORK(mixed) };
	struct ktstr_cgroups *cgroups = ktstr_ctx_cgroups(ctx);
	struct ktstr_error error = { 0 };
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	cpu_set_t second;
	const pid_t *pids;
	size_t count;

	CPU_ZERO(&second);
	CPU_SET(1, &second);
	TRY(ctx, ktstr_cgroups_setup(cgroups, KTSTR_CONTROLLER_CPUSET, &error));
	TRY(ctx, ktstr_cgroup_create(cgroups, "pinned", &error));
	TRY(ctx, ktstr_cgroup_set_cpuset(cgroups, "pinned", &second, &error));
	TRY(ctx, ktstr_workload_spawn(&config, &workload, &error));
	pids = ktstr_workload_pids(workload, &count);
	TRY(ctx, ktstr_cgroup_move_tasks(cgroups, "pinned", pids, count, &error));
	ktstr_workload_start(workload);
	usleep(200 * 1000);
	TRY(ctx, ktstr_workload_stop_and_collect(&workload, &reports, &error));
	EXPECT(ctx, reports->count == 4, "%zu reports", reports->count);
	for (size_t i = 0; i < reports->count; i++)
		EXPECT(ctx, CPU_EQUAL(&reports->reports[i].cpus_used, &second), "worker %zu used other CPUs", i);
	ktstr_judge(ctx, "pinned", reports, &second);
	TRY(ctx, ktstr_cgroup_remove(cgroups, "pinned", &error));
	return 0;
}

KTSTR_TEST(dead_worker_is_a_sentinel, .expect_err = true, .check = { .not_stuck = KTSTR_YES })
{
	struct ktstr_workload_config config = { .num_workers = 2 };
	struct ktstr_error error = { 0 };
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	size_t count;

	TRY(ctx, ktstr_workload_spawn(&config, &workload, &error));
	ktstr_workload_start(workload);
	usleep(50 * 1000);
	kill(ktstr_workload_pids(workload, &count)[0], SIGKILL);
	usleep(50 * 1000);
	TRY(ctx, ktstr_workload_stop_and_collect(&workload, &reports, &error));
	if (reports->reports[0].exit_info.kind != KTSTR_EXIT_SIGNALED || reports->reports[0].exit_info.code != SIGKILL)
		return -EPROTO; /* not the failure this test expects */
	ktstr_judge(ctx, "killed", reports, NULL);
	return 0;
}
