// SPDX-License-Identifier: GPL-2.0-only
/* Cgroups on a real kernel: what is written is read back, what is refused is explained, it works. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "expect.h"

#define EVENT_LIMIT_MS 10000 /* for the kernel to freeze or thaw a handful of processes */

static void sleep_ms(long ms)
{
	const struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* The content of a cgroup's file without the line break at its end; "(unreadable)". */
static const char *read_file(const char *cgroup, const char *file)
{
	static char text[2048];
	char path[256];
	size_t length;
	FILE *stream;

	snprintf(path, sizeof(path), KTSTR_CGROUP_PARENT "/%s/%s", cgroup, file);
	stream = fopen(path, "re");
	if (!stream)
		return "(unreadable)";
	length = fread(text, 1, sizeof(text) - 1, stream);
	fclose(stream);
	while (length && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	return text;
}

static bool write_file(const char *cgroup, const char *file, const char *text)
{
	char path[256];
	FILE *stream;

	snprintf(path, sizeof(path), KTSTR_CGROUP_PARENT "/%s/%s", cgroup, file);
	stream = fopen(path, "we");
	if (!stream)
		return false;
	fputs(text, stream);
	return !fclose(stream);
}

/* The number behind key in a file of "key number" lines; -1 without it. */
static long long read_key(const char *cgroup, const char *file, const char *key)
{
	const char *text = read_file(cgroup, file);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == ' ')
			return strtoll(line + strlen(key), NULL, 10);
	}
	return -1;
}

#define EXPECT_FILE(ctx, cgroup, file, expected)                                                 \
	EXPECT(ctx, !strcmp(read_file(cgroup, file), expected), "%s/%s is '%s', not '%s'",       \
	       cgroup, file, read_file(cgroup, file), expected)

#define ALL_CONTROLLERS (KTSTR_CONTROLLER_CPUSET | KTSTR_CONTROLLER_CPU | KTSTR_CONTROLLER_MEMORY | \
			 KTSTR_CONTROLLER_PIDS | KTSTR_CONTROLLER_IO)

static void set_of(cpu_set_t *set, int first, int last)
{
	CPU_ZERO(set);
	for (int i = first; i <= last; i++)
		CPU_SET(i, set);
}

KTSTR_TEST(settings_are_read_back, .topology = { .numa_nodes = 2, .llcs = 2, .cores = 2 })
{
	struct ktstr_cgroups *cgroups = ktstr_ctx_cgroups(ctx);
	struct ktstr_error error = { 0 };
	cpu_set_t set;
	int err;

	TRY(ctx, ktstr_cgroups_setup(cgroups, ALL_CONTROLLERS, &error));
	TRY(ctx, ktstr_cgroup_create(cgroups, "cg", &error));
	TRY(ctx, ktstr_cgroup_read_cpuset(cgroups, "cg", &set, &error));
	EXPECT(ctx, !CPU_COUNT(&set), "%d cpus at first", CPU_COUNT(&set));
	set_of(&set, 1, 2);
	TRY(ctx, ktstr_cgroup_set_cpuset(cgroups, "cg", &set, &error));
	EXPECT_FILE(ctx, "cg", "cpuset.cpus", "1-2");
	EXPECT_FILE(ctx, "cg", "cpuset.cpus.effective", "1-2");
	set_of(&set, 3, 3);
	TRY(ctx, ktstr_cgroup_read_cpuset(cgroups, "cg", &set, &error));
	EXPECT(ctx, CPU_COUNT(&set) == 2 && CPU_ISSET(1, &set) && CPU_ISSET(2, &set), "%d cpus", CPU_COUNT(&set));
	TRY(ctx, ktstr_cgroup_clear_cpuset(cgroups, "cg", &error));
	EXPECT_FILE(ctx, "cg", "cpuset.cpus", "");
	EXPECT_FILE(ctx, "cg", "cpuset.cpus.effective", "0-3");
	set_of(&set, 1, 1);
	TRY(ctx, ktstr_cgroup_set_cpuset_mems(cgroups, "cg", &set, &error));
	EXPECT_FILE(ctx, "cg", "cpuset.mems", "1");
	EXPECT_FILE(ctx, "cg", "cpuset.mems.effective", "1");

	TRY(ctx, ktstr_cgroup_set_cpu_weight(cgroups, "cg", 250, &error));
	EXPECT_FILE(ctx, "cg", "cpu.weight", "250");
	TRY(ctx, ktstr_cgroup_set_cpu_max(cgroups, "cg", 150000, 100000, &error));
	EXPECT_FILE(ctx, "cg", "cpu.max", "150000 100000");
	TRY(ctx, ktstr_cgroup_set_cpu_max(cgroups, "cg", KTSTR_UNLIMITED, 50000, &error));
	EXPECT_FILE(ctx, "cg", "cpu.max", "max 50000");

	TRY(ctx, ktstr_cgroup_set_memory_max(cgroups, "cg", 64 << 20, &error));
	EXPECT_FILE(ctx, "cg", "memory.max", "67108864");
	TRY(ctx, ktstr_cgroup_set_memory_max(cgroups, "cg", KTSTR_UNLIMITED, &error));
	EXPECT_FILE(ctx, "cg", "memory.max", "max");
	TRY(ctx, ktstr_cgroup_set_memory_high(cgroups, "cg", 48 << 20, &error));
	EXPECT_FILE(ctx, "cg", "memory.high", "50331648");
	TRY(ctx, ktstr_cgroup_set_memory_low(cgroups, "cg", 1 << 20, &error));
	EXPECT_FILE(ctx, "cg", "memory.low", "1048576");
	TRY(ctx, ktstr_cgroup_set_memory_low(cgroups, "cg", 0, &error));
	EXPECT_FILE(ctx, "cg", "memory.low", "0");

	/* What the kernel may lack is written, or the refusal says what it lacks. */
	err = ktstr_cgroup_set_memory_swap_max(cgroups, "cg", 4096, &error);
	if (!err)
		EXPECT_FILE(ctx, "cg", "memory.swap.max", "4096");
	else
		EXPECT(ctx, err == -ENOENT && strstr(error.text, "CONFIG_SWAP"), "%s", error.text);
	err = ktstr_cgroup_set_io_weight(cgroups, "cg", 77, &error);
	if (!err)
		EXPECT_FILE(ctx, "cg", "io.weight", "default 77");
	else
		EXPECT(ctx, err == -ENOENT && strstr(error.text, "CONFIG_BLK_CGROUP_IOCOST"), "%s", error.text);

	TRY(ctx, ktstr_cgroup_set_pids_max(cgroups, "cg", 12, &error));
	EXPECT_FILE(ctx, "cg", "pids.max", "12");
	TRY(ctx, ktstr_cgroup_set_pids_max(cgroups, "cg", KTSTR_UNLIMITED, &error));
	EXPECT_FILE(ctx, "cg", "pids.max", "max");
	TRY(ctx, ktstr_cgroup_remove(cgroups, "cg", &error));
	return 0;
}

/* A call that the kernel refuses, and what has to be said of it. */
#define EXPECT_REFUSED(ctx, call, code, ...)                                                     \
	do {                                                                                     \
		const char *const says_[] = { __VA_ARGS__ };                                     \
		int err_ = (call);                                                               \
		EXPECT(ctx, err_ == (code), "%d (%s)", err_, error.text);                        \
		for (size_t i_ = 0; i_ < sizeof(says_) / sizeof(says_[0]); i_++)                 \
			EXPECT(ctx, strstr(error.text, says_[i_]), "'%s' in: %s", says_[i_],     \
			       error.text);                                                      \
	} while (0)

KTSTR_TEST(refusals_are_explained)
{
	struct ktstr_cgroups *cgroups = ktstr_ctx_cgroups(ctx);
	struct ktstr_error error = { 0 };
	cpu_set_t set;

	TRY(ctx, ktstr_cgroups_setup(cgroups, ALL_CONTROLLERS, &error));
	TRY(ctx, ktstr_cgroup_create(cgroups, "a/b", &error));
	EXPECT_REFUSED(ctx, ktstr_cgroup_set_memory_max(cgroups, "a/b", 1 << 20, &error), -ENOENT,
		       "cgroup 'a/b': memory.max '1048576'", "/ktstr/a/b/memory.max' (ENOENT)",
		       "it needs the memory controller, which the parent has and does not pass on",
		       "parent '/sys/fs/cgroup/ktstr/a'", "passes on 'cpuset'");
	EXPECT_REFUSED(ctx, ktstr_cgroup_set_cpu_max(cgroups, "a", 1, 100000, &error), -EINVAL,
		       "cpu.max '1 100000'", "quota of at least 1000 us", "cpu.max exists");
	set_of(&set, 1000, 1000);
	EXPECT_REFUSED(ctx, ktstr_cgroup_set_cpuset(cgroups, "a", &set, &error), error.code,
		       "cpuset.cpus '1000'", "the kernel takes a list of possible cpus");
	EXPECT(ctx, error.code == -EINVAL || error.code == -ERANGE, "%d", error.code);
	set_of(&set, 7, 7);
	EXPECT_REFUSED(ctx, ktstr_cgroup_set_cpuset_mems(cgroups, "a", &set, &error), error.code,
		       "cpuset.mems '7'", "NUMA nodes that have memory");
	EXPECT_REFUSED(ctx, ktstr_cgroup_set_cpu_weight(cgroups, "gone", 100, &error), -ENOENT,
		       "cgroup 'gone' does not exist");
	TRY(ctx, ktstr_cgroup_remove(cgroups, "a/b", &error));
	TRY(ctx, ktstr_cgroup_remove(cgroups, "a", &error));
	return 0;
}

KTSTR_TEST(processes_are_moved_read_and_drained, .topology = { .cores = 2 })
{
	struct ktstr_workload_config config = { .num_workers = 3 };
	struct ktstr_cgroups *cgroups = ktstr_ctx_cgroups(ctx);
	struct ktstr_error error = { 0 };
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	pid_t *read = NULL;
	const pid_t *pids;
	size_t count, read_count = 99;
	int err;

	TRY(ctx, ktstr_cgroups_setup(cgroups, KTSTR_CONTROLLER_CPUSET | KTSTR_CONTROLLER_MEMORY, &error));
	TRY(ctx, ktstr_cgroup_create(cgroups, "a/b", &error));
	EXPECT_FILE(ctx, "a", "cgroup.subtree_control", "cpuset");
	TRY(ctx, ktstr_cgroup_read_procs(cgroups, "a", &read, &read_count, &error));
	free(read);
	EXPECT(ctx, read_count == 0, "%zu in an empty cgroup", read_count);
	TRY(ctx, ktstr_workload_spawn(&config, &workload, &error));
	pids = ktstr_workload_pids(workload, &count);
	ktstr_workload_start(workload);

	/* A cgroup that passes memory on takes no process, until it does not any more. */
	EXPECT(ctx, write_file("a", "cgroup.subtree_control", "+memory"), "errno %d", errno);
	err = ktstr_cgroup_move_tasks(cgroups, "a", pids, count, &error);
	EXPECT(ctx, err == -EBUSY && strstr(error.text, "after 3 attempts"), "%d (%s)", err, error.text);
	TRY(ctx, ktstr_cgroup_clear_subtree_control(cgroups, "a", &error));
	EXPECT_FILE(ctx, "a", "cgroup.subtree_control", "");
	TRY(ctx, ktstr_cgroup_move_tasks(cgroups, "a", pids, count, &error));
	TRY(ctx, ktstr_cgroup_read_procs(cgroups, "a", &read, &read_count, &error));
	EXPECT(ctx, read_count == count, "%zu", read_count);
	for (size_t i = 0; i < count; i++) {
		bool there = false;

		for (size_t j = 0; j < read_count; j++)
			there |= read[j] == pids[i];
		EXPECT(ctx, there, "worker %zu", i);
	}
	free(read);

	TRY(ctx, ktstr_cgroup_drain_tasks(cgroups, "a", &error));
	EXPECT_FILE(ctx, "a", "cgroup.procs", "");
	EXPECT(ctx, ktstr_cgroup_read_procs(cgroups, "gone", &read, &read_count, &error) == -ENOENT, "%s", error.text);
	TRY(ctx, ktstr_cgroup_remove(cgroups, "a/b", &error));
	TRY(ctx, ktstr_cgroup_remove(cgroups, "a", &error));
	return 0;
}

static bool wait_for_frozen(const char *cgroup, long long expected)
{
	uint64_t end_us = now_us() + EVENT_LIMIT_MS * 1000;

	while (read_key(cgroup, "cgroup.events", "frozen") != expected) {
		if (now_us() >= end_us)
			return false;
		sleep_ms(5);
	}
	return true;
}

KTSTR_TEST(frozen_workers_stand_still, .topology = { .cores = 2 })
{
	struct ktstr_workload_config config = { .num_workers = 2 };
	struct ktstr_cgroups *cgroups = ktstr_ctx_cgroups(ctx);
	struct ktstr_error error = { 0 };
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	uint64_t before[2], after[2], end_us;
	const pid_t *pids;
	size_t count;

	TRY(ctx, ktstr_cgroup_create(cgroups, "cold", &error));
	TRY(ctx, ktstr_workload_spawn(&config, &workload, &error));
	pids = ktstr_workload_pids(workload, &count);
	TRY(ctx, ktstr_cgroup_move_tasks(cgroups, "cold", pids, count, &error));
	ktstr_workload_start(workload);
	sleep_ms(100);
	for (int again = 0; again < 2; again++)
		TRY(ctx, ktstr_cgroup_freeze(cgroups, "cold", &error));
	EXPECT(ctx, wait_for_frozen("cold", 1), "%s", read_file("cold", "cgroup.events"));
	ktstr_workload_snapshot_iterations(workload, before, 2);
	sleep_ms(100);
	ktstr_workload_snapshot_iterations(workload, after, 2);
	EXPECT(ctx, !memcmp(before, after, sizeof(before)), "%llu to %llu", (unsigned long long)before[0],
	       (unsigned long long)after[0]);
	TRY(ctx, ktstr_cgroup_unfreeze(cgroups, "cold", &error));
	EXPECT(ctx, wait_for_frozen("cold", 0), "%s", read_file("cold", "cgroup.events"));
	end_us = now_us() + EVENT_LIMIT_MS * 1000;
	do {
		sleep_ms(5);
		ktstr_workload_snapshot_iterations(workload, after, 2);
	} while ((after[0] == before[0] || after[1] == before[1]) && now_us() < end_us);
	EXPECT(ctx, after[0] > before[0] && after[1] > before[1], "%llu and %llu more",
	       (unsigned long long)(after[0] - before[0]), (unsigned long long)(after[1] - before[1]));

	/* Frozen again, it is thawed to be removed. */
	TRY(ctx, ktstr_cgroup_freeze(cgroups, "cold", &error));
	TRY(ctx, ktstr_cgroup_remove(cgroups, "cold", &error));
	EXPECT_FILE(ctx, "cold", "cgroup.procs", "(unreadable)");
	return 0;
}

#define FORKS_MAX 8
#define WRONG_CGROUP 100
#define WRONG_ERRNO 101

/* Is placed before it does anything, then forks until it may not; exits with how often it could. */
static _Noreturn void fork_until_refused(int go)
{
	pid_t children[FORKS_MAX];
	int forks = 0, wrong = 0;
	char path[256] = "";
	FILE *stream;

	if (read(go, path, 1) != 1)
		_exit(WRONG_CGROUP);
	stream = fopen("/proc/self/cgroup", "re");
	if (!stream || !fgets(path, sizeof(path), stream) || strcmp(path, "0::/ktstr/few\n"))
		_exit(WRONG_CGROUP);
	fclose(stream);
	while (forks < FORKS_MAX) {
		pid_t pid = fork();

		if (!pid) {
			pause();
			_exit(0);
		}
		if (pid < 0) {
			wrong = errno != EAGAIN;
			break;
		}
		children[forks++] = pid;
	}
	for (int i = 0; i < forks; i++)
		kill(children[i], SIGKILL);
	_exit(wrong ? WRONG_ERRNO : forks);
}

KTSTR_TEST(pids_max_limits_forks)
{
	struct ktstr_cgroups *cgroups = ktstr_ctx_cgroups(ctx);
	struct ktstr_error error = { 0 };
	int go[2], status = 0;
	pid_t child;

	TRY(ctx, ktstr_cgroups_setup(cgroups, KTSTR_CONTROLLER_PIDS, &error));
	TRY(ctx, ktstr_cgroup_create(cgroups, "few", &error));
	TRY(ctx, ktstr_cgroup_set_pids_max(cgroups, "few", 4, &error));
	if (pipe(go))
		return -errno;
	child = fork();
	if (!child) {
		close(go[1]);
		fork_until_refused(go[0]);
	}
	TRY(ctx, ktstr_cgroup_place_task(cgroups, "few", child, &error));
	if (write(go[1], "x", 1) != 1)
		return -errno;
	waitpid(child, &status, 0);
	close(go[0]);
	close(go[1]);
	EXPECT(ctx, WIFEXITED(status) && WEXITSTATUS(status) == 3, "status %#x", status);
	EXPECT(ctx, read_key("few", "pids.events", "max") >= 1, "%s", read_file("few", "pids.events"));
	TRY(ctx, ktstr_cgroup_remove(cgroups, "few", &error));
	return 0;
}

/* Two busy workers on two CPUs, allowed a tenth of one: 40 times less than they would take. */
KTSTR_TEST(cpu_max_throttles, .topology = { .cores = 2 })
{
	struct ktstr_workload_config config = { .num_workers = 2 };
	struct ktstr_cgroups *cgroups = ktstr_ctx_cgroups(ctx);
	struct ktstr_error error = { 0 };
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	long long usage_us, throttled;
	uint64_t start_us, took_us;
	const pid_t *pids;
	size_t count;

	TRY(ctx, ktstr_cgroups_setup(cgroups, KTSTR_CONTROLLER_CPU, &error));
	TRY(ctx, ktstr_cgroup_create(cgroups, "slow", &error));
	TRY(ctx, ktstr_cgroup_set_cpu_max(cgroups, "slow", 10000, 100000, &error));
	TRY(ctx, ktstr_workload_spawn(&config, &workload, &error));
	pids = ktstr_workload_pids(workload, &count);
	TRY(ctx, ktstr_cgroup_move_tasks(cgroups, "slow", pids, count, &error));
	usage_us = read_key("slow", "cpu.stat", "usage_usec");
	start_us = now_us();
	ktstr_workload_start(workload);
	sleep_ms(1000);
	usage_us = read_key("slow", "cpu.stat", "usage_usec") - usage_us;
	took_us = now_us() - start_us;
	throttled = read_key("slow", "cpu.stat", "nr_throttled");
	EXPECT(ctx, throttled >= 3, "throttled %lld times in %llu us", throttled, (unsigned long long)took_us);
	/* A quarter of what they could have had: slices, and ticks that TCG delays, overrun a quota. */
	EXPECT(ctx, usage_us * 2 < (long long)took_us, "%lld us of cpu time in %llu us", usage_us,
	       (unsigned long long)took_us);
	TRY(ctx, ktstr_cgroup_set_cpu_max(cgroups, "slow", KTSTR_UNLIMITED, 100000, &error));
	TRY(ctx, ktstr_cgroup_remove(cgroups, "slow", &error));
	return 0;
}

KTSTR_TEST(machine_knows_the_guest, .topology = { .numa_nodes = 2, .llcs = 2, .cores = 1, .threads = 2 })
{
	const struct ktstr_machine *machine = ktstr_ctx_machine(ctx);
	struct ktstr_error error = { 0 };
	struct ktstr_node_memory memory;
	struct ktstr_machine *found;
	cpu_set_t asked, seen;

	for (unsigned node = 0; node < 2; node++)
		EXPECT(ctx, ktstr_machine_node_memory(machine, node, &memory) && memory.total_bytes > memory.free_bytes &&
		       memory.free_bytes, "node %u", node);
	/* What hwloc finds here is what was asked for. */
	TRY(ctx, ktstr_machine_from_system(&found, &error));
	for (unsigned i = 0; i < 2; i++) {
		EXPECT(ctx, ktstr_machine_llc_node(found, i) == (int)i, "%d", ktstr_machine_llc_node(found, i));
		EXPECT(ctx, ktstr_machine_llc_num_cores(found, i) == 1, "%u", ktstr_machine_llc_num_cores(found, i));
		EXPECT(ctx, ktstr_machine_llc_cache_kib(found, i) > 0, "%d", 0);
		EXPECT(ctx, !ktstr_machine_node_is_memory_only(found, i), "node %u", i);
		ktstr_machine_core_cpus(machine, i, 0, &asked);
		ktstr_machine_core_cpus(found, i, 0, &seen);
		EXPECT(ctx, CPU_EQUAL(&asked, &seen) && CPU_COUNT(&seen) == 2, "%d cpus", CPU_COUNT(&seen));
	}
	ktstr_machine_free(found);
	return 0;
}
