// SPDX-License-Identifier: GPL-2.0-only
/*
 * --host, on a machine that has cgroup v2 and nothing to lose: a guest. The tool and host_cases are
 * sent as payloads, for their libraries; these tests start them as a user would.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ktstr/ktstr.h>

#define PARENT "/sys/fs/cgroup/ktstr"

static const struct ktstr_payload tool = { .name = "tool", .exe = "./ktstr_tool" };
static const struct ktstr_payload cases = { .name = "cases", .exe = "./host_cases",
					    .include_files = KTSTR_FILES("ktstr_fixture.bpf.o") };

#define MACHINE .topology = { .llcs = 1, .cores = 2 }, .timeout_ms = 120000, .payloads = KTSTR_PAYLOADS(&tool, &cases)

static char output[1 << 16];

#define USER 1000
#define DELEGATED "/sys/fs/cgroup/user"

static bool as_user; /* what start() starts is not root's, */
static const char *user_cgroup; /* and lives there; NULL: where we do */

static bool write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");
	bool written = file && fputs(text, file) >= 0;

	return file && !fclose(file) && written;
}

/* In the child, which is root's until then. */
static bool become_user(void)
{
	return (!user_cgroup || write_file(user_cgroup, "0")) && !setgroups(0, NULL) &&
	       !setresgid(USER, USER, USER) && !setresuid(USER, USER, USER);
}

static pid_t start(const char *filter, int *ret_fd)
{
	const char *results = as_user ? "/tmp/user" : "/tmp/results";
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		if (as_user && !become_user())
			_exit(125);
		execl("./ktstr_tool", "ktstr", "test", "./host_cases", "--host", "--results", results, "--filter", filter, (char *)NULL);
		_exit(126);
	}
	close(ends[1]);
	*ret_fd = ends[0];
	return pid;
}

/* Exit status of "ktstr test ./host_cases --host --filter FILTER", its output in output. */
static int run(const char *filter)
{
	size_t used = 0;
	ssize_t got;
	int fd = -1, status = 0;
	pid_t pid = start(filter, &fd);

	while ((got = read(fd, output + used, sizeof(output) - 1 - used)) > 0)
		used += (size_t)got;
	output[used] = '\0';
	close(fd);
	waitpid(pid, &status, 0);
	printf("%s", output);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void expect(struct ktstr_ctx *ctx, const char *part)
{
	if (!strstr(output, part))
		ktstr_fail(ctx, "the output lacks '%s'", part);
}

/* Folders of tests that are there. */
static unsigned count_runs(void)
{
	DIR *dir = opendir(PARENT);
	struct dirent *entry;
	unsigned count = 0;

	while (dir && (entry = readdir(dir)))
		count += !strncmp(entry->d_name, "run-", 4);
	if (dir)
		closedir(dir);
	return count;
}

/* Processes of the name host_cases, workers included: those of the outer test have another. */
static unsigned count_processes(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned count = 0;

	while (proc && (entry = readdir(proc))) {
		char path[300], comm[32] = "";
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		file = fopen(path, "re");
		if (file && fgets(comm, sizeof(comm), file))
			count += !strcmp(comm, "host_cases\n");
		if (file)
			fclose(file);
	}
	if (proc)
		closedir(proc);
	return count;
}

static void nap(void)
{
	const struct timespec pause = { .tv_nsec = 20000000 };

	nanosleep(&pause, NULL);
}

static void expect_nothing_left(struct ktstr_ctx *ctx)
{
	for (unsigned i = 0; i < 250 && count_processes(); i++)
		nap();
	if (count_runs())
		ktstr_fail(ctx, "%u cgroups of tests are left", count_runs());
	if (count_processes())
		ktstr_fail(ctx, "%u processes of tests are left", count_processes());
}

static void expect_status(struct ktstr_ctx *ctx, const char *filter, int expected)
{
	int status = run(filter);

	if (status != expected)
		ktstr_fail(ctx, "'%s': exit status %d, not %d", filter, status, expected);
}

/* The one result file there is has this text. */
static void expect_result(struct ktstr_ctx *ctx, const char *part)
{
	static char json[1 << 16];
	DIR *dir = opendir("/tmp/results");
	struct dirent *entry;
	unsigned files = 0;

	while (dir && (entry = readdir(dir))) {
		char path[300];
		FILE *file;

		if (!strstr(entry->d_name, ".ktstr.json"))
			continue;
		files++;
		snprintf(path, sizeof(path), "/tmp/results/%s", entry->d_name);
		file = fopen(path, "re");
		json[file ? fread(json, 1, sizeof(json) - 1, file) : 0] = '\0';
		if (file)
			fclose(file);
	}
	if (dir)
		closedir(dir);
	if (files != 1 || !strstr(json, part))
		ktstr_fail(ctx, "%u result files, the last without '%s'", files, part);
}

KTSTR_TEST(host_passes_fails_and_skips, MACHINE)
{
	expect_status(ctx, "on_host_passes", 0);
	expect(ctx, "ok 1 - on_host_passes\n");
	expect_result(ctx, "\"accel\": \"host\"");
	expect_status(ctx, "on_host_fails", 1);
	expect(ctx, "not ok 1 - on_host_fails");
	expect(ctx, "as it should");
	expect(ctx, "a word on standard output");
	expect(ctx, "accel: host\n");
	expect(ctx, "--host");
	expect_status(ctx, "on_host_skips_*", 0);
	expect(ctx, "ok 1 - on_host_skips_schedulers # SKIP scheduler 'fixture' is attached in VMs only");
	expect(ctx, "ok 2 - on_host_skips_large_topologies # SKIP topology 1n4l2c2t ");
	expect(ctx, "is larger than this machine: 1 NUMA nodes, 1 LLCs, 2 cores, 2 CPUs");
	expect(ctx, "ok 3 - on_host_skips_devices # SKIP it asks for a network interface");
	expect_nothing_left(ctx);
	return 0;
}

KTSTR_TEST(host_reports_stalled_workers, MACHINE)
{
	expect_status(ctx, "on_host_stalls", 1);
	expect_result(ctx, "WorkerStalled");
	expect(ctx, "gets nowhere");
	expect(ctx, "\n        state: T\n"); /* a line of its own */
	expect_nothing_left(ctx);
	return 0;
}

KTSTR_TEST(host_cleans_up_after_tests, MACHINE)
{
	expect_status(ctx, "on_host_leaves_things", 0);
	expect_nothing_left(ctx);
	expect_status(ctx, "on_host_hangs", 1);
	expect(ctx, "# TIMEOUT timed out after 1.0 s while the test ran");
	expect_nothing_left(ctx);
	expect_status(ctx, "on_host_crashes", 1);
	expect(ctx, "the test process was killed by signal 9");
	expect_nothing_left(ctx);
	return 0;
}

/* Start the long test, and wait until its two workers run. */
static pid_t start_long(struct ktstr_ctx *ctx, int *ret_fd)
{
	pid_t pid = start("on_host_takes_long", ret_fd);

	for (unsigned i = 0; i < 1000 && count_processes() < 2; i++)
		nap();
	if (count_processes() < 2 || count_runs() != 1)
		ktstr_fail(ctx, "%u processes, %u cgroups of tests after 20 s", count_processes(), count_runs());
	return pid;
}

KTSTR_TEST(host_survives_the_death_of_the_runner, MACHINE)
{
	int fd, status;
	pid_t pid = start_long(ctx, &fd);

	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	close(fd);
	for (unsigned i = 0; i < 250 && count_processes(); i++)
		nap();
	if (count_processes())
		ktstr_fail(ctx, "%u processes outlive the runner", count_processes());
	if (count_runs() != 1)
		ktstr_fail(ctx, "%u cgroups are left, which the next run should find", count_runs());
	expect_status(ctx, "on_host_fails", 1);
	expect_nothing_left(ctx);
	return 0;
}

KTSTR_TEST(host_stops_at_once_when_told, MACHINE)
{
	size_t used = 0;
	ssize_t got;
	int fd, status;
	pid_t pid = start_long(ctx, &fd);

	kill(pid, SIGTERM);
	while ((got = read(fd, output + used, sizeof(output) - 1 - used)) > 0)
		used += (size_t)got;
	output[used] = '\0';
	waitpid(pid, &status, 0);
	close(fd);
	expect(ctx, "Bail out! interrupted");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 2)
		ktstr_fail(ctx, "wait status %x", status);
	expect_nothing_left(ctx);
	return 0;
}

/* A run may not take what belongs to another. */
KTSTR_TEST(host_runs_side_by_side, MACHINE)
{
	int fd, status;
	pid_t pid = start_long(ctx, &fd);

	expect_status(ctx, "on_host_passes", 0);
	if (count_runs() != 1 || count_processes() < 2)
		ktstr_fail(ctx, "the other run lost its cgroup or its workers");
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	close(fd);
	expect_nothing_left(ctx);
	return 0;
}

KTSTR_TEST(host_stays_below_its_walk_root, MACHINE)
{
	setenv("KTSTR_CGROUP_WALK_ROOT", "/tmp", 1);
	expect_status(ctx, "on_host_fails", 2);
	expect(ctx, "option --host: no cgroup v2 file system at '/tmp'");

	/* Nothing is passed on to a grandchild of the root. */
	mkdir("/sys/fs/cgroup/delegated", 0755);
	mkdir("/sys/fs/cgroup/delegated/bare", 0755);
	setenv("KTSTR_CGROUP_WALK_ROOT", "/sys/fs/cgroup/delegated/bare", 1);
	expect_status(ctx, "on_host_fails", 2);
	expect(ctx, "'/sys/fs/cgroup/delegated/bare' lacks the controllers cpuset cpu memory pids (it has '");
	expect(ctx, "Delegate=");
	rmdir("/sys/fs/cgroup/delegated/bare");

	setenv("KTSTR_CGROUP_WALK_ROOT", "/sys/fs/cgroup/delegated/", 1);
	expect_status(ctx, "on_host_passes", 1); /* for it is particular about where it lives */
	expect(ctx, "the test lives in '0::/delegated/ktstr/run-");
	if (rmdir("/sys/fs/cgroup/delegated"))
		ktstr_fail(ctx, "something is left below the walk root: %s", strerror(errno));
	return 0;
}

/* What systemd does for Delegate=: the directory and the two files belong to the user. */
static bool delegate(void)
{
	static const char *const given[] = { DELEGATED, DELEGATED "/cgroup.procs",
					     DELEGATED "/cgroup.subtree_control" };

	if (!write_file("/sys/fs/cgroup/cgroup.subtree_control", "+cpuset +cpu +memory +pids +io") ||
	    mkdir(DELEGATED, 0755) || mkdir(DELEGATED "/shell", 0755))
		return false;
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		if (chown(given[i], USER, USER))
			return false;
	return true;
}

KTSTR_TEST(host_needs_no_root_where_a_cgroup_is_delegated, MACHINE)
{
	as_user = true;
	if (mkdir("/tmp/user", 0700) || chown("/tmp/user", USER, USER) || chmod(".", 0755) || !delegate()) {
		ktstr_fail(ctx, "prepare for another user: %s", strerror(errno));
		return 0;
	}
	expect_status(ctx, "on_host_as_user", 2);
	expect(ctx, "option --host: no cgroup is delegated to the user 1000; run as root, or set KTSTR_CGROUP_WALK_ROOT");

	setenv("KTSTR_CGROUP_WALK_ROOT", "/sys/fs/cgroup", 1);
	expect_status(ctx, "on_host_as_user", 2);
	expect(ctx, "option --host: write '+cpuset +cpu +memory +pids +io' to '/sys/fs/cgroup/cgroup.subtree_control': "
		    "Permission denied; run as root or set KTSTR_CGROUP_WALK_ROOT");
	unsetenv("KTSTR_CGROUP_WALK_ROOT");

	user_cgroup = DELEGATED "/shell/cgroup.procs";
	expect_status(ctx, "on_host_as_user", 0);
	expect(ctx, "ok 1 - on_host_as_user\n");
	expect_nothing_left(ctx);
	if (rmdir(DELEGATED "/shell") || rmdir(DELEGATED))
		ktstr_fail(ctx, "something is left below what was delegated: %s", strerror(errno));
	return 0;
}
