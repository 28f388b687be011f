// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that run in a process which waited for them in a hot template: as good as others, each for
 * itself, and whatever befalls such a template ends in a correct run with one line about it.
 * Usage: hot KTSTR CASES CRASHER [TEST]
 */
#include <dirent.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../unit/unit.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "templates.h"

#define CASES 8

static const char *crasher;

static void run_binary(const char *binary, const char *filter, const char *jobs, void (*strike)(pid_t pid))
{
	const char *argv[] = { tool, "test", binary, "--filter", filter, "--results", results, "--verbose",
			       "-j", jobs, NULL };

	command_run(argv, RUN_LIMIT_S, strike ? 0 : -1, strike, &result);
}

/* One test that passed; a process waited for it or its files were handed over. */
static void expect_pass(bool waited, const char *notice)
{
	expect_nothing_left();
	if (result.exit_code != 0 || !strstr(result.output, "\nok 1 - " ONE_TEST "\n"))
		fail_msg("exit code %d\n%s", result.exit_code, result.output);
	if (!strstr(result.output, "    restore: ") || !strstr(result.output, "    bundle: ") != waited)
		fail_msg("expected a process that %s\n%s", waited ? "waited" : "was started", result.output);
	if (count("ktstr: ") != !!notice || (notice && !strstr(result.output, notice)))
		fail_msg("expected %s\n%s", notice ? notice : "no notice", result.output);
}

static void run(bool waited, const char *notice)
{
	run_binary(cases, ONE_TEST, "1", NULL);
	expect_pass(waited, notice);
}

/* --- the folder of templates --- */

static json_t *read_meta(const char *name, char path[160])
{
	snprintf(path, 160, "%s/%.60s/meta.json", folder, name);
	return json_load_file(path, 0, NULL);
}

/* How many there are in which something waits; the folder of the last one. */
static unsigned hot_ones(char ret_folder[128])
{
	auto_closedir DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned found = 0;

	while (dir && (entry = readdir(dir))) {
		char path[160];
		json_t *meta = entry->d_name[0] == '.' ? NULL : read_meta(entry->d_name, path);

		if (meta && *json_string_value(json_object_get(meta, "binary"))) {
			found++;
			snprintf(ret_folder, 128, "%s/%.60s", folder, entry->d_name);
		}
		json_decref(meta);
	}
	return found;
}

static unsigned entries(const char *prefix)
{
	auto_closedir DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned found = 0;

	while (dir && (entry = readdir(dir)))
		found += entry->d_name[0] != '.' ? !*prefix
						 : *prefix && !strncmp(entry->d_name, prefix, strlen(prefix));
	return found;
}

static void expect_templates(unsigned hot, unsigned all)
{
	char path[128];

	if (hot_ones(path) != hot || entries("") != all || entries(".stage-") || entries(".making-"))
		fail_msg("%u hot templates of %u, %u drafts, %u locks\n%s", hot_ones(path), entries(""),
			 entries(".stage-"), entries(".making-"), result.output);
}

/* A file of the only hot one. */
static const char *hot_file(const char *name)
{
	static char path[160];
	char of[128];

	assert_int_equal(hot_ones(of), 1);
	snprintf(path, sizeof(path), "%s/%s", of, name);
	return path;
}

static void remove_hot(void)
{
	char command[160], of[128];

	while (hot_ones(of)) {
		snprintf(command, sizeof(command), "rm -rf %s", of);
		assert_int_equal(system(command), 0);
	}
}

/* --- as good as others --- */

static void hot_template_is_made_once(void **state)
{
	(void)state;
	run(true, NULL);
	assert_int_equal(count("    load: "), 1);
	expect_templates(1, 2);
	run(true, NULL);
	assert_int_equal(count("    load: "), 0);
	expect_templates(1, 2);
}

/* Two groups, since some have a scheduler; each guest finds nothing of the others. */
static void hot_copies_are_as_good_as_booted(const char *jobs)
{
	char summary[64];

	run_binary(cases, "copy_*", jobs, NULL);
	snprintf(summary, sizeof(summary), "# %d passed, 0 failed, 0 skipped, 0 could not run\n", CASES);
	assert_contains(result.output, summary);
	assert_int_equal(count("    restore: "), CASES);
	assert_null(strstr(result.output, "kernel_trouble"));
	expect_templates(2, 3);
}

static void hot_copies_are_for_themselves(void **state)
{
	(void)state;
	hot_copies_are_as_good_as_booted("1");
	assert_int_equal(count("    bundle: "), 0);
	/* Those that come while another makes it do without. */
	remove_hot();
	hot_copies_are_as_good_as_booted("2");
}

static void hot_copies_differ_in_time_and_randomness(void **state)
{
	static const char *const what[] = { "getrandom", "at_random", "uuid" };
	const char *first[COUNT(what)];
	struct timespec before, after;
	uint64_t ns;

	(void)state;
	run(true, NULL);
	for (size_t i = 0; i < COUNT(what); i++)
		first[i] = note(what[i]);
	clock_gettime(CLOCK_REALTIME, &before);
	run(true, NULL);
	clock_gettime(CLOCK_REALTIME, &after);
	for (size_t i = 0; i < COUNT(what); i++)
		assert_string_not_equal(first[i], note(what[i]));
	ns = strtoull(note("realtime_ns"), NULL, 10);
	assert_true(ns >= (uint64_t)before.tv_sec * NS_PER_S);
	assert_true(ns <= ((uint64_t)after.tv_sec + 1) * NS_PER_S);
}

static void hot_template_is_for_tests_that_are_alike(void **state)
{
	(void)state;
	remove_hot();
	setenv("KTSTR_HOT_TESTS", "2", 1);
	run(false, NULL);
	expect_templates(0, 1);
	setenv("KTSTR_HOT_TESTS", "0", 1);
	run_binary(cases, "copy_soiled_*", "1", NULL);
	expect_templates(0, 1);
	setenv("KTSTR_HOT_TESTS", "1", 1);
	run(true, NULL);
	/* One that is there is used for a single test as well, unless there are to be none. */
	setenv("KTSTR_HOT_TESTS", "9", 1);
	run(true, NULL);
	setenv("KTSTR_HOT_TESTS", "0", 1);
	run(false, NULL);
	setenv("KTSTR_HOT_TESTS", "1", 1);
}

static void rebuilt_binary_has_its_own(void **state)
{
	char binary[512], command[1100];

	(void)state;
	remove_hot();
	/* Beside the other, where it finds its library. */
	snprintf(binary, sizeof(binary), "%s-rebuilt-%d", cases, getpid());
	snprintf(command, sizeof(command), "cp %s %s", cases, binary);
	assert_int_equal(system(command), 0);
	for (int i = 0; i < 2; i++) {
		run_binary(binary, ONE_TEST, "1", NULL);
		expect_pass(true, NULL);
		assert_int_equal(count("    load: "), 1);
		/* The build before is gone. */
		expect_templates(1, 2);
		snprintf(command, sizeof(command), "echo >>%s", binary);
		assert_int_equal(system(command), 0);
	}
	unlink(binary);
}

/* --- damage --- */

static void damaged_one_is_made_anew_or_done_without(void **state)
{
	(void)state;
	remove_hot();
	run(true, NULL);
	assert_int_equal(truncate(hot_file("ram"), 1 << 20), 0);
	run(true, "'ram' was changed: its bytes is 1048576, meta.json says 268435456; it is made anew\n");
	assert_int_equal(truncate(hot_file("state"), 70000), 0);
	setenv("KTSTR_HOT_TESTS", "9", 1);
	run(false, "'state' was changed: its bytes is 70000, ");
	assert_contains(result.output, "; the test starts without it\n");
	setenv("KTSTR_HOT_TESTS", "1", 1);
	unlink(hot_file("meta.json"));
	run(true, "open 'meta.json': No such file or directory; it is made anew\n");
}

static void state_that_qemu_refuses_is_done_without(void **state)
{
	char state_path[160];

	(void)state;
	snprintf(state_path, sizeof(state_path), "%s", hot_file("state"));
	spoil_state(state_path, hot_file("meta.json"));
	run(false, " removed: restore VM: ");
	assert_contains(result.output, "; its tests start without it\n");
	expect_templates(0, 1);
	run(true, NULL);
	expect_templates(1, 2);
}

/* --- blows --- */

static bool struck;

static void kill_runner_in_load(pid_t pid)
{
	static long later_ms; /* into the hand-over, the loading, the saving */
	uint64_t limit_ns = clock_deadline_ms(STRIKE_LIMIT_MS);

	while (!(struck = entries(".making-") && command_descendant(pid, "qemu-system")) &&
	       clock_now_ns() < limit_ns)
		nanosleep(&(struct timespec){ .tv_nsec = NS_PER_MS / 2 }, NULL);
	nanosleep(&(struct timespec){ .tv_nsec = later_ms * NS_PER_MS }, NULL);
	later_ms += 150;
	kill(pid, SIGKILL);
}

static void runner_killed_in_load_leaves_nothing_in_the_way(void **state)
{
	char path[128];

	(void)state;
	for (int i = 0; i < 4; i++) {
		remove_hot();
		run_binary(cases, ONE_TEST, "1", kill_runner_in_load);
		assert_true(struck);
		assert_int_equal(result.signal, SIGKILL);
		expect_nothing_left();
		assert_true(hot_ones(path) <= 1);
	}
	run(true, NULL);
	expect_templates(1, 2);
}

/* What kills a binary as it is loaded has the same outcome with and without. */
static void binary_that_does_not_load_fails_as_ever(void **state)
{
	static const char *const hot_tests[] = { "0", "1" };
	char said[2][256];

	(void)state;
	for (size_t i = 0; i < COUNT(hot_tests); i++) {
		const char *at;

		setenv("KTSTR_HOT_TESTS", hot_tests[i], 1);
		run_binary(crasher, "*", "1", NULL);
		assert_int_not_equal(result.exit_code, 0);
		at = strstr(result.output, "  outcome: ");
		if (!at)
			fail_msg("no outcome\n%s", result.output);
		snprintf(said[i], sizeof(said[i]), "%.*s", (int)strcspn(at, "\n"), at);
		assert_contains(result.output, "this is the constructor");
		assert_int_equal(count("ktstr: hot template: load test binary: the agent: "), i);
	}
	assert_string_equal(said[0], said[1]);
	assert_contains(result.output, "was killed by signal 11 as it was loaded; its tests start without it\n");
}

int main(int argc, char **argv)
{
	/* In this order: each finds what the one before it has left. */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hot_template_is_made_once),
		cmocka_unit_test(hot_copies_differ_in_time_and_randomness),
		cmocka_unit_test(hot_copies_are_for_themselves),
		cmocka_unit_test(hot_template_is_for_tests_that_are_alike),
		cmocka_unit_test(rebuilt_binary_has_its_own),
		cmocka_unit_test(damaged_one_is_made_anew_or_done_without),
		cmocka_unit_test(state_that_qemu_refuses_is_done_without),
		cmocka_unit_test(runner_killed_in_load_leaves_nothing_in_the_way),
		cmocka_unit_test(binary_that_does_not_load_fails_as_ever),
	};

	if (argc < 4) {
		fprintf(stderr, "usage: %s KTSTR CASES CRASHER [TEST]\n", argv[0]);
		return 2;
	}
	tool = argv[1];
	cases = argv[2];
	crasher = argv[3];
	if (argc > 4)
		cmocka_set_test_filter(argv[4]);
	if (!folders_make("hot", "1"))
		return 2;
	leftovers_watch();
	return cmocka_run_group_tests(tests, NULL, folders_remove);
}
