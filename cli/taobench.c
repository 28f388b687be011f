// SPDX-License-Identifier: GPL-2.0-only
/* ktstr taobench: a cache read by clients, with a slow path for what it does not have. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/stop.h"
#include "cli/taobench_print.h"
#include "workload/taobench/engine.h"

struct arguments {
	uint64_t clients, slow_threads, capacity, hit_pct, fetch_us, fetch_p99_us, rate, runtime;
	bool json;
};

static const struct option_row rows[] = {
	OPTION_U64("client-threads", 'c', struct arguments, clients, "N",
		   "client threads (one per CPU)"),
	OPTION_U64("slow-threads", 's', struct arguments, slow_threads, "N",
		   "dispatcher threads (a third of the clients)"),
	OPTION_U64("capacity", 'm', struct arguments, capacity, "MIB", "size of the cache (64)"),
	OPTION_U64("hit-pct", 'H', struct arguments, hit_pct, "PERCENT", "lookups that hit (90)"),
	OPTION_U64("fetch", 'u', struct arguments, fetch_us, "USEC", "time of a fetch (100)"),
	OPTION_U64("fetch-p99", 'p', struct arguments, fetch_p99_us, "USEC",
		   "99th percentile of fetches (all the same)"),
	OPTION_U64("rate", 'R', struct arguments, rate, "N",
		   "requests per second (one after the other)"),
	OPTION_U64("runtime", 'r', struct arguments, runtime, "SECONDS", "length of the run (30)"),
	OPTION_FLAG("json", 0, struct arguments, json, "print JSON"),
	OPTION_END,
};

static const struct option_set taobench_options = {
	.command = "ktstr taobench",
	.synopsis = "[OPTION...]",
	.summary = "Runs taobench: client threads read from a cache, dispatcher threads fetch what "
		   "is missing.\nMeasures requests per second, and at a given rate how late they "
		   "are served.",
	.rows = rows,
};

const struct option_set *const cli_taobench_options[] = { &taobench_options, NULL };

static int print(const struct taobench *bench, bool as_json, struct ktstr_error *error)
{
	struct taobench_metric metrics[2 + TAOBENCH_METRICS_MAX] = {
		{ "client_threads", taobench_clients(bench), 0 },
		{ "slow_threads", taobench_dispatchers(bench), 0 },
	};
	struct ktstr_taobench_report report;
	unsigned count;
	json_t *json;
	int err;

	taobench_report(bench, &report);
	count = 2 + taobench_list_metrics(&report, &metrics[2]);
	if (!as_json) {
		taobench_print(stdout, metrics, count);
		return 0;
	}
	json = taobench_json(metrics, count);
	err = json ? json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(10)) : -1;
	putchar('\n');
	json_decref(json);
	return err ? ktstr_error_set(error, -ENOMEM, "cannot print JSON") : 0;
}

static int configure(const struct arguments *arguments, struct taobench_config *config,
		     struct ktstr_error *error)
{
	const struct cli_number numbers[] = {
		{ "client-threads", arguments->clients, &config->client_threads },
		{ "slow-threads", arguments->slow_threads, &config->slow_threads },
		{ "capacity", arguments->capacity, &config->cache_capacity_mib },
		{ "hit-pct", arguments->hit_pct, &config->target_hit_pct },
		{ "fetch", arguments->fetch_us, &config->slow_path_us },
		{ "fetch-p99", arguments->fetch_p99_us, &config->slow_path_p99_us },
		{ "rate", arguments->rate, &config->arrival_rate },
	};

	int err = cli_take_numbers(numbers, sizeof(numbers) / sizeof(numbers[0]), error);

	if (err)
		return err;
	if (!arguments->runtime || arguments->runtime > UINT32_MAX)
		return ktstr_error_set(error, -EINVAL, "option --runtime: %llu out of range 1..=%u",
				       (unsigned long long)arguments->runtime, UINT32_MAX);
	return 0;
}

static int run(const struct arguments *arguments, struct taobench_config *config, int stop_fd,
	       struct ktstr_error *error)
{
	struct taobench *bench = NULL;
	int err = taobench_new(config, &bench, error);

	if (!err)
		err = taobench_start(bench, error);
	if (!err) {
		stop_wait(stop_fd, clock_now_ns() + arguments->runtime * NS_PER_S);
		taobench_stop(bench);
		err = print(bench, arguments->json, error);
	}
	taobench_free(bench);
	return err;
}

int cli_taobench(int argc, char **argv)
{
	struct arguments arguments = {
		.capacity = 64, .hit_pct = 90, .fetch_us = 100, .runtime = 30
	};
	/* One slice: nothing here changes the epoch. */
	struct taobench_config config = { .slices_max = 1 };
	struct ktstr_error error = { 0 };
	int stop_fd = -1, err, status;
	unsigned args;

	status = cli_parse(&taobench_options, argc, argv, &arguments, &args);
	if (status != CLI_GO_ON)
		return status;
	err = configure(&arguments, &config, &error);
	config.slices = calloc(1, sizeof(*config.slices));
	if (!err && !config.slices)
		err = ktstr_error_set(&error, -ENOMEM, "no memory");
	if (!err)
		err = stop_open(&stop_fd, &error);
	if (!err)
		err = run(&arguments, &config, stop_fd, &error);
	free(config.slices);
	if (stop_fd >= 0)
		close(stop_fd);
	return err ? cli_error(taobench_options.command, "%s", error.text) : CLI_OK;
}
