// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a template is worth: the same empty test in a booted guest, in a copy and in a hot copy, in
 * turns, for several sizes of guest; what making templates costs; how fast a test binary is handed over.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/option.h"
#include "heavy.h"
#include "series.h"
#include "ways.h"

/* Which guests a test gets: hot ones for so many tests that are alike, 0 for none. */
#define HOT_TESTS "KTSTR_HOT_TESTS"
enum { COLD, COPY, HOT, WAYS };

struct arguments {
	uint64_t rounds;
	const char *topologies;
	bool no_rate;
};

static const struct option_row rows[] = {
	OPTION_U64("rounds", 'r', struct arguments, rounds, "N", "how often each is measured (default 10)"),
	OPTION_STRING("topologies", 't', struct arguments, topologies, "LIST",
		      "guests to measure, with commas (default 1n1l2c1t,1n2l4c1t,1n4l4c1t)"),
	OPTION_FLAG("no-rate", 0, struct arguments, no_rate, "leave the rate of the hand-over out"),
	OPTION_END,
};

static const struct option_set options = {
	.command = "copies",
	.synopsis = "[OPTION...]",
	.summary = "Times an empty test in booted guests, in copies of a template and in hot ones.",
	.rows = rows,
};

/* The empty test in one kind of guest, and its phases. */
struct measured {
	struct series total, phases[WHOLE_PHASES_MAX], rest;
	char names[WHOLE_PHASES_MAX][40];
	size_t phases_count;
};

static double phase_ms(const struct whole_times *times, const char *name)
{
	for (size_t i = 0; i < times->phases_count; i++)
		if (strcmp(times->phases[i].name, name) == 0)
			return times->phases[i].ms;
	return 0;
}

static void keep(struct measured *measured, const struct whole_times *times)
{
	double rest_ms = times->total_ms;

	for (size_t i = 0; i < times->phases_count; i++) {
		snprintf(measured->names[i], sizeof(measured->names[i]), "    %s", times->phases[i].name);
		series_add(&measured->phases[i], times->phases[i].ms);
		rest_ms -= times->phases[i].ms;
	}
	measured->phases_count = times->phases_count;
	series_add(&measured->total, times->total_ms);
	series_add(&measured->rest, rest_ms);
}

static void print(struct measured *measured, const char *name, struct series *base)
{
	series_print(&measured->total, name, base);
	for (size_t i = 0; i < measured->phases_count; i++)
		series_print(&measured->phases[i], measured->names[i], NULL);
	series_print(&measured->rest, "    before and after these", NULL);
}

/* The first run in a fresh folder makes the template. */
static int measure_making(const struct bench *bench, struct ktstr_error *error)
{
	char folder[] = "/tmp/ktstr-bench-templates-XXXXXX", command[64];
	struct whole_times times, hot;
	int err;

	if (!mkdtemp(folder))
		return ktstr_error_set(error, -errno, "folder '%s': %s", folder, strerror(errno));
	setenv("KTSTR_TEMPLATE_DIR", folder, 1);
	setenv(HOT_TESTS, "0", 1);
	err = run_whole(bench, &times, error);
	setenv(HOT_TESTS, "1", 1);
	if (!err)
		err = run_whole(bench, &hot, error);
	unsetenv("KTSTR_TEMPLATE_DIR");
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (system(command) != 0)
		fprintf(stderr, "copies: '%s' is left behind\n", folder);
	if (!err)
		printf("%-46s %8.0f, of which saving %.0f\n", "  the run that makes the template", times.total_ms,
		       phase_ms(&times, "save"));
	if (!err)
		printf("%-46s %8.0f, of which making %.0f\n", "  the run that makes the hot template",
		       hot.total_ms, phase_ms(&hot, "load"));
	return err;
}

static int measure_topology(struct bench *bench, const char *topology, uint64_t rounds,
			    struct ktstr_error *error)
{
	static struct measured ways[WAYS];
	struct whole_times times;
	int err = ktstr_topology_parse(topology, &bench->topology, error);

	memset(ways, 0, sizeof(ways));
	printf("%s\n", topology);
	if (!err)
		err = measure_making(bench, error);
	/* Makes both in the usual folder, where they are not there yet. */
	if (!err)
		err = run_whole(bench, &times, error);
	for (uint64_t i = 0; !err && i < WAYS * rounds; i++) {
		bench->cold = i % WAYS == COLD;
		setenv(HOT_TESTS, i % WAYS == HOT ? "1" : "0", 1);
		err = run_whole(bench, &times, error);
		if (!err)
			keep(&ways[i % WAYS], &times);
	}
	bench->cold = false;
	if (err)
		return err;
	print(&ways[COLD], "  booted: exec to exit", NULL);
	print(&ways[COPY], "  copied: exec to exit", &ways[COLD].total);
	print(&ways[HOT], "  hot copy: exec to exit", &ways[COLD].total);
	fflush(stdout);
	return 0;
}

static int measure_topologies(struct bench *bench, const struct arguments *arguments, struct ktstr_error *error)
{
	auto_free char *list = strdup(arguments->topologies);
	char *rest = list, *topology;
	int err = list ? 0 : ktstr_error_set(error, -ENOMEM, "no memory");

	printf("%-46s %8s %8s %8s %8s\n", "ms", "median", "min", "max", "faster");
	while (!err && (topology = strsep(&rest, ",")))
		err = measure_topology(bench, topology, arguments->rounds, error);
	return err;
}

/* The phase of the same test with and without the ballast, in turns. */
static int measure_rate(struct bench *bench, uint64_t rounds, struct ktstr_error *error)
{
	static struct series light, heavy;
	struct whole_times times;
	double more_ms;
	int err = ktstr_topology_parse("1n1l2c1t", &bench->topology, error);

	setenv(HOT_TESTS, "0", 1);
	for (uint64_t i = 0; !err && i < 2 * rounds; i++) {
		bool is_heavy = i % 2;

		bench->test = is_heavy ? BENCH_HEAVY : BENCH_FIFTY;
		bench->filter = is_heavy ? NULL : "empty_00";
		err = run_whole(bench, &times, error);
		if (!err)
			series_add(is_heavy ? &heavy : &light, phase_ms(&times, "bundle"));
	}
	if (err)
		return err;
	printf("hand-over\n");
	series_print(&light, "  small binary", NULL);
	series_print(&heavy, "  16 MiB larger binary", NULL);
	more_ms = series_median_ms(&heavy) - series_median_ms(&light);
	if (more_ms > 0)
		printf("%-46s %8.0f MiB/s\n", "  rate", HEAVY_MIB * 1000.0 / more_ms);
	return 0;
}

int main(int argc, char **argv)
{
	struct arguments arguments = { .rounds = 10, .topologies = "1n1l2c1t,1n2l4c1t,1n4l4c1t" };
	struct bench bench = { .test = BENCH_FIFTY, .filter = "empty_00" };
	char folder[] = "/tmp/ktstr-bench-XXXXXX";
	struct ktstr_error error = { 0 };
	unsigned args;
	int err = option_parse(&options, argc, argv, &arguments, &args, &error);

	if (err == OPTION_HELP_ASKED) {
		option_print_help(&options, stdout);
		return 0;
	}
	if (!err && (arguments.rounds < 1 || arguments.rounds > SERIES_MAX))
		err = ktstr_error_set(&error, -ERANGE, "option --rounds: %" PRIu64 " out of range 1..=%d",
				      arguments.rounds, SERIES_MAX);
	bench.results = err ? NULL : mkdtemp(folder);
	if (!err && !bench.results)
		err = ktstr_error_set(&error, -errno, "folder '%s': %s", folder, strerror(errno));
	if (!err)
		err = measure_topologies(&bench, &arguments, &error);
	if (!err && !arguments.no_rate)
		err = measure_rate(&bench, arguments.rounds, &error);
	if (bench.results)
		rmdir(bench.results);
	if (err)
		fprintf(stderr, "copies: %s\n", error.text);
	return err ? 2 : 0;
}
