// SPDX-License-Identifier: GPL-2.0-only
/* ktstr workload: one kind of work on this machine, without VM, root or cgroups. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ktstr/workload.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/command.h"
#include "cli/stop.h"
#include "cli/workload_print.h"
#include "workload/work_names.h"
#include "workload/work_params.h"

#define PARAMS_BYTES_MAX 4096

struct arguments {
	bool list, json, threads;
	uint64_t workers, seconds;
	struct option_strings params;
};

static const struct option_row rows[] = {
	OPTION_U64("workers", 'w', struct arguments, workers, "N",
		   "workers (1, or as many as work together)"),
	OPTION_U64("seconds", 's', struct arguments, seconds, "N", "how long they work (1)"),
	OPTION_STRINGS("param", 'p', struct arguments, params, "NAME=VALUE",
		       "a parameter of the work; may be repeated"),
	OPTION_FLAG("threads", 't', struct arguments, threads,
		    "threads of this process instead of processes"),
	OPTION_FLAG("json", 'j', struct arguments, json, "print JSON"),
	OPTION_FLAG("list", 'l', struct arguments, list, "list the kinds of work"),
	OPTION_END,
};

static const struct option_set workload_options = {
	.command = "ktstr workload",
	.synopsis = "NAME [OPTION...] | --list",
	.summary = "Runs one kind of work on this machine and prints what its workers measured. "
		   "Needs no VM,\nroot or cgroup.",
	.rows = rows,
	.max_args = 1,
	.arg_name = "NAME",
};

const struct option_set *const cli_workload_options[] = { &workload_options, NULL };

/* "name=value" pairs into the parameters of the kind, which start out as nothing given. */
static int set_params(const struct ktstr_work_ops *ops, const struct option_strings *pairs,
		      void *params, struct ktstr_error *error)
{
	for (unsigned i = 0; i < pairs->count; i++) {
		const char *equals = strchr(pairs->values[i], '=');
		auto_free char *name = NULL;
		int err;

		if (!equals)
			return ktstr_error_set(error, -EINVAL,
					       "option --param: '%s' is not NAME=VALUE",
					       pairs->values[i]);
		name = strndup(pairs->values[i], (size_t)(equals - pairs->values[i]));
		if (!name)
			return ktstr_error_set(error, -ENOMEM, "no memory for a parameter");
		err = work_params_set(ops->params, params, name, equals + 1, error);
		if (err)
			return ktstr_error_wrap(error, err, "%s", ops->name);
	}
	return 0;
}

static int work_for(const struct ktstr_workload_config *config, uint64_t seconds,
		    struct ktstr_reports **ret_reports, struct ktstr_error *error)
{
	KTSTR_AUTO_WORKLOAD struct ktstr_workload *workload = NULL;
	int stop_fd = -1;
	int err = ktstr_workload_spawn(config, &workload, error);

	/* Behind the spawn: workers do not want the signals blocked that we read. */
	if (!err)
		err = stop_open(&stop_fd, error);
	if (err)
		return err;
	ktstr_workload_start(workload);
	stop_wait(stop_fd, clock_deadline_ms(seconds * 1000));
	close(stop_fd);
	return ktstr_workload_stop_and_collect(&workload, ret_reports, error);
}

static int print(const struct ktstr_work *work, bool as_json, const struct ktstr_reports *reports)
{
	json_t *json;

	if (!as_json) {
		workload_print_reports(stdout, ktstr_work_name(work), reports);
		return 0;
	}
	json = workload_json(ktstr_work_name(work), reports);
	if (!json)
		return -ENOMEM;
	json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(json);
	return 0;
}

static bool all_completed(const struct ktstr_reports *reports)
{
	for (size_t i = 0; i < reports->count; i++)
		if (!reports->reports[i].completed)
			return false;
	return true;
}

/* A kind that is nothing without parameters is found when there are some. */
static int find_kind(const char *name, bool has_params, const struct ktstr_work_ops **ret_ops,
		     struct ktstr_error *error)
{
	struct ktstr_work work = { 0 };
	int err;

	if (has_params)
		return work_kind_find(name, ret_ops, error);
	err = ktstr_work_from_name(name, &work, error);
	if (!err)
		*ret_ops = work.ops;
	return err;
}

/* params: of config's work, to be unset by the caller. */
static int run_work(struct ktstr_workload_config *config, void *params,
		    const struct arguments *arguments, struct ktstr_error *error)
{
	KTSTR_AUTO_REPORTS struct ktstr_reports *reports = NULL;
	int err = set_params(config->work.ops, &arguments->params, params, error);

	if (err)
		return err;
	config->work.params = params;
	if (!config->num_workers)
		config->num_workers = ktstr_work_group_size(&config->work);
	err = work_for(config, arguments->seconds, &reports, error);
	if (!err)
		err = print(&config->work, arguments->json, reports);
	if (err)
		return err;
	return all_completed(reports) ? CLI_OK : CLI_FAILED;
}

static int run(const char *name, const struct arguments *arguments, struct ktstr_error *error)
{
	_Alignas(max_align_t) char params[PARAMS_BYTES_MAX] = { 0 };
	struct ktstr_workload_config config = { .num_workers = (unsigned)arguments->workers };
	int status = find_kind(name, arguments->params.count > 0, &config.work.ops, error);

	if (status)
		return status;
	if (config.work.ops->params_size > sizeof(params))
		return ktstr_error_set(error, -E2BIG, "%s: its parameters are too large", name);
	if (arguments->threads || config.work.ops->not_as_process)
		config.clone_mode = KTSTR_CLONE_THREAD;
	status = run_work(&config, params, arguments, error);
	work_params_unset(config.work.ops->params, params);
	return status;
}

int cli_workload(int argc, char **argv)
{
	struct arguments arguments = { .seconds = 1 };
	struct ktstr_error error = { 0 };
	unsigned args;
	int code = cli_parse(&workload_options, argc, argv, &arguments, &args);

	if (code != CLI_GO_ON)
		return code;
	if (arguments.list) {
		workload_print_kinds(stdout);
		return CLI_OK;
	}
	if (!args)
		return cli_error("ktstr workload", "NAME of a kind of work expected; "
						   "'ktstr workload --list' shows them");
	if (arguments.workers > INT_MAX)
		return cli_error("ktstr workload", "option --workers: %llu is above %d",
				 (unsigned long long)arguments.workers, INT_MAX);
	if (!arguments.seconds || arguments.seconds > UINT_MAX)
		return cli_error("ktstr workload", "option --seconds: %llu out of range 1..=%u",
				 (unsigned long long)arguments.seconds, UINT_MAX);
	code = run(argv[1], &arguments, &error);
	return code < 0 ? cli_error("ktstr workload", "%s", error.text) : code;
}
