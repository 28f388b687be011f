// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "unit.h"
#include "vm/process.h"
#include "vm/qemu.h"

/* What a shell script prints, started as QEMU is. */
static char *output_of(const char *script)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct process process = PROCESS_NONE;
	struct process_end end;
	char *output = calloc(1, 4096);
	size_t size = 0;
	ssize_t got;
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	const struct process_spec spec = {
		.argv = argv, .stdout_fd = ends[1], .stderr_fd = ends[1]
	};
	assert_int_equal(process_spawn(&spec, &process, NULL), 0);
	close(ends[1]);
	while ((got = read(ends[0], output + size, 4095 - size)) > 0)
		size += (size_t)got;
	close(ends[0]);
	assert_int_equal(process_wait(&process, clock_deadline_ms(5000), &end), 0);
	assert_int_equal(end.value, 0);
	return output;
}

/* Descriptors, environment and signal handling of ours do not reach it. */
static void process_spawn_gives_a_clean_start(void **state)
{
	int leaky = open("/dev/null", O_RDONLY); /* without O_CLOEXEC: somebody else's fault */
	int ours = open("/dev/null", O_RDONLY | O_CLOEXEC);
	unsigned long long ignored;
	char *output, *line;

	(void)state;
	setenv("KTSTR_SECRET", "x", 1);
	signal(SIGPIPE, SIG_IGN);
	output = output_of("echo err >&2; read x; echo \"[$x]\"; " /* its input is empty */
			   "ls /proc/self/fd | wc -l; echo \"$KTSTR_SECRET\"; "
			   "[ \"$(cut -d' ' -f6 /proc/$$/stat)\" = $$ ] && echo leader; "
			   "grep SigIgn /proc/self/status");
	line = strstr(output, "SigIgn:");
	assert_non_null(line);
	ignored = strtoull(line + strlen("SigIgn:"), NULL, 16);
	*line = '\0';
	assert_string_equal(output, "err\n[]\n4\n\nleader\n"); /* 4: ls opens one */
	/* 32 and 33 are glibc's own: whoever started us may ignore them, and nobody can undo it. */
	assert_int_equal(ignored & ~(3ull << 31), 0);
	free(output);
	signal(SIGPIPE, SIG_DFL);
	close(leaky);
	close(ours);
}

static const struct {
	const char *argv[2];
	int code;
	const char *names;
} refused[] = {
	{ { "/nowhere/qemu" }, -ENOENT, "'/nowhere/qemu'" },
	{ { "ktstr-no-such-program" }, -ENOENT, "'ktstr-no-such-program'" },
	{ { "/dev/null" }, -EACCES, "'/dev/null'" },
};

static void process_spawn_gives_the_errno_of_execve(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		const struct process_spec spec = { .argv = refused[i].argv };
		struct process process = PROCESS_NONE;
		struct ktstr_error error = { 0 };

		assert_int_equal(process_spawn(&spec, &process, &error), refused[i].code);
		assert_contains(error.text, refused[i].names);
		assert_int_equal(process.pid, 0);
	}
	/* Nothing of them is left. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void process_kill_ends_and_reaps(void **state)
{
	const char *const argv[] = { "sleep", "100", NULL };
	const struct process_spec spec = { .argv = argv };
	struct process process = PROCESS_NONE;
	struct process_end end;

	(void)state;
	process_kill(&process);
	assert_int_equal(process_spawn(&spec, &process, NULL), 0);
	assert_int_equal(process_wait(&process, clock_now_ns(), &end), -ETIMEDOUT);
	process_kill(&process);
	assert_int_equal(process.pid, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	process_kill(&process);
}

/* The pipe's write end is held by the grandchild alone: end of file is its death. */
static void process_spawn_dies_with_its_parent(void **state)
{
	const char *const argv[] = { "sleep", "100", NULL };
	int ends[2];
	pid_t parent;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	parent = fork();
	if (parent == 0) {
		const struct process_spec spec = { .argv = argv, .stdout_fd = ends[1] };
		struct process process;

		_exit(process_spawn(&spec, &process, NULL) ? 1 : 0);
	}
	close(ends[1]);
	struct pollfd hangup = { .fd = ends[0], .events = POLLIN };
	assert_int_equal(poll(&hangup, 1, 5000), 1);
	assert_true(hangup.revents & POLLHUP);
	close(ends[0]);
	int status;
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_int_equal(status, 0);
}

static const struct {
	const char *text;
	int code;
	unsigned major, minor;
} versions[] = {
	{ "QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)\nCopyright\n", 0, 10, 0 },
	{ "QEMU emulator version 8.1\n", 0, 8, 1 },
	{ "qemu-img version 10.0.2\n", -EINVAL, 0, 0 },
	{ "QEMU emulator version x\n", -EINVAL, 0, 0 },
	{ "", -EINVAL, 0, 0 },
};

static void qemu_version_parse_reads_two_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(versions); i++) {
		unsigned major = 0, minor = 0;

		assert_int_equal(qemu_version_parse(versions[i].text, &major, &minor),
				 versions[i].code);
		assert_int_equal(major, versions[i].major);
		assert_int_equal(minor, versions[i].minor);
	}
}

static void qemu_probe_says_what_to_install(void **state)
{
	struct ktstr_error error = { 0 };
	struct qemu qemu;

	(void)state;
	assert_int_equal(qemu_probe("/nowhere/qemu-system-x86_64", &qemu, &error), -ENOENT);
	assert_contains(error.text, "install qemu-system-x86, or run scripts/setup");
	assert_int_equal(qemu_probe("/bin/echo", &qemu, &error), -EPROTO);
	assert_contains(error.text, "is no QEMU");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(process_spawn_gives_a_clean_start),
		cmocka_unit_test(process_spawn_gives_the_errno_of_execve),
		cmocka_unit_test(process_kill_ends_and_reaps),
		cmocka_unit_test(process_spawn_dies_with_its_parent),
		cmocka_unit_test(qemu_version_parse_reads_two_numbers),
		cmocka_unit_test(qemu_probe_says_what_to_install),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
