// SPDX-License-Identifier: GPL-2.0-only
/*
 * The built programs under wrong use: one line on standard error that names the thing, the value
 * and the way out, exit status 2, nothing left behind. Needs no VM: every case ends before one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#include "unit.h"

extern char **environ;

#define TOOL "$TOOL"	 /* replaced by the tool under test */
#define BINARY "$BINARY" /* and by a test binary */
#define BROKEN "$BROKEN" /* by one whose declarations are wrong */
#define ABSENT "$ABSENT" /* by one whose payload is missing */
#define LIMIT_MS 20000

/* What a program said and how it ended. */
struct said {
	char out[8192], err[4096];
	int status;
};

static char folder[] = "/tmp/ktstr-unit-usage-XXXXXX";
static char cache[] = "/tmp/ktstr-unit-cache-XXXXXX"; /* a store without kernels */

static void read_some(int *fd, char *text, size_t size)
{
	size_t used = strlen(text);
	char dropped[256];
	bool full = used + 1 >= size;
	ssize_t got = read(*fd, full ? dropped : text + used,
			   full ? sizeof(dropped) : size - used - 1);

	if (got > 0 && !full)
		text[used + (size_t)got] = '\0';
	if (got > 0)
		return;
	close(*fd);
	*fd = -1;
}

static void collect(pid_t pid, int out, int err, struct said *said)
{
	uint64_t deadline_ns = clock_deadline_ms(LIMIT_MS);
	int status;

	while (out >= 0 || err >= 0) {
		struct pollfd polls[] = { { .fd = out, .events = POLLIN },
					  { .fd = err, .events = POLLIN } };

		if (poll(polls, 2, clock_poll_timeout_ms(deadline_ns)) <= 0) {
			kill(pid, SIGKILL);
			break;
		}
		if (polls[0].revents)
			read_some(&out, said->out, sizeof(said->out));
		if (polls[1].revents)
			read_some(&err, said->err, sizeof(said->err));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	said->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Run in an empty folder, so that what is left behind can be seen. */
static void run(const char *const *argv, struct said *said)
{
	posix_spawn_file_actions_t actions;
	int out[2], err[2];
	pid_t pid;

	*said = (struct said){ 0 };
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
	posix_spawn_file_actions_addchdir_np(&actions, folder);
	assert_int_equal(posix_spawn(&pid, argv[0], &actions, NULL, (char *const *)argv, environ),
			 0);
	posix_spawn_file_actions_destroy(&actions);
	close(out[1]);
	close(err[1]);
	collect(pid, out[0], err[0], said);
}

static const char *resolve(const char *word)
{
	static const struct {
		const char *name, *variable;
	} names[] = { { TOOL, "KTSTR_TOOL" },
		      { BINARY, "KTSTR_TEST_BINARY" },
		      { BROKEN, "KTSTR_TEST_BROKEN" },
		      { ABSENT, "KTSTR_TEST_ABSENT" } };

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(word, names[i].name) == 0)
			return getenv(names[i].variable);
	return word;
}

#define ARGS_MAX 8

static void run_case(const char *const *words, struct said *said)
{
	const char *argv[ARGS_MAX + 1] = { 0 };

	for (size_t i = 0; i < ARGS_MAX && words[i]; i++) {
		argv[i] = resolve(words[i]);
		assert_non_null(argv[i]);
	}
	run(argv, said);
}

static bool folder_is_empty(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	bool empty = true;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			empty = false;
	closedir(dir);
	return empty;
}

static const struct wrong_use {
	const char *words[ARGS_MAX];
	const char *err; /* part of the one line */
} wrong_uses[] = {
	{ { TOOL }, "ktstr: command missing; 'ktstr --help' lists them" },
	{ { TOOL, "tset" }, "ktstr: unknown command 'tset', nearest is 'test'" },
	{ { TOOL, "frobnicate" },
	  "ktstr: unknown command 'frobnicate'; 'ktstr --help' lists them" },
	{ { TOOL, "--versoin" }, "ktstr: unknown option '--versoin', nearest is '--version'" },
	{ { TOOL, "test" }, "ktstr test: FILE missing; usage: ktstr test FILE..." },
	{ { TOOL, "test", "--fitler", "x" },
	  "ktstr test: unknown option '--fitler', nearest is '--filter'" },
	{ { TOOL, "test", "/nonexistent" },
	  "ktstr test: test binary '/nonexistent': No such file" },
	{ { TOOL, "test", "/etc/passwd" }, "test binary '/etc/passwd': it is not an ELF program" },
	{ { TOOL, "test", "/tmp" }, "test binary '/tmp': it is a folder" },
	{ { TOOL, "test", "/bin/true" }, "test binary '/bin/true': it does not describe itself" },
	{ { TOOL, "test", BINARY, "--topology", "0n1l1c1t" }, "option --topology: " },
	{ { TOOL, "test", BINARY, "--topology", "2n3l1c1t" },
	  "3 LLCs cannot be shared out evenly to 2" },
	{ { TOOL, "test", BINARY, "--topology", "1n16l16c2t" }, "512" },
	{ { TOOL, "test", BINARY, "--kernel", "no-such-kernel" }, "no-such-kernel" },
	{ { TOOL, "test", BINARY, "--kernel", "/nonexistent/vmlinuz" }, "/nonexistent/vmlinuz" },
	{ { TOOL, "test", BINARY },
	  "ktstr test: no kernel in the store: run 'ktstr kernel fetch'" },
	{ { TOOL, "test", BINARY, "--filter", "demo_evdf" },
	  "option --filter: 'demo_evdf' matches none of 2 tests, nearest is 'demo_eevdf'" },
	{ { TOOL, "test", BINARY, "--accel", "kmv" },
	  "'kmv' is not one of auto, kvm, tcg; nearest is 'kvm'" },
	{ { TOOL, "test", BINARY, "--timeout", "90" }, "'90' has no unit; write 90ms or 90s" },
	{ { TOOL, "test", BINARY, "--timeout", "1us" }, "option --timeout: " },
	{ { TOOL, "test", BINARY, "-j", "two" }, "option --jobs: " },
	{ { TOOL, "test", BINARY, "-j129" }, "option --jobs: 129 out of range 1..=128" },
	{ { BINARY, "--jobs", "-1" }, "option --jobs: " },
	{ { TOOL, "test", BINARY, "--work", "spinwait" },
	  "ktstr test: option --work: no kind of work 'spinwait', nearest is 'SpinWait'" },
	{ { BINARY, "--work", "Sequence" },
	  "demo: option --work: kind of work 'Sequence' is nothing without" },
	{ { TOOL, "test", BINARY, "--host", "--kernel", "x" },
	  "ktstr test: options --host and --kernel: " },
	{ { BINARY, "--host", "--accel", "tcg" }, "demo: options --host and --accel: " },
	{ { BINARY, "--host", "--no-template" }, "demo: options --host and --no-template: " },
	{ { TOOL, "test", BROKEN }, "exited with status 2: " },
	{ { TOOL, "workload" }, "ktstr workload: NAME of a kind of work expected" },
	{ { TOOL, "workload", "SpinWai" }, "no kind of work 'SpinWai', nearest is 'SpinWait'" },
	{ { TOOL, "workload", "Sequence" }, "'Sequence' is nothing without parameters" },
	{ { TOOL, "workload", "Bursty", "-p", "burts_ms=1" },
	  "Bursty: parameter 'burts_ms': no such parameter, did you mean 'burst_ms'?" },
	{ { TOOL, "workload", "Bursty", "-p", "what=1" },
	  "Bursty: parameter 'what': is none of burst_ms, sleep_ms" },
	{ { TOOL, "workload", "AluHot", "-p", "width=vec" },
	  "'vec' is none of widest, scalar, vec128" },
	{ { TOOL, "workload", "Sequence", "-p", "phases=spin" },
	  "Sequence: parameter 'phases' (KIND:TIME,...): 'spin' has no time, as in 'spin:10ms'" },
	{ { TOOL, "workload", "Sequence", "-p", "phases=spin:1ms,spni:1ms" },
	  "'spni' is none of spin, sleep, yield, io, alu_hot" },
	{ { TOOL, "workload", "Sequence", "-p", "phases=spin:1" }, "'1' has no unit" },
	{ { TOOL, "workload", "Custom", "-p", "name=x" }, "Custom (group 0): run: there is no function" },
	{ { TOOL, "workload", "Bursty", "-p", "x" }, "option --param: 'x' is not NAME=VALUE" },
	{ { TOOL, "workload", "PipeIo", "-w", "3" },
	  "PipeIo (group 0) requires num_workers divisible by 2, got 3" },
	{ { TOOL, "workload", "ForkExit", "--threads" }, "use clone_mode fork" },
	{ { TOOL, "workload", "SpinWait", "--seconds", "0" },
	  "option --seconds: 0 out of range 1..=" },
	{ { TOOL, "schbench", "--split", "101" },
	  "ktstr schbench: split_pct 101 out of range 0..=100" },
	{ { TOOL, "schbench", "-m", "0" }, "ktstr schbench: message_threads 0 out of range 1..=" },
	{ { TOOL, "schbench", "-r", "5s" }, "option --runtime: '5s' is not a whole number" },
	{ { TOOL, "schbench", "-r", "5", "-w", "5" },
	  "option --warmuptime: 5 is not below the runtime, 5" },
	{ { TOOL, "schbench", "-M", "8-4" }, "option --message-cpus: no CPU in '8-4'" },
	{ { TOOL, "taobench", "-m", "0" },
	  "ktstr taobench: cache_capacity_mib 0 out of range 1..=" },
	{ { TOOL, "taobench", "-H", "100" },
	  "ktstr taobench: target_hit_pct 100 out of range 1..=99" },
	{ { TOOL, "taobench", "--fetch-p99", "4294967296" },
	  "option --fetch-p99: 4294967296 is above" },
	{ { TOOL, "list" }, "ktstr list: FILE missing" },
	{ { TOOL, "list", "/bin/true" }, "ktstr list: test binary '/bin/true': it does not describe itself" },
	{ { TOOL, "list", BINARY, "--json", "--filter", "demo_evdf" },
	  "'demo_evdf' matches none of 2 tests, nearest is 'demo_eevdf'" },
	{ { TOOL, "completion", "fish" }, "ktstr completion: 'fish' is not one of bash, zsh" },
	{ { TOOL, "topo", "3n4l1c1t" }, "ktstr topo: topology 3n4l1c1t: 4 LLCs" },
	{ { TOOL, "topo", "big" }, "ktstr topo: topology 'big'" },
	{ { TOOL, "topo", "1n1l1c1t", "extra" }, "ktstr topo: unexpected argument 'extra'" },
	{ { TOOL, "doctor", "me" }, "ktstr doctor: unexpected argument 'me'" },
	{ { TOOL, "shell" }, "ktstr shell: standard input is no terminal; use --exec CMD" },
	{ { TOOL, "shell", "--exec", "" }, "option --exec: '' is no command" },
	{ { TOOL, "shell", "--exec", "ls", "--memory-mib", "5" },
	  "option --memory-mib: 5 is out of range 128" },
	{ { TOOL, "shell", "--exec", "ls", "--disk-mib", "65537" },
	  "option --disk-mib: disk of 65537 MiB out of range 1..=65536 MiB" },
	{ { TOOL, "shell", "--exec", "ls", "--disk-mib", "18446744073709551615" },
	  "option --disk-mib: disk of " },
	{ { TOOL, "shell", "--exec", "ls", "--disk-mib", "big" }, "option --disk-mib" },
	{ { TOOL, "shell", "--exec", "ls", "--topology", "0,1,1,1" }, "option --topology: " },
	{ { TOOL, "shell", "--exec", "ls", "--exec-timeout", "9" },
	  "'9' has no unit; write 9ms or 9s" },
	{ { TOOL, "shell", "--exec", "ls" }, "ktstr shell: no kernel in the store" },
	{ { BINARY, "--lits" }, "demo: unknown option '--lits', nearest is '--list'" },
	{ { BINARY, "stray" }, "demo: unexpected argument 'stray'" },
	{ { BINARY, "--filter", "nothing*" },
	  "demo: option --filter: 'nothing*' matches none of 2 tests" },
	{ { BINARY, "--topology", "2n3l1c1t" }, "demo: option --topology: " },
	{ { BINARY, "--timeout", "5" }, "demo: option --timeout: '5' has no unit" },
	{ { BINARY, "--results", "/dev/null/x", "--kernel", "x" }, "ktstr test: " },
	{ { BROKEN }, "broken_tests.c:9: test 'odd_llcs': " },
	{ { BROKEN, "--list" }, "3 LLCs" },
	{ { ABSENT },
	  "test 'needs_it': payload 'absent': program 'ktstr-no-such-program' is not in PATH" },
};

static void wrong_use_is_one_line_and_status_2(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong_uses); i++) {
		const struct wrong_use *use = &wrong_uses[i];
		const char *newline;
		struct said said;

		run_case(use->words, &said);
		newline = strchr(said.err, '\n');
		if (!strstr(said.err, use->err))
			fail_msg("case %zu said \"%s\", not \"%s\"", i, said.err, use->err);
		if (!newline || newline[1])
			fail_msg("case %zu did not say one line: \"%s\"", i, said.err);
		if (said.status != 2 || said.out[0])
			fail_msg("case %zu: status %d, printed \"%s\"", i, said.status, said.out);
		if (!folder_is_empty())
			fail_msg("case %zu left something behind", i);
	}
}

static const struct right_use {
	const char *words[ARGS_MAX];
	const char *out;
} right_uses[] = {
	{ { TOOL, "--version" }, "ktstr 0." },
	{ { TOOL, "--help" }, "\n  test       run the tests of test binaries\n" },
	{ { TOOL, "test", "--help" }, "Usage: ktstr test FILE... [OPTION...]\n" },
	{ { TOOL, "topo", "1n1l1c1t" }, "1 NUMA node, 1 LLC, 1 core, 1 CPU\n" },
	{ { TOOL, "test", BINARY, "--list" }, "demo_eevdf\ndemo_fixture\n" },
	{ { TOOL, "test", BINARY, BINARY, "--list", "-f", "*eevdf" }, "demo_eevdf\ndemo_eevdf\n" },
	{ { TOOL, "workload", "Sequence", "-p", "phases=spin:1ms,sleep:2ms" }, "Sequence, 1 worker\n" },
	{ { TOOL, "workload", "NumaWorkingSetSweep", "-p", "target_nodes=0", "-p", "sweep_period_ms=1" },
	  "NumaWorkingSetSweep, 1 worker\n" },
	{ { TOOL, "workload", "EpollStorm" }, "EpollStorm, 3 workers\n" },
	{ { BINARY, "--list" }, "demo_eevdf\ndemo_fixture\n" },
	{ { BINARY, "-lv", "--filter", "*_fixture" }, "     ktstr_fixture    " },
	{ { BINARY, "--help" }, "Usage: demo [OPTION...]\n" },
};

static void right_use_prints_to_stdout(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(right_uses); i++) {
		struct said said;

		run_case(right_uses[i].words, &said);
		if (said.status != 0 || said.err[0])
			fail_msg("case %zu: status %d, complained \"%s\"", i, said.status,
				 said.err);
		assert_contains(said.out, right_uses[i].out);
	}
}

static void full_disk_is_no_success(void **state)
{
	const char *const script[] = { "/bin/sh", "-c", "\"$KTSTR_TOOL\" topo 1n1l1c1t >/dev/full",
				       NULL };
	struct said said;

	(void)state;
	run(script, &said);
	assert_int_equal(said.status, 2);
	assert_contains(said.err, "cannot write to standard output");
}

static void missing_tool_says_where_it_was_sought(void **state)
{
	const char *const argv[] = { getenv("KTSTR_TEST_BINARY"), NULL };
	char *tool = strdup(getenv("KTSTR_TOOL"));
	struct said said;

	(void)state;
	setenv("KTSTR_TOOL", "/nonexistent/ktstr", 1);
	run(argv, &said);
	setenv("KTSTR_TOOL", tool, 1);
	free(tool);
	assert_int_equal(said.status, 2);
	assert_contains(said.err, "KTSTR_TOOL '/nonexistent/ktstr': No such file");
}

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(folder) || !mkdtemp(cache))
		return -1;
	setenv("XDG_CACHE_HOME", cache, 1);
	unsetenv("KTSTR_KERNEL");
	unsetenv("KTSTR_SIDECAR_DIR");
	return 0;
}

static int teardown(void **state)
{
	static const char *const made[] = { "/ktstr/kernels", "/ktstr", "" };
	char path[128];

	(void)state;
	for (size_t i = 0; i < COUNT(made); i++) {
		snprintf(path, sizeof(path), "%s%s", cache, made[i]);
		rmdir(path);
	}
	return rmdir(folder) || access(cache, F_OK) == 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_use_is_one_line_and_status_2),
		cmocka_unit_test(right_use_prints_to_stdout),
		cmocka_unit_test(full_disk_is_no_success),
		cmocka_unit_test(missing_tool_says_where_it_was_sought),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
