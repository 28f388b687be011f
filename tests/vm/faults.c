// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that end badly on purpose, in every way a test can. They are not run by themselves: a
 * driver runs each one and compares what ktstr makes of it (outcomes.c).
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "expect.h"

static const struct ktstr_scheduler crashing = { .name = "crashing", .bpf_object = "ktstr_crash.bpf.o" };
static const struct ktstr_scheduler starving = { .name = "starving", .bpf_object = "ktstr_starve.bpf.o" };
static const struct ktstr_scheduler missing = { .name = "missing", .bpf_object = "no_such_file.bpf.o" };

static const struct ktstr_scheduler garbage = { .name = "garbage", .bpf_object = "/etc/passwd" };

static void sysrq(const char *command)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, command, 1) < 0)
		perror("sysrq-trigger");
}

KTSTR_TEST(fault_fails)
{
	ktstr_fail(ctx, "the answer is %d, not 42", 41);
	return 0;
}

KTSTR_TEST(fault_fails_as_expected, .expect_err = true)
{
	ktstr_fail(ctx, "the answer is %d, not 42", 41);
	return 0;
}

KTSTR_TEST(fault_passes_unexpectedly, .expect_err = true)
{
	(void)ctx;
	return 0;
}

KTSTR_TEST(fault_skips)
{
	ktstr_skip(ctx, "needs %d moons", 2);
	return 0;
}

KTSTR_TEST(fault_cannot_run)
{
	struct ktstr_error error = { 0 };

	return ktstr_could_not_run(ctx, (ktstr_error_set(&error, -ENODEV, "no such device 'moon'"), &error));
}

KTSTR_TEST(fault_segfaults)
{
	(void)ctx;
	fprintf(stderr, "about to crash\n");
	raise(SIGSEGV);
	return 0;
}

KTSTR_TEST(fault_exits)
{
	(void)ctx;
	exit(7);
}

KTSTR_TEST(fault_hangs, .timeout_ms = 3000)
{
	(void)ctx;
	while (pause() < 0)
		;
	return 0;
}

KTSTR_TEST(fault_panics)
{
	(void)ctx;
	sysrq("c");
	return 0;
}

KTSTR_TEST(fault_attacks_init)
{
	(void)ctx;
	kill(1, SIGSEGV);
	sleep(1);
	return 0;
}

KTSTR_TEST(fault_powers_off)
{
	(void)ctx;
	sysrq("o");
	sleep(5);
	return 0;
}

KTSTR_TEST(fault_scheduler_dies, .scheduler = &crashing, .duration_ms = 5000)
{
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0", .workers = 2));
}

KTSTR_TEST(fault_scheduler_missing, .scheduler = &missing)
{
	(void)ctx;
	return 0;
}

KTSTR_TEST(fault_scheduler_garbage, .scheduler = &garbage)
{
	(void)ctx;
	return 0;
}

KTSTR_TEST(fault_duplicate_cgroup)
{
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("twin"), KTSTR_CGROUP("twin"));
}

KTSTR_TEST(fault_empty_cpuset, .topology = { .cores = 2 })
{
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("none", .cpuset = KTSTR_CPUS_RANGE(0.0, 0.1)));
}

KTSTR_TEST(fault_offline_cpu, .topology = { .cores = 2 })
{
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("far", .cpuset = KTSTR_CPUS_LIST("0,7")));
}

KTSTR_TEST(fault_bad_name)
{
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("../escape"));
}

/* The starving fixture keeps its victims from the CPU for about 1.2 s at a time. */
KTSTR_TEST(fault_starves, .scheduler = &starving, .duration_ms = 3000, .check = { .max_gap_ms = 1000 })
{
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0", .workers = 2));
}

KTSTR_TEST(fault_starves_as_expected, .scheduler = &starving, .duration_ms = 3000, .check = { .max_gap_ms = 1000 },
	   .expect_err = true)
{
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0", .workers = 2));
}

KTSTR_TEST(fault_floods_the_log)
{
	char line[1024];

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\n';
	for (int i = 0; i < 4096; i++)
		if (write(STDOUT_FILENO, line, sizeof(line)) < 0)
			ktstr_note(ctx, "write: %s", strerror(errno));
	ktstr_fail(ctx, "wrote %d KiB", 4096);
	return 0;
}

KTSTR_TEST(fault_leaves_processes)
{
	(void)ctx;
	for (int i = 0; i < 3; i++)
		if (fork() == 0) {
			signal(SIGTERM, SIG_IGN);
			setsid();
			for (;;)
				pause();
		}
	return 0;
}
