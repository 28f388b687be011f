// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests in which something inside the guest is killed at a random moment (kill.c runs them). The
 * killer sits in a session of its own, so that it survives the process group of its victim.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "expect.h"

static void sleep_ms(unsigned ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	nanosleep(&ts, NULL);
}

/* Kill victim somewhere in the next second. */
static void kill_soon(pid_t victim)
{
	unsigned short random = 0;

	if (getrandom(&random, sizeof(random), 0) < 0)
		random = 300;
	if (fork() != 0)
		return;
	setsid();
	sleep_ms(random % 1000);
	kill(victim, SIGKILL);
	_exit(0);
}

KTSTR_TEST(victim_test_process, .duration_ms = 1500)
{
	kill_soon(getpid());
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0", .workers = 3));
}

KTSTR_TEST(victim_worker, .check = { .not_stuck = KTSTR_YES })
{
	struct ktstr_workload_config config = { .num_workers = 3 };
	struct ktstr_error error = { 0 };
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	size_t count;

	TRY(ctx, ktstr_workload_spawn(&config, &workload, &error));
	kill_soon(ktstr_workload_pids(workload, &count)[1]);
	ktstr_workload_start(workload);
	sleep_ms(1100);
	TRY(ctx, ktstr_workload_stop_and_collect(&workload, &reports, &error));
	ktstr_judge(ctx, "killed", reports, NULL);
	return 0;
}
