// SPDX-License-Identifier: GPL-2.0-only
/* A run: what is to be run is settled before anything is started, then one test after another. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/filter.h"
#include "runner/env.h"
#include "runner/ktap.h"
#include "runner/rerun.h"
#include "runner/run.h"
#include "runner/session.h"
#include "runner/sidecar.h"

struct run {
	const struct run_config *config;
	struct test_binary *binaries;
	size_t binaries_count;
	struct test_plan *plans;
	size_t plans_count;
	struct vm_env env;
	const char *results_dir;
	char run_id[32];
	struct ktap_totals totals;
	int status;
};

static void run_release(struct run *run)
{
	for (size_t i = 0; i < run->binaries_count; i++)
		test_binary_release(&run->binaries[i]);
	free(run->binaries);
	free(run->plans);
	vm_env_close(&run->env);
}
#define auto_run __attribute__((cleanup(run_release)))

static int open_binaries(struct run *run, struct ktstr_error *error)
{
	const struct run_config *config = run->config;

	run->binaries = calloc(config->files_count + 1, sizeof(*run->binaries));
	if (!run->binaries)
		return ktstr_error_set(error, -ENOMEM, "no memory for %zu test binaries",
				       config->files_count);
	for (size_t i = 0; i < config->files_count; i++) {
		int err = test_binary_open(config->files[i], config->stop_fd, &run->binaries[i],
					   error);

		if (err)
			return err;
		run->binaries_count++;
	}
	return 0;
}

static int plan_binary(struct run *run, const struct test_binary *binary,
		       struct name_filter *filter, struct ktstr_error *error)
{
	const struct test_arguments *arguments = &run->config->arguments;
	const struct plan_overrides overrides = {
		.topology = arguments->topology,
		.timeout_ms = arguments->timeout_ns / NS_PER_MS,
	};

	for (size_t i = 0; i < binary->tests_count; i++) {
		int err;

		if (!name_filter_matches(filter, binary->tests[i].name))
			continue;
		err = test_plan_make(binary, &binary->tests[i], &overrides,
				     &run->plans[run->plans_count], error);
		if (err)
			return err;
		run->plans_count++;
	}
	return 0;
}

static int make_plans(struct run *run, struct ktstr_error *error)
{
	struct name_filter filter = NAME_FILTER(run->config->arguments.filter);
	size_t count = 0;
	int err = 0;

	for (size_t i = 0; i < run->binaries_count; i++)
		count += run->binaries[i].tests_count;
	if (count == 0)
		return ktstr_error_set(error, -ENOENT,
				       "test binary '%s' declares no test; KTSTR_TEST() does",
				       run->config->files[0]);
	run->plans = calloc(count, sizeof(*run->plans));
	if (!run->plans)
		return ktstr_error_set(error, -ENOMEM, "no memory for %zu tests", count);
	for (size_t i = 0; !err && i < run->binaries_count; i++)
		err = plan_binary(run, &run->binaries[i], &filter, error);
	return err ? err : name_filter_check(&filter, error);
}

static void list_tests(const struct run *run)
{
	FILE *out = run->config->out;
	char topology[KTSTR_TOPOLOGY_TEXT_MAX];

	for (size_t i = 0; i < run->plans_count; i++) {
		const struct test_plan *plan = &run->plans[i];

		if (run->config->arguments.verbose)
			fprintf(out, "%-32s %-12s %-16s %s:%d\n", plan->test->name,
				ktstr_topology_format(&plan->topology, topology),
				test_plan_scheduler(plan), plan->test->file, plan->test->line);
		else
			fprintf(out, "%s\n", plan->test->name);
	}
}

static const char *results_dir(const struct test_arguments *arguments)
{
	const char *chosen = getenv("KTSTR_SIDECAR_DIR");

	if (arguments->results)
		return arguments->results;
	return chosen && *chosen ? chosen : RUN_RESULTS_DIR;
}

static int prepare(struct run *run, struct ktstr_error *error)
{
	const struct test_arguments *arguments = &run->config->arguments;
	const struct vm_env_config env = {
		.kernel = arguments->kernel,
		.accel = (enum accel_kind)arguments->accel,
	};
	time_t now = time(NULL);
	struct tm utc;
	int err;

	run->results_dir = results_dir(arguments);
	if (gmtime_r(&now, &utc))
		strftime(run->run_id, sizeof(run->run_id), "%Y%m%dT%H%M%SZ-0", &utc);
	err = vm_env_open(&env, &run->env, error);
	return err ? err : sidecar_prepare(run->results_dir, error);
}

static bool stop_asked(const struct run *run)
{
	struct pollfd stop = { .fd = run->config->stop_fd, .events = POLLIN };

	return poll(&stop, 1, 0) > 0;
}

/* A scheduler that cannot be loaded says nothing about itself: the kernel is the wrong one. */
static bool kernel_fits(const struct run *run, const struct test_plan *plan,
			struct run_facts *facts)
{
	const struct kernel_entry *kernel = run->env.kernel;

	if (!plan->test->scheduler || kernel->sched_ext.usable)
		return true;
	*facts = (struct run_facts){ .exit_code = -1 };
	snprintf(facts->infra_error, sizeof(facts->infra_error),
		 "kernel '%s' has no usable sched_ext, which scheduler '%s' needs: %s; choose "
		 "another with --kernel",
		 kernel->ref, plan->test->scheduler->name, kernel->sched_ext.reason);
	return false;
}

/* Whether the test came to an end: one that the user stopped has no result to report. */
static bool run_one(struct run *run, size_t index)
{
	const struct run_config *config = run->config;
	const struct test_plan *plan = &run->plans[index];
	/* Not --verbose: each letter of the kernel's log costs an exit, and boot time. */
	const char *kernel_verbose = getenv("KTSTR_VERBOSE");
	const struct session_env session = {
		.qemu = &run->env.qemu,
		.accel = &run->env.accel,
		.kernel = run->env.kernel->boot,
		.initramfs = run->env.initramfs,
		.stop_fd = config->stop_fd,
		.verbose = kernel_verbose && strcmp(kernel_verbose, "1") == 0,
	};
	auto_free char *rerun = rerun_command(plan, &config->arguments);
	struct test_record record = {
		.plan = plan,
		.accel = accel_kind_str(run->env.accel.kind),
		.rerun = rerun,
		.run_id = run->run_id,
		.started_at = time(NULL),
	};
	struct ktstr_error error = { 0 };
	struct run_facts facts;

	record.facts = &facts;
	if (kernel_fits(run, plan, &facts))
		session_run(&session, plan, &facts);
	if (facts.interrupted) {
		run_facts_release(&facts);
		return false;
	}
	outcome_classify(&facts, plan->test->expect_err, &record.outcome);
	if (sidecar_write(&record, run->results_dir, &error)) {
		fprintf(config->out, "# %s\n", error.text);
		run->status = outcome_worse_status(run->status, 2);
	}
	ktap_result(index + 1, &record, config->arguments.verbose, config->out);
	ktap_count(&run->totals, &record.outcome);
	run->status = outcome_worse_status(run->status, outcome_status(record.outcome.kind));
	run_facts_release(&facts);
	return true;
}

static int run_all(struct run *run)
{
	const struct run_config *config = run->config;
	size_t done = 0;

	ktap_plan(run->plans_count, config->out);
	while (done < run->plans_count && !stop_asked(run) && run_one(run, done))
		done++;
	if (done < run->plans_count) {
		ktap_bail_out("interrupted", done, run->plans_count, config->out);
		return 2;
	}
	ktap_summary(&run->totals, run->results_dir, config->out);
	return run->status;
}

int run_tests(const struct run_config *config, int *ret_status, struct ktstr_error *error)
{
	auto_run struct run run = { .config = config };
	int err = test_arguments_check(&config->arguments, error);

	if (!err)
		err = open_binaries(&run, error);
	if (!err)
		err = make_plans(&run, error);
	if (!err && config->arguments.list) {
		list_tests(&run);
		*ret_status = 0;
		return 0;
	}
	if (!err)
		err = prepare(&run, error);
	if (err)
		return err;
	*ret_status = run_all(&run);
	return 0;
}
