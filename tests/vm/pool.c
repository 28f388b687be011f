// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several VMs at once: results in the order of declaration beside a test that hangs, and nothing
 * left of two VMs when the run is interrupted or killed. Usage: pool KTSTR CASES
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../unit/unit.h"
#include "command.h"

#define QEMU "qemu-system"
#define READY_LIMIT_MS 60000 /* a cold boot on a busy machine */
#define END_LIMIT_MS 1000

static const char *tool, *cases;
static char results[] = "/tmp/ktstr-pool-XXXXXX";
static struct command_result result;

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 20 * 1000000 }, NULL);
}

/* The result lines of the output, one after another. */
static void keep_result_lines(const char *output, char *lines, size_t size)
{
	size_t used = 0;

	lines[0] = '\0';
	for (const char *at = output; *at;) {
		size_t length = strcspn(at, "\n");

		if (strncmp(at, "ok ", 3) == 0 || strncmp(at, "not ok ", 7) == 0) {
			size_t name = strcspn(at, "#\n");

			used += (size_t)snprintf(lines + used, size - used, "%.*s\n", (int)name, at);
		}
		at += length + (at[length] == '\n');
	}
}

/* How many files of results there are. */
static unsigned count_results(void)
{
	char command[96], text[16] = "";
	FILE *out;

	snprintf(command, sizeof(command), "ls %s | wc -l", results);
	out = popen(command, "r");
	if (!out || !fgets(text, sizeof(text), out))
		abort();
	pclose(out);
	return (unsigned)strtoul(text, NULL, 10);
}

static void expect_nothing_left(void)
{
	struct leftovers left = leftovers_take();

	if (left.processes || left.files)
		fail_msg("left behind:%s", left.names);
}

static int make_results(void **state)
{
	(void)state;
	snprintf(results, sizeof(results), "/tmp/ktstr-pool-XXXXXX");
	return mkdtemp(results) ? 0 : -1;
}

static int remove_results(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", results);
	return system(command);
}

/* When the result of a test was written. */
static struct timespec result_time(const char *test)
{
	char command[160], path[256] = "";
	struct stat status;
	FILE *out;

	snprintf(command, sizeof(command), "ls %s/%s-*", results, test);
	out = popen(command, "r");
	if (!out || !fgets(path, sizeof(path), out))
		abort();
	pclose(out);
	path[strcspn(path, "\n")] = '\0';
	assert_int_equal(stat(path, &status), 0);
	return status.st_mtim;
}

/* The first test hangs in one VM; the others end before it in the other one, and the order stays. */
static void results_keep_their_order_beside_a_hanging_test(void **state)
{
	static const char *const ends[] = { "pool_2_quick", "pool_3_fails", "pool_4_quick", "pool_5_skips",
					    "pool_1_hangs" };
	const char *argv[] = { tool, "test", cases, "--filter", "pool_[1-5]*", "-j", "2", "--timeout", "30s",
			       "--results", results, NULL };
	struct timespec before = { 0 };
	char lines[1024];

	(void)state;
	command_run(argv, 180, -1, NULL, &result);
	keep_result_lines(result.output, lines, sizeof(lines));
	assert_string_equal(lines, "not ok 1 - pool_1_hangs \nok 2 - pool_2_quick\n"
				   "not ok 3 - pool_3_fails\nok 4 - pool_4_quick\nok 5 - pool_5_skips \n");
	assert_contains(result.output, "timed out after 30.0 s while the test ran");
	assert_contains(result.output, "three is not four");
	assert_contains(result.output, "# 2 passed, 2 failed, 1 skipped, 0 could not run\n");
	/* Standard error is no terminal: nothing about progress. */
	assert_null(strchr(result.output, '\r'));
	assert_int_equal(result.exit_code, 1);
	for (size_t i = 0; i < COUNT(ends); i++) {
		struct timespec at = result_time(ends[i]);

		if (at.tv_sec < before.tv_sec ||
		    (at.tv_sec == before.tv_sec && at.tv_nsec < before.tv_nsec))
			fail_msg("%s ended before %s", ends[i], ends[i - 1]);
		before = at;
	}
	expect_nothing_left();
}

static void several_binaries_are_one_pool(void **state)
{
	const char *argv[] = { tool, "test", cases, cases, "--filter", "pool_[24]*", "-j", "2", "--results",
			       results, NULL };
	char lines[1024];

	(void)state;
	command_run(argv, 180, -1, NULL, &result);
	keep_result_lines(result.output, lines, sizeof(lines));
	assert_string_equal(lines, "ok 1 - pool_2_quick\nok 2 - pool_4_quick\n"
				   "ok 3 - pool_2_quick\nok 4 - pool_4_quick\n");
	assert_contains(result.output, "TAP version 13\n1..4\n");
	assert_int_equal(result.exit_code, 0);
	expect_nothing_left();
}

/* What strikes once two VMs hang, and when it did. */
static int strike_signal;
static uint64_t struck_ms;
static unsigned struck_vms;

static void strike(pid_t pid)
{
	uint64_t limit_ms = now_ms() + READY_LIMIT_MS;

	/* The quick ones are through when their results are there; then both VMs are the hanging ones'. */
	while (now_ms() < limit_ms && (count_results() < 4 || command_descendants(pid, QEMU) < 2))
		nap();
	struck_vms = command_descendants(pid, QEMU);
	struck_ms = now_ms();
	kill(pid, strike_signal);
}

static void run_and_strike(int signal_number)
{
	/* Results of pool_2 to 5 come first; 1 and 6 hang. */
	const char *argv[] = { tool, "test", cases, "-j", "2", "--results", results, NULL };
	struct leftovers left;
	uint64_t took_ms;

	strike_signal = signal_number;
	command_run(argv, 180, 0, strike, &result);
	took_ms = now_ms() - struck_ms;
	left = leftovers_take();
	print_message("%u VMs, ended %u ms after signal %d\n", struck_vms, (unsigned)took_ms, signal_number);
	if (left.processes || left.files)
		fail_msg("left behind:%s", left.names);
	assert_int_equal(struck_vms, 2);
	if (took_ms > END_LIMIT_MS)
		fail_msg("took %u ms to end", (unsigned)took_ms);
	took_ms = now_ms() - struck_ms;
	if (took_ms > END_LIMIT_MS)
		fail_msg("the last process was gone after %u ms", (unsigned)took_ms);
}

static void expect_interrupted_report(void)
{
	char lines[1024];

	keep_result_lines(result.output, lines, sizeof(lines));
	assert_string_equal(lines, "ok 2 - pool_2_quick\nnot ok 3 - pool_3_fails\n"
				   "ok 4 - pool_4_quick\nok 5 - pool_5_skips \n");
	assert_contains(result.output, "\nBail out! interrupted after 4 of 6 tests, in "
				       "'pool_1_hangs', 'pool_6_hangs'\n");
	assert_int_equal(result.exit_code, 2);
}

static void interrupt_ends_two_vms_within_a_second(void **state)
{
	(void)state;
	run_and_strike(SIGINT);
	expect_interrupted_report();
}

static void terminate_ends_two_vms_within_a_second(void **state)
{
	(void)state;
	run_and_strike(SIGTERM);
	expect_interrupted_report();
}

static void killed_runner_takes_two_vms_along(void **state)
{
	(void)state;
	run_and_strike(SIGKILL);
	assert_int_equal(result.signal, SIGKILL);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, make_results, remove_results)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(results_keep_their_order_beside_a_hanging_test),
		CASE(several_binaries_are_one_pool),
		CASE(interrupt_ends_two_vms_within_a_second),
		CASE(terminate_ends_two_vms_within_a_second),
		CASE(killed_runner_takes_two_vms_along),
	};

	if (argc < 3) {
		fprintf(stderr, "usage: %s KTSTR CASES [TEST]\n", argv[0]);
		return 2;
	}
	tool = argv[1];
	cases = argv[2];
	leftovers_watch();
	if (argc > 3)
		cmocka_set_test_filter(argv[3]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
