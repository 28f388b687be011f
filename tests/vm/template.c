// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies of a template are as good as booted guests, and whatever befalls a template, its maker or
 * its user ends in a correct run, with one line about it, or in a clear error; nothing is left
 * behind. Usage: template KTSTR CASES [TEST]
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../unit/unit.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "templates.h"

#define NAME_DIGITS 16
#define MEMORY_BYTES (256ull << 20) /* of the guests */
#define CASES 8

/* --- a run --- */

static void run_filter(const char *filter, const char *option, void (*strike)(pid_t pid))
{
	const char *argv[] = { tool, "test", cases, "--filter", filter, "--results", results,
			       "--verbose", option, NULL };

	command_run(argv, RUN_LIMIT_S, strike ? 0 : -1, strike, &result);
}

static void run(void)
{
	run_filter(ONE_TEST, NULL, NULL);
}

/* One test that passed in a copy or in a booted guest, with as many lines that hold notice. */
static void expect_pass(const char *origin, const char *notice)
{
	expect_nothing_left();
	if (result.exit_code != 0 || !strstr(result.output, "\nok 1 - " ONE_TEST "\n"))
		fail_msg("exit code %d\n%s", result.exit_code, result.output);
	if (!!strstr(result.output, "    restore: ") != !strcmp(origin, "copy"))
		fail_msg("no %s\n%s", origin, result.output);
	if (count("ktstr: template") + count("ktstr: make template") !=
		    !!notice || (notice && !strstr(result.output, notice)))
		fail_msg("expected %s\n%s", notice ? notice : "no notice", result.output);
}

/* --- the folder of templates --- */

/* How many entries there are whose name is a template's, or begins with prefix; the last one's path. */
static unsigned entries(const char *prefix, char path[128])
{
	auto_closedir DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned found = 0;

	while (dir && (entry = readdir(dir))) {
		bool is_template = strlen(entry->d_name) == NAME_DIGITS &&
				   strspn(entry->d_name, "0123456789abcdef") == NAME_DIGITS;

		if (prefix ? strncmp(entry->d_name, prefix, strlen(prefix)) != 0 : !is_template)
			continue;
		snprintf(path, 128, "%s/%.60s", folder, entry->d_name);
		found++;
	}
	return found;
}

static void expect_templates(unsigned expected)
{
	char path[128];
	unsigned found = entries(NULL, path), drafts = entries(".stage-", path), locks = entries(".making-", path);

	if (found != expected || drafts || locks)
		fail_msg("%u templates, %u drafts, %u locks, the last '%s'\n%s", found, drafts, locks, path,
			 result.output);
}

/* A file of the only template. */
static const char *template_file(const char *name)
{
	static char path[160];
	char of[128];

	assert_int_equal(entries(NULL, of), 1);
	snprintf(path, sizeof(path), "%s/%s", of, name);
	return path;
}

static void remove_templates(void)
{
	char command[192];

	snprintf(command, sizeof(command), "rm -rf %s/* %s/.[a-z]*", folder, folder);
	assert_int_equal(system(command), 0);
}

/* --- as good as booted --- */

static uint64_t realtime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static void copies_are_as_good_as_booted(void **state)
{
	char summary[64];

	(void)state;
	run_filter("copy_*", NULL, NULL);
	expect_nothing_left();
	snprintf(summary, sizeof(summary), "# %d passed, 0 failed, 0 skipped, 0 could not run\n", CASES);
	assert_contains(result.output, summary);
	assert_int_equal(count("    restore: "), CASES);
	assert_null(strstr(result.output, "kernel_trouble"));
	expect_templates(1);
}

static void copies_tell_the_hosts_time(void **state)
{
	uint64_t before_ns = realtime_ns(), ns;

	(void)state;
	run();
	expect_pass("copy", NULL);
	ns = strtoull(note("realtime_ns"), NULL, 10);
	if (ns < before_ns || ns > realtime_ns())
		fail_msg("%" PRIu64 " ns, the host's time went from %" PRIu64 " to %" PRIu64, ns, before_ns,
			 realtime_ns());
}

static void copies_differ_in_randomness(void **state)
{
	static const char *const what[] = { "getrandom", "at_random", "uuid" };
	char first[COUNT(what)][64];

	(void)state;
	run();
	expect_pass("copy", NULL);
	for (size_t i = 0; i < COUNT(what); i++)
		snprintf(first[i], sizeof(first[i]), "%s", note(what[i]));
	run();
	for (size_t i = 0; i < COUNT(what); i++)
		assert_string_not_equal(first[i], note(what[i]));
}

static void copies_have_the_devices_of_booted_guests(void **state)
{
	static const char *const what[] = { "folder /sys/bus/pci/devices", "folder /sys/bus/virtio/devices",
					    "folder /sys/class/virtio-ports", "folder /sys/class/tty",
					    "folder /sys/class/block", "folder /sys/class/net",
					    "folder /sys/bus/cpu/devices", "clocksource" };
	char first[COUNT(what)][1024];

	(void)state;
	run();
	expect_pass("copy", NULL);
	for (size_t i = 0; i < COUNT(what); i++)
		snprintf(first[i], sizeof(first[i]), "%s", note(what[i]));
	run_filter(ONE_TEST, "--no-template", NULL);
	expect_pass("booted guest", NULL);
	for (size_t i = 0; i < COUNT(what); i++)
		assert_string_equal(first[i], note(what[i]));
}

/* --- damage --- */

static void flip_state(void)
{
	int fd = open(template_file("state"), O_RDWR | O_CLOEXEC);
	char byte;

	assert_int_equal(pread(fd, &byte, 1, 70000), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, 70000), 1);
	close(fd);
}

static void cut_state(void)
{
	assert_int_equal(truncate(template_file("state"), 70000), 0);
}

static void cut_ram(void)
{
	assert_int_equal(truncate(template_file("ram"), MEMORY_BYTES / 2), 0);
}

static const struct {
	void (*damage)(void);
	const char *notice;
} damages[] = {
	{ flip_state, "'state' was changed: its hash is " },
	{ cut_state, "'state' was changed: its bytes is 70000, " },
	{ cut_ram, "'ram' was changed: its bytes is 134217728, meta.json says 268435456" },
};

static void damaged_template_is_made_anew(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(damages); i++) {
		damages[i].damage();
		run();
		expect_pass("copy", damages[i].notice);
		assert_contains(result.output, "; it is made anew\n");
		expect_templates(1);
	}
}

static void state_that_qemu_refuses_is_a_boot(void **state)
{
	char state_path[160];

	(void)state;
	snprintf(state_path, sizeof(state_path), "%s", template_file("state"));
	spoil_state(state_path, template_file("meta.json"));
	run();
	expect_pass("booted guest", "removed: restore VM: ");
	assert_contains(result.output, "; booting without\n");
	expect_templates(0);
	run();
	expect_pass("copy", NULL);
	expect_templates(1);
}

/* --- blows --- */

static unsigned struck; /* 1: at the moment that was meant */

static pid_t the_qemu(pid_t pid)
{
	return command_descendant(pid, "qemu-system");
}

static bool is_restoring(pid_t qemu)
{
	char path[64], text[8192] = "";
	int fd;
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", qemu);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	close(fd);
	for (ssize_t at = 0; at < got; at += (ssize_t)strlen(text + at) + 1)
		if (!strcmp(text + at, "-incoming"))
			return true;
	return false;
}

/* The first bytes of the devices' state are there. */
static bool is_saving(void)
{
	char path[160], of[128];
	struct stat st;

	if (!entries(".stage-", of))
		return false;
	snprintf(path, sizeof(path), "%s/state", of);
	return !stat(path, &st) && st.st_size > 0;
}

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = NS_PER_MS / 2 }, NULL);
}

static void kill_runner_in_save(pid_t pid)
{
	uint64_t limit_ns = clock_deadline_ms(STRIKE_LIMIT_MS);

	while (!(struck = is_saving()) && clock_now_ns() < limit_ns)
		nap();
	kill(pid, SIGKILL);
}

static pid_t await_restore(pid_t pid)
{
	uint64_t limit_ns = clock_deadline_ms(STRIKE_LIMIT_MS);
	pid_t qemu = 0;

	while (!(struck = (qemu = the_qemu(pid)) && is_restoring(qemu)) && clock_now_ns() < limit_ns)
		nap();
	return qemu;
}

static void kill_runner_in_restore(pid_t pid)
{
	await_restore(pid);
	kill(pid, SIGKILL);
}

static void kill_qemu_in_restore(pid_t pid)
{
	pid_t qemu = await_restore(pid);

	if (struck)
		kill(qemu, SIGKILL);
}

static void expect_killed_runner(void)
{
	assert_int_equal(struck, 1);
	assert_int_equal(result.signal, SIGKILL);
	expect_nothing_left();
}

static void runner_killed_in_save_leaves_nothing_in_the_way(void **state)
{
	char path[128];

	(void)state;
	remove_templates();
	run_filter(ONE_TEST, NULL, kill_runner_in_save);
	expect_killed_runner();
	assert_int_equal(entries(NULL, path), 0);
	run();
	expect_pass("copy", NULL);
	expect_templates(1);
}

static void runner_killed_in_restore_leaves_the_template(void **state)
{
	(void)state;
	run_filter(ONE_TEST, NULL, kill_runner_in_restore);
	expect_killed_runner();
	run();
	expect_pass("copy", NULL);
	expect_templates(1);
}

static void qemu_killed_in_restore_is_a_boot(void **state)
{
	(void)state;
	run_filter(ONE_TEST, NULL, kill_qemu_in_restore);
	assert_int_equal(struck, 1);
	expect_pass("booted guest", ": QEMU was killed by signal 9; booting without it\n");
	/* It was not the template's fault. */
	expect_templates(1);
}

/* --- company --- */

static pid_t second;
static char second_output[96];

/* A second runner, once the first has begun. */
static void start_second(pid_t pid)
{
	uint64_t limit_ns = clock_deadline_ms(STRIKE_LIMIT_MS);

	while (!the_qemu(pid) && clock_now_ns() < limit_ns)
		nap();
	second = fork();
	if (second)
		return;
	if (!freopen(second_output, "w", stdout) || dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
		_exit(99);
	execl(tool, tool, "test", cases, "--filter", ONE_TEST, "--results", results, "--verbose", NULL);
	_exit(99);
}

static void two_runners_make_one_template(void **state)
{
	auto_free char *output = NULL;
	int status;

	(void)state;
	remove_templates();
	snprintf(second_output, sizeof(second_output), "%s/second", results);
	run_filter(ONE_TEST, NULL, start_second);
	assert_int_equal(waitpid(second, &status, 0), second);
	assert_int_equal(status, 0);
	expect_pass("copy", NULL);
	assert_contains(result.output, "    save: ");
	assert_int_equal(file_read(AT_FDCWD, second_output, 1 << 20, &output, NULL, NULL), 0);
	assert_contains(output, "waiting for template '");
	assert_contains(output, "    restore: ");
	assert_null(strstr(output, "    save: "));
	expect_templates(1);
}

/* A copy of the program is another build as far as anybody can tell. */
static void other_qemu_makes_its_own_template(void **state)
{
	char command[512], path[4096], of[128];
	const char *before = getenv("PATH");

	(void)state;
	snprintf(command, sizeof(command), "mkdir %s/bin && cp $(command -v qemu-system-x86_64) %s/bin/", results,
		 results);
	assert_int_equal(system(command), 0);
	snprintf(path, sizeof(path), "%s/bin:%s", results, before);
	auto_free char *kept = strdup(before);
	setenv("PATH", path, 1);
	run();
	setenv("PATH", kept, 1);
	expect_pass("copy", NULL);
	assert_contains(result.output, "    save: ");
	assert_int_equal(entries(NULL, of), 2);
	run();
	expect_pass("copy", NULL);
	assert_null(strstr(result.output, "    save: "));
}

/* --- a full disk --- */

/* In a mount namespace of our own, so that it goes with us. */
static bool mount_small(unsigned mib)
{
	char options[32];

	snprintf(options, sizeof(options), "size=%um", mib);
	return !unshare(CLONE_NEWNS) && !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("none", folder, "tmpfs", 0, options);
}

static void unmount(void)
{
	assert_int_equal(umount2(folder, MNT_DETACH), 0);
}

static void disk_without_room_is_a_boot(void **state)
{
	(void)state;
	if (!mount_small(200)) {
		print_message("mounting a tmpfs: %s\n", strerror(errno));
		skip();
	}
	run();
	expect_templates(0);
	unmount();
	expect_pass("booted guest", "has room for 200 MiB, the guest's memory is 256 MiB");
}

/* Somebody else takes the room while the guest boots. */
static void fill_disk(pid_t pid)
{
	uint64_t limit_ns = clock_deadline_ms(STRIKE_LIMIT_MS);
	char path[128];

	while (!(struck = entries(".stage-", path) && the_qemu(pid)) && clock_now_ns() < limit_ns)
		nap();
	struck = struck && !mount("none", folder, "tmpfs", MS_REMOUNT, "size=48m");
}

static void disk_that_fills_up_is_a_boot(void **state)
{
	(void)state;
	if (!mount_small(300)) {
		print_message("mounting a tmpfs: %s\n", strerror(errno));
		skip();
	}
	run_filter(ONE_TEST, NULL, fill_disk);
	expect_templates(0);
	unmount();
	assert_int_equal(struck, 1);
	expect_pass("booted guest", "template could not be made: QEMU was killed by signal 7; booting without\n");
}

int main(int argc, char **argv)
{
	/* In this order: each finds the template that the one before it has left. */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_runners_make_one_template),
		cmocka_unit_test(copies_are_as_good_as_booted),
		cmocka_unit_test(copies_tell_the_hosts_time),
		cmocka_unit_test(copies_differ_in_randomness),
		cmocka_unit_test(copies_have_the_devices_of_booted_guests),
		cmocka_unit_test(damaged_template_is_made_anew),
		cmocka_unit_test(state_that_qemu_refuses_is_a_boot),
		cmocka_unit_test(runner_killed_in_save_leaves_nothing_in_the_way),
		cmocka_unit_test(runner_killed_in_restore_leaves_the_template),
		cmocka_unit_test(qemu_killed_in_restore_is_a_boot),
		cmocka_unit_test(other_qemu_makes_its_own_template),
		cmocka_unit_test(disk_without_room_is_a_boot),
		cmocka_unit_test(disk_that_fills_up_is_a_boot),
	};

	if (argc < 3) {
		fprintf(stderr, "usage: %s KTSTR CASES [TEST]\n", argv[0]);
		return 2;
	}
	tool = argv[1];
	cases = argv[2];
	if (argc > 3)
		cmocka_set_test_filter(argv[3]);
	if (!folders_make("template", "0")) /* hot.c has hot ones */
		return 2;
	leftovers_watch();
	return cmocka_run_group_tests(tests, NULL, folders_remove);
}
