// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pool measured: what 50 tests that hold for no time take at -j 1 and at -j 2, in turns, and
 * the memory that each further VM costs, as the sum of PSS (what is shared is counted once) over
 * all QEMUs while their tests stay.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/option.h"
#include "series.h"

#define VMS_MAX 4
#define SETTLE_LIMIT_MS 120000 /* four cold boots on a small machine */
#define SETTLED_MS 3000        /* memory that has not grown for that long has settled */
#define LOOK_MS 200

struct arguments {
	uint64_t rounds;
	const char *filter; /* of the tests that are timed */
	bool no_memory;
};

static const struct option_row rows[] = {
	OPTION_U64("rounds", 'r', struct arguments, rounds, "N", "how often each is measured (default 10)"),
	OPTION_STRING("filter", 'f', struct arguments, filter, "GLOB", "tests to time (default empty_*)"),
	OPTION_FLAG("no-memory", 0, struct arguments, no_memory, "leave the memory out"),
	OPTION_END,
};

static const struct option_set options = {
	.command = "pool",
	.synopsis = "[OPTION...]",
	.summary = "Times tests at -j 1 and -j 2, and measures what a further VM costs.",
	.rows = rows,
};

static char results[] = "/tmp/ktstr-bench-pool-XXXXXX";

/* Result files alone are in it. */
static void remove_results(void)
{
	auto_closedir DIR *dir = opendir(results);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (rmdir(results) < 0)
		fprintf(stderr, "pool: '%s' is left behind: %s\n", results, strerror(errno));
}

/* The test binary with -j jobs; its output goes nowhere. */
static int start(const char *filter, const char *jobs, pid_t *ret_pid, struct ktstr_error *error)
{
	const char *const argv[] = { BENCH_FIFTY, "--filter", filter, "--jobs", jobs,
				     "--results", results, NULL };
	posix_spawn_file_actions_t actions;
	int err;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	err = posix_spawn(ret_pid, argv[0], &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return err ? ktstr_error_set(error, -err, "start '%s': %s", argv[0], strerror(err)) : 0;
}

static int time_run(const char *filter, const char *jobs, struct series *series,
		    struct ktstr_error *error)
{
	uint64_t begin_ns = clock_now_ns();
	int status;
	pid_t pid;
	int err = start(filter, jobs, &pid, error);

	if (err)
		return err;
	if (waitpid(pid, &status, 0) != pid)
		return ktstr_error_set(error, -errno, "wait for '%s': %s", BENCH_FIFTY, strerror(errno));
	if (status != 0)
		return ktstr_error_set(error, -EPROTO, "'%s' -j %s: a test did not pass, see '%s'",
				       BENCH_FIFTY, jobs, results);
	series_add(series, (double)(clock_now_ns() - begin_ns) / NS_PER_MS);
	return 0;
}

static int measure_times(const struct arguments *arguments, struct ktstr_error *error)
{
	struct series one = { 0 }, two = { 0 };
	int err = 0;

	for (uint64_t i = 0; !err && i < arguments->rounds; i++) {
		err = time_run(arguments->filter, "1", &one, error);
		if (!err)
			err = time_run(arguments->filter, "2", &two, error);
	}
	if (err)
		return err;
	printf("tests '%s', from exec to exit, %" PRIu64 " rounds\n", arguments->filter, arguments->rounds);
	printf("%-46s %8s %8s %8s %8s\n", "", "ms", "least", "most", "faster");
	series_print(&one, "-j 1", NULL);
	series_print(&two, "-j 2", &one);
	return 0;
}

/* A value of a "Key:  123 kB" line of a file of a process; 0 when there is none. */
static uint64_t read_value(const char *pid, const char *file, const char *key)
{
	char path[64], line[256];
	uint64_t value = 0;

	snprintf(path, sizeof(path), "/proc/%.20s/%s", pid, file);
	auto_fclose FILE *in = fopen(path, "re");
	while (in && fgets(line, sizeof(line), in))
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtoull(line + strlen(key), NULL, 10);
	return value;
}

struct memory {
	unsigned vms;
	uint64_t pss_kib, rss_kib;
};

/* Of all QEMUs below the runner: the test binary becomes the tool, so they are its children. */
static struct memory look(pid_t runner)
{
	struct memory memory = { 0 };
	auto_closedir DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
		    read_value(entry->d_name, "status", "PPid:") != (uint64_t)runner)
			continue;
		memory.vms++;
		memory.pss_kib += read_value(entry->d_name, "smaps_rollup", "Pss:");
		memory.rss_kib += read_value(entry->d_name, "smaps_rollup", "Rss:");
	}
	return memory;
}

static int settle(pid_t runner, unsigned vms, struct memory *ret_memory, struct ktstr_error *error)
{
	uint64_t deadline_ns = clock_deadline_ms(SETTLE_LIMIT_MS), since_ns = clock_now_ns();
	struct memory before = { 0 };

	while (clock_now_ns() < deadline_ns) {
		const struct timespec pause = clock_timespec(LOOK_MS * NS_PER_MS);
		struct memory now = look(runner);

		/* 1 %: guests touch a page now and then. */
		if (now.vms != vms || now.pss_kib > before.pss_kib + before.pss_kib / 100) {
			before = now;
			since_ns = clock_now_ns();
		} else if (clock_now_ns() - since_ns > SETTLED_MS * NS_PER_MS) {
			*ret_memory = now;
			return 0;
		}
		nanosleep(&pause, NULL);
	}
	return ktstr_error_set(error, -ETIMEDOUT, "%u of %u VMs run after %d s, and their memory still grows",
			       before.vms, vms, SETTLE_LIMIT_MS / 1000);
}

static int measure_memory(struct ktstr_error *error)
{
	uint64_t before_kib = 0;

	printf("memory while %d tests stay, 1 GiB each\n", VMS_MAX);
	for (unsigned vms = 1; vms <= VMS_MAX; vms++) {
		struct memory memory = { 0 };
		char jobs[16];
		pid_t pid;
		int err;

		snprintf(jobs, sizeof(jobs), "%u", vms);
		err = start("stay_*", jobs, &pid, error);
		if (err)
			return err;
		err = settle(pid, vms, &memory, error);
		kill(pid, SIGINT);
		waitpid(pid, NULL, 0);
		if (err)
			return err;
		printf("%u VMs    PSS %5" PRIu64 " MiB, RSS %5" PRIu64 " MiB, %+5" PRId64 " MiB for the last one\n",
		       vms, memory.pss_kib / 1024, memory.rss_kib / 1024,
		       ((int64_t)memory.pss_kib - (int64_t)before_kib) / 1024);
		before_kib = memory.pss_kib;
		fflush(stdout);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct arguments arguments = { .rounds = 10, .filter = "empty_*" };
	struct ktstr_error error = { 0 };
	unsigned args;
	int err = option_parse(&options, argc, argv, &arguments, &args, &error);

	if (err == OPTION_HELP_ASKED) {
		option_print_help(&options, stdout);
		return 0;
	}
	if (!err && arguments.rounds > SERIES_MAX)
		err = ktstr_error_set(&error, -ERANGE, "option --rounds: %" PRIu64 " out of range 0..=%d",
				      arguments.rounds, SERIES_MAX);
	if (!err && !mkdtemp(results))
		err = ktstr_error_set(&error, -errno, "folder '%s': %s", results, strerror(errno));
	if (err) {
		fprintf(stderr, "pool: %s\n", error.text);
		return 2;
	}
	if (arguments.rounds)
		err = measure_times(&arguments, &error);
	if (!err && !arguments.no_memory)
		err = measure_memory(&error);
	remove_results();
	if (err)
		fprintf(stderr, "pool: %s\n", error.text);
	return err ? 2 : 0;
}
