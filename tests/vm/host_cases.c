// SPDX-License-Identifier: GPL-2.0-only
/* Tests that host.c runs with --host, on a machine that is a guest. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ktstr/ktstr.h>

static const struct ktstr_scheduler fixture = { .name = "fixture", .bpf_object = "ktstr_fixture.bpf.o" };

/* The test's own cgroup, as in "/ktstr/run-a1B2c3/runner". */
static void own_cgroup(char *path, size_t size)
{
	FILE *file = fopen("/proc/self/cgroup", "re");

	path[0] = '\0';
	if (file && fgets(path, (int)size, file))
		path[strcspn(path, "\n")] = '\0';
	if (file)
		fclose(file);
}

KTSTR_TEST(on_host_passes, .topology = { .llcs = 1, .cores = 1 }, .duration_ms = 500)
{
	char path[256];

	own_cgroup(path, sizeof(path));
	if (strncmp(path, "0::/ktstr/run-", 14) != 0 || !strstr(path, "/runner"))
		ktstr_fail(ctx, "the test lives in '%s'", path);
	if (ktstr_machine_num_cpus(ktstr_ctx_machine(ctx)) != 2)
		ktstr_fail(ctx, "%u CPUs", ktstr_machine_num_cpus(ktstr_ctx_machine(ctx)));
	return ktstr_execute_defs(ctx,
				  KTSTR_CGROUP("cg_0", .workers = 1, .cpuset = KTSTR_CPUS_LLC(0)),
				  KTSTR_CGROUP("deep/er", .workers = 1, .cpuset = KTSTR_CPUS_LLC(0)));
}

/* Limits and a cpuset are what a delegated cgroup has to allow. */
KTSTR_TEST(on_host_as_user, .topology = { .llcs = 1, .cores = 1 }, .duration_ms = 500,
	   .check = { .isolation = KTSTR_YES })
{
	char path[256];

	own_cgroup(path, sizeof(path));
	if (geteuid() != 1000 || strncmp(path, "0::/user/ktstr/run-", 19) != 0)
		ktstr_fail(ctx, "the test of user %u lives in '%s'", (unsigned)geteuid(), path);
	return ktstr_execute_defs(ctx,
				  KTSTR_CGROUP("cg_0", .workers = 2, .cpuset = KTSTR_CPUS_LIST("1"),
					       .cpu = { .weight = 50 }, .pids = { .max = 20 }));
}

KTSTR_TEST(on_host_fails, .topology = { .llcs = 1, .cores = 1 })
{
	printf("a word on standard output\n");
	ktstr_fail(ctx, "as it should");
	return 0;
}

KTSTR_TEST(on_host_skips_schedulers, .scheduler = &fixture, .topology = { .llcs = 1, .cores = 1 })
{
	ktstr_fail(ctx, "ran without its scheduler");
	return 0;
}

KTSTR_TEST(on_host_skips_large_topologies, .topology = { .llcs = 4, .cores = 2, .threads = 2 })
{
	ktstr_fail(ctx, "ran on too small a machine");
	return 0;
}

KTSTR_TEST(on_host_skips_devices, .network = true, .topology = { .llcs = 1, .cores = 1 })
{
	ktstr_fail(ctx, "ran without its network interface");
	return 0;
}

/* Everything that runs in cgroup cg of this test gets the signal. */
static void signal_workers(int number)
{
	char own[256], path[512];
	FILE *procs;
	int pid;

	own_cgroup(own, sizeof(own));
	*strrchr(own, '/') = '\0';
	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/scenario/cg/cgroup.procs", own + 3);
	procs = fopen(path, "re");
	while (procs && fscanf(procs, "%d", &pid) == 1)
		kill(pid, number);
	if (procs)
		fclose(procs);
}

KTSTR_TEST(on_host_stalls, .topology = { .llcs = 1, .cores = 1 }, .duration_ms = 2500)
{
	pid_t stopper;
	int result;

	setenv("KTSTR_STALL_POLL_MS", "100", 1);
	stopper = fork();
	if (stopper == 0) {
		usleep(700000);
		signal_workers(SIGSTOP);
		usleep(1500000);
		signal_workers(SIGCONT);
		_exit(0);
	}
	result = ktstr_execute_defs(ctx, KTSTR_CGROUP("cg", .workers = 1));
	return result;
}

/* A process that nobody waits for, in a session of its own, with open pipes. */
KTSTR_TEST(on_host_leaves_things, .topology = { .llcs = 1, .cores = 1 })
{
	struct ktstr_error error = { 0 };
	int err = ktstr_cgroup_create(ktstr_ctx_cgroups(ctx), "left", &error);
	pid_t pid;

	if (err)
		return ktstr_could_not_run(ctx, &error);
	if (fork() == 0) {
		setsid();
		pid = getpid();
		err = ktstr_cgroup_place_task(ktstr_ctx_cgroups(ctx), "left", pid, &error);
		for (;;)
			pause();
	}
	if (fork() == 0) {
		setsid();
		for (;;)
			pause();
	}
	return 0;
}

KTSTR_TEST(on_host_hangs, .topology = { .llcs = 1, .cores = 1 }, .timeout_ms = 1000)
{
	(void)ctx;
	while (pause())
		;
	return 0;
}

KTSTR_TEST(on_host_crashes, .topology = { .llcs = 1, .cores = 1 })
{
	(void)ctx;
	raise(SIGKILL);
	return 0;
}

KTSTR_TEST(on_host_takes_long, .topology = { .llcs = 1, .cores = 1 }, .duration_ms = 60000)
{
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg", .workers = 2));
}
