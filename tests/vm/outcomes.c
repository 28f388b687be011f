// SPDX-License-Identifier: GPL-2.0-only
/*
 * What ktstr makes of tests that end badly: each case of faults.c has its name, its exit code, and
 * a message that says what happened. Usage: outcomes KTSTR FAULTS
 */
#include <stdio.h>
#include <stdlib.h>

#include "../unit/unit.h"
#include "command.h"

static const char *tool, *faults;

struct outcome_case {
	const char *test;
	int exit_code;
	const char *says[5]; /* all of them stand in the output */
};

static const struct outcome_case cases[] = {
	{ "fault_fails", 1, { "not ok 1 - fault_fails", "outcome: FAIL", "the answer is 41, not 42", "--filter fault_fails" } },
	{ "fault_fails_as_expected", 0, { "ok 1 - fault_fails_as_expected" } },
	{ "fault_passes_unexpectedly", 1, { "not ok 1", "outcome: FAIL", "expect" } },
	{ "fault_skips", 0, { "ok 1 - fault_skips # SKIP needs 2 moons" } },
	{ "fault_cannot_run", 2, { "not ok 1", "no such device 'moon'" } },
	{ "fault_segfaults", 1, { "not ok 1", "outcome: NO_RESULT", "signal 11", "about to crash" } },
	{ "fault_exits", 1, { "not ok 1", "outcome: NO_RESULT", "7" } },
	{ "fault_hangs", 1, { "not ok 1", "outcome: TIMEOUT", "3", "(faults) sleeps", "pause" } },
	{ "fault_panics", 1, { "not ok 1", "outcome: GUEST_PANIC", "Kernel panic", "sysrq" } },
	/* The agent takes no signal from those it watches over. */
	{ "fault_attacks_init", 0, { "ok 1 - fault_attacks_init" } },
	{ "fault_powers_off", 1, { "not ok 1", "outcome: " } },
	{ "fault_scheduler_dies", 1, { "not ok 1", "outcome: SCHED_EXIT", "crashing", "scheduler process died" } },
	{ "fault_scheduler_missing", 2, { "no_such_file.bpf.o" } },
	{ "fault_scheduler_garbage", 2, { "/etc/passwd" } },
	{ "fault_duplicate_cgroup", 2, { "not ok 1", "'twin'" } },
	{ "fault_empty_cpuset", 2, { "not ok 1", "'none'", "0 cpus" } },
	{ "fault_offline_cpu", 2, { "not ok 1", "'far'", "7" } },
	{ "fault_bad_name", 2, { "not ok 1", "'../escape'" } },
	{ "fault_starves", 1, { "not ok 1", "outcome: FAIL", "stuck", "(threshold 1000ms)", "worst_gap=1" } },
	{ "fault_starves_as_expected", 0, { "ok 1 - fault_starves_as_expected" } },
	{ "fault_floods_the_log", 1, { "not ok 1", "outcome: FAIL", "wrote 4096 KiB" } },
	{ "fault_leaves_processes", 0, { "ok 1 - fault_leaves_processes" } },
};

static void outcome_has_its_name(void **state)
{
	static struct command_result result;
	const struct outcome_case *fault = *state;
	char results[] = "/tmp/ktstr-outcomes-XXXXXX", remove[64];
	const char *argv[] = { tool, "test", faults, "--filter", fault->test, "--results", mkdtemp(results), NULL };
	struct leftovers left;

	command_run(argv, 120, -1, NULL, &result);
	left = leftovers_take();
	snprintf(remove, sizeof(remove), "rm -rf %s", results);
	assert_int_equal(system(remove), 0);
	if (result.exit_code != fault->exit_code)
		print_message("%s\n", result.output);
	assert_int_equal(result.exit_code, fault->exit_code);
	for (size_t i = 0; i < COUNT(fault->says) && fault->says[i]; i++)
		assert_contains(result.output, fault->says[i]);
	if (left.processes || left.files)
		fail_msg("left behind:%s", left.names);
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[COUNT(cases)] = { 0 };

	if (argc < 3) {
		fprintf(stderr, "usage: %s KTSTR FAULTS [CASE]\n", argv[0]);
		return 2;
	}
	leftovers_watch();
	tool = argv[1];
	faults = argv[2];
	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest){ .name = cases[i].test, .test_func = outcome_has_its_name,
						.initial_state = (void *)&cases[i] };
	if (argc > 3)
		cmocka_set_test_filter(argv[3]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
