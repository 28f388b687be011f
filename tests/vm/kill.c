// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kill anything at any moment: the runner, QEMU, the test process or a worker in the guest. ktstr
 * ends in time with a verdict that is no pass, and leaves no process and no file.
 *
 * Usage: kill KTSTR VICTIMS [ROUNDS [SEED]]; the seed of a failed run repeats its moments.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

#define ROUNDS 52

/* Where a round's guest comes from, and until when there is something to kill under TCG. */
static const struct guest_source {
	const char *name;
	const char *option; /* of ktstr test */
	bool own_templates; /* an empty folder for them: the blow may strike while one is made */
	int latest_ms;
} sources[] = {
	{ "booted", "--no-template", false, 4000 },
	{ "made into a template", "--no-progress", true, 4500 },
	{ "restored", "--no-progress", false, 1800 },
};

#define SOURCES (sizeof(sources) / sizeof(sources[0]))

static void kill_runner(pid_t pid)
{
	kill(pid, SIGKILL);
}

static void interrupt_runner(pid_t pid)
{
	kill(pid, SIGINT);
}

static void terminate_runner(pid_t pid)
{
	kill(pid, SIGTERM);
}

static void kill_qemu(pid_t pid)
{
	pid_t qemu = command_descendant(pid, "qemu-system");

	if (qemu)
		kill(qemu, SIGKILL);
}

static void stop_qemu(pid_t pid)
{
	pid_t qemu = command_descendant(pid, "qemu-system");

	if (qemu)
		kill(qemu, SIGSTOP);
}

static const struct kill_kind {
	const char *name;
	void (*strike)(pid_t pid); /* NULL: the test kills for itself */
	const char *test;
	int timeout_s;
	const char *says; /* when the blow struck before the test was over; NULL: nothing can */
} kinds[] = {
	{ "runner by SIGKILL", kill_runner, "victim_worker", 30, NULL },
	{ "runner by SIGINT", interrupt_runner, "victim_worker", 30, "interrupted" },
	{ "QEMU by SIGKILL", kill_qemu, "victim_worker", 30, "QEMU was killed by signal 9" },
	{ "test process in the guest", NULL, "victim_test_process", 60, "killed by signal 9" },
	{ "runner by SIGTERM", terminate_runner, "victim_worker", 30, "interrupted" },
	{ "QEMU by SIGKILL", kill_qemu, "victim_test_process", 30, "QEMU was killed by signal 9" },
	{ "worker in the guest", NULL, "victim_worker", 60, "killed by signal 9" },
	{ "runner by SIGKILL", kill_runner, "victim_test_process", 30, NULL },
	{ "QEMU by SIGKILL", kill_qemu, "victim_worker", 30, "QEMU was killed by signal 9" },
	{ "runner by SIGINT", interrupt_runner, "victim_test_process", 30, "interrupted" },
	{ "QEMU by SIGKILL", kill_qemu, "victim_worker", 30, "QEMU was killed by signal 9" },
	{ "runner by SIGKILL", kill_runner, "victim_worker", 30, NULL },
	{ "QEMU by SIGSTOP", stop_qemu, "victim_worker", 90, "timed out" },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

int main(int argc, char **argv)
{
	int rounds = argc > 3 ? (int)strtol(argv[3], NULL, 10) : ROUNDS;
	unsigned seed = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : (unsigned)time(NULL);
	static struct command_result result;
	unsigned failed = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: %s KTSTR VICTIMS [ROUNDS [SEED]]\n", argv[0]);
		return 2;
	}
	leftovers_watch();
	srandom(seed);
	printf("TAP version 13\n1..%d\n# seed %u\n", rounds, seed);
	fflush(stdout);
	for (int round = 0; round < rounds; round++) {
		const struct kill_kind *kind = &kinds[(size_t)round % KINDS];
		const struct guest_source *source = &sources[(size_t)round % SOURCES];
		int at_ms = kind->strike ? (int)(random() % source->latest_ms) : -1;
		char results[] = "/tmp/kill-results-XXXXXX", remove[64];
		const char *command[] = { argv[1], "test", argv[2], "--filter", kind->test, "--results",
					  mkdtemp(results), "--timeout", "20s", source->option, NULL };
		bool hung, passed, clean;
		struct leftovers left;

		if (source->own_templates)
			setenv("KTSTR_TEMPLATE_DIR", results, 1);
		else
			unsetenv("KTSTR_TEMPLATE_DIR");
		command_run(command, kind->timeout_s, at_ms, kind->strike, &result);
		left = leftovers_take();
		snprintf(remove, sizeof(remove), "rm -rf %s", results);
		clean = !left.processes && !left.files && system(remove) == 0;
		/* Killed by what was sent, or ended by itself; never by command_run's own deadline. */
		hung = result.signal == SIGKILL && kind->strike != kill_runner;
		/* Both tests fail by themselves when nothing strikes in time. */
		passed = clean && !hung && result.exit_code != 0 &&
			 (!kind->says || strstr(result.output, kind->says) || strstr(result.output, "signal 9"));
		failed += !passed;
		printf("%sok %d - %s at %d ms, guest %s\n", passed ? "" : "not ", round + 1, kind->name, at_ms,
		       source->name);
		if (!passed)
			printf("# exit code %d, signal %d, left behind:%s\n%s\n", result.exit_code,
			       result.signal, left.names, result.output);
		fflush(stdout);
	}
	return failed ? 1 : 0;
}
