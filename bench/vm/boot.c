// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a boot costs, and whose time it is: the same kernel on the same CPUs and memory under plain
 * QEMU, on ktstr's machine with a trivial init, with ktstr's agent, and in a whole test. The ways
 * take turns, so that a machine that gets slower or faster meanwhile does so for all of them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/option.h"
#include "series.h"
#include "vm/initramfs.h"
#include "vm/vm_config.h"
#include "ways.h"

struct arguments {
	uint64_t rounds;
	const char *topology, *kernel, *test;
	unsigned accel;
};

static const char *const accel_words[] = { "auto", "kvm", "tcg", NULL };

static const struct option_row rows[] = {
	OPTION_U64("rounds", 'n', struct arguments, rounds, "N", "boots of each kind (default 10)"),
	OPTION_STRING("topology", 't', struct arguments, topology, "NnNlNcNt",
		      "of the guest (default 1n1l2c1t)"),
	OPTION_STRING("kernel", 'k', struct arguments, kernel, "REF", "as for ktstr test"),
	OPTION_STRING("test", 0, struct arguments, test, "FILE",
		      "test binary with one test (default: one with a hold of 0 ms)"),
	OPTION_ENUM("accel", 0, struct arguments, accel, accel_words, "WORD", "accelerator"),
	OPTION_END,
};

static const struct option_set options = {
	.command = "boot",
	.synopsis = "[OPTION...]",
	.summary = "Compares boots: plain QEMU, ktstr's machine, ktstr's agent, a whole test.",
	.rows = rows,
};

enum way { PLAIN, OWN_TRIVIAL, OWN_AGENT, WAYS };

static const struct {
	int (*boot)(const struct bench *bench, struct boot_times *ret_times,
		    struct ktstr_error *error);
	const char *up, *end;
} ways[WAYS] = {
	[PLAIN] = { boot_plain, "plain QEMU, trivial init: to init", "plain QEMU, trivial init: to the end" },
	[OWN_TRIVIAL] = { boot_own_trivial, "ktstr's machine, trivial init: to init",
			  "ktstr's machine, trivial init: to the end" },
	[OWN_AGENT] = { boot_own_agent, "ktstr's machine and agent: to HELLO",
			"ktstr's machine and agent: to the end" },
};

/* Big, and there is one of it. */
static struct results {
	struct series up[WAYS], end[WAYS], total, phases[WHOLE_PHASES_MAX], rest;
	char names[WHOLE_PHASES_MAX][48];
	size_t phases_count;
} results;

static void keep_whole(const struct whole_times *times)
{
	double rest_ms = times->total_ms;

	for (size_t i = 0; i < times->phases_count; i++) {
		series_add(&results.phases[i], times->phases[i].ms);
		snprintf(results.names[i], sizeof(results.names[i]), "  %s", times->phases[i].name);
		rest_ms -= times->phases[i].ms;
	}
	results.phases_count = times->phases_count;
	series_add(&results.total, times->total_ms);
	series_add(&results.rest, rest_ms);
}

static int measure_round(const struct bench *bench, struct ktstr_error *error)
{
	struct whole_times whole;
	int err;

	for (enum way way = 0; way < WAYS; way++) {
		struct boot_times times;

		err = ways[way].boot(bench, &times, error);
		if (err)
			return ktstr_error_wrap(error, err, "%s", ways[way].end);
		series_add(&results.up[way], times.up_ms);
		series_add(&results.end[way], times.end_ms);
	}
	err = run_whole(bench, &whole, error);
	if (!err)
		keep_whole(&whole);
	return err;
}

static void print_results(const struct bench *bench, uint64_t rounds)
{
	char topology[KTSTR_TOPOLOGY_TEXT_MAX];

	printf("kernel %s, QEMU %u.%u, %s, %s, %u MiB, %llu rounds of all in turn\n\n",
	       bench->env.kernel->ref, bench->env.qemu.major, bench->env.qemu.minor,
	       accel_kind_str(bench->env.accel.kind),
	       ktstr_topology_format(&bench->topology, topology), bench->memory_mib,
	       (unsigned long long)rounds);
	printf("%-46s %8s %8s %8s %8s\n", "ms", "median", "min", "max", "faster");
	for (enum way way = 0; way < WAYS; way++)
		series_print(&results.up[way], ways[way].up, &results.up[PLAIN]);
	for (enum way way = 0; way < WAYS; way++)
		series_print(&results.end[way], ways[way].end, &results.end[PLAIN]);
	series_print(&results.total, "test binary: exec to exit", NULL);
	for (size_t i = 0; i < results.phases_count; i++)
		series_print(&results.phases[i], results.names[i], NULL);
	series_print(&results.rest, "  before and after these", NULL);
}

static int open_bench(const struct arguments *arguments, struct bench *bench, struct ktstr_error *error)
{
	const struct vm_env_config env = {
		.kernel = arguments->kernel,
		.accel = (enum accel_kind)arguments->accel,
	};
	const struct initramfs_config trivial = { .agent = BENCH_INIT };
	struct vm_config machine = { 0 };
	int err = 0;

	bench->cold = true;
	bench->kernel = arguments->kernel;
	bench->test = arguments->test ? arguments->test : BENCH_TEST;
	if (arguments->topology)
		err = ktstr_topology_parse(arguments->topology, &bench->topology, error);
	else
		ktstr_topology_resolve(&bench->topology, NULL);
	machine.topology = bench->topology;
	if (err)
		return err;
	bench->memory_mib = vm_memory_mib(&machine);
	err = vm_env_open(&env, &bench->env, error);
	return err ? err : initramfs_build(&trivial, &bench->trivial, error);
}

static int measure(const struct arguments *arguments, struct bench *bench, struct ktstr_error *error)
{
	char folder[] = "/tmp/ktstr-bench-XXXXXX";
	int err = 0;

	bench->results = mkdtemp(folder);
	if (!bench->results)
		return ktstr_error_set(error, -errno, "folder '%s': %s", folder, strerror(errno));
	for (uint64_t round = 0; !err && round < arguments->rounds; round++)
		err = measure_round(bench, error);
	rmdir(folder);
	return err;
}

int main(int argc, char **argv)
{
	struct arguments arguments = { .rounds = 10 };
	struct ktstr_error error = { 0 };
	struct bench bench = { 0 };
	unsigned args;
	int err = option_parse(&options, argc, argv, &arguments, &args, &error);

	if (err == OPTION_HELP_ASKED) {
		option_print_help(&options, stdout);
		return 0;
	}
	if (!err && (arguments.rounds < 1 || arguments.rounds > SERIES_MAX))
		err = ktstr_error_set(&error, -ERANGE, "option --rounds: %llu out of range 1..=%d",
				      (unsigned long long)arguments.rounds, SERIES_MAX);
	setenv("KTSTR_GUEST", BENCH_AGENT, 0);
	if (!err)
		err = open_bench(&arguments, &bench, &error);
	if (!err)
		err = measure(&arguments, &bench, &error);
	if (!err)
		print_results(&bench, arguments.rounds);
	else
		fprintf(stderr, "boot: %s\n", error.text);
	initramfs_free(bench.trivial);
	vm_env_close(&bench.env);
	return err ? 2 : 0;
}
