// SPDX-License-Identifier: GPL-2.0-only
/* A run: what is to be run is settled before anything is started, then the pool runs the tests. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/filter.h"
#include "runner/env.h"
#include "runner/host.h"
#include "runner/host_session.h"
#include "runner/pool.h"
#include "runner/report.h"
#include "runner/rerun.h"
#include "runner/run.h"
#include "runner/sidecar.h"

struct run {
	const struct run_config *config;
	struct test_binary *binaries;
	size_t binaries_count;
	struct test_plan *plans;
	size_t plans_count;
	struct job *jobs; /* one a plan, as are the needs */
	struct admission_need *needs;
	struct test_groups groups;
	struct vm_env env;    /* where tests run, or */
	struct host_env host; /* with --host */
	const char *results_dir;
	char run_id[32];
	bool kernel_verbose;

	struct report report;
	struct progress progress;
	size_t running, ended, failed;
	uint64_t begin_ns;
	uint64_t taken_ns; /* by the tests that ended, one after another */
};

static void run_release(struct run *run)
{
	for (size_t i = 0; i < run->binaries_count; i++)
		test_binary_release(&run->binaries[i]);
	free(run->binaries);
	for (size_t i = 0; run->jobs && i < run->plans_count; i++)
		job_release(&run->jobs[i]);
	free(run->jobs);
	free(run->needs);
	test_groups_release(&run->groups);
	free(run->plans);
	vm_env_close(&run->env);
	host_env_close(&run->host);
}
#define auto_run __attribute__((cleanup(run_release)))

static int open_binaries(struct run *run, struct ktstr_error *error)
{
	const struct run_config *config = run->config;
	const char *work = test_arguments_work(&config->arguments);

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
		if (work)
			err = test_binary_check_work(&run->binaries[i], work, error);
		if (err)
			return err;
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
		.work = test_arguments_work(arguments),
		.on_host = arguments->host,
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

static int make_jobs(struct run *run, struct ktstr_error *error)
{
	run->jobs = calloc(run->plans_count, sizeof(*run->jobs));
	run->needs = calloc(run->plans_count, sizeof(*run->needs));
	if (!run->jobs || !run->needs)
		return ktstr_error_set(error, -ENOMEM, "no memory for %zu tests", run->plans_count);
	if (test_groups_make(run->plans, run->plans_count, &run->groups, error))
		return -ENOMEM;
	for (size_t i = 0; i < run->plans_count; i++) {
		const struct test_plan *plan = &run->plans[i];
		struct job *job = &run->jobs[i];

		run->needs[i] = job_need(plan);
		job->group = run->groups.of[i];
		job->rerun = rerun_command(plan, &run->config->arguments);
		job->record = (struct test_record){
			.plan = plan,
			.accel = plan->on_host ? "host" : accel_kind_str(run->env.accel.kind),
			.rerun = job->rerun,
			.run_id = run->run_id,
		};
	}
	run->report = (struct report){
		.jobs = run->jobs,
		.count = run->plans_count,
		.out = run->config->out,
		.verbose = run->config->arguments.verbose,
	};
	return 0;
}

static int prepare(struct run *run, struct ktstr_error *error)
{
	const struct test_arguments *arguments = &run->config->arguments;
	const struct vm_env_config env = {
		.kernel = arguments->kernel,
		.accel = (enum accel_kind)arguments->accel,
		.templates = !arguments->no_template,
	};
	/* Not --verbose: each letter of the kernel's log costs an exit, and boot time. */
	const char *kernel_verbose = getenv("KTSTR_VERBOSE");
	time_t now = time(NULL);
	struct tm utc;
	int err;

	run->kernel_verbose = kernel_verbose && strcmp(kernel_verbose, "1") == 0;
	run->progress = run->config->progress;
	run->results_dir = results_dir(arguments);
	if (gmtime_r(&now, &utc))
		strftime(run->run_id, sizeof(run->run_id), "%Y%m%dT%H%M%SZ-0", &utc);
	err = arguments->host ? host_env_open(&run->host, error)
			      : vm_env_open(&env, &run->env, error);
	if (!err)
		err = make_jobs(run, error);
	return err ? err : sidecar_prepare(run->results_dir, error);
}

/* What happened to templates, once the line about the progress is out of the way. */
static void print_notices(struct run *run, struct job *job)
{
	if (!job->notices[0] || !run->config->notices)
		return;
	progress_erase(&run->progress);
	fputs(job->notices, run->config->notices);
	fflush(run->config->notices);
}

static void job_started(void *data, size_t index)
{
	struct run *run = data;

	run->jobs[index].state = JOB_RUNNING;
	run->jobs[index].started_ns = clock_now_ns();
	run->running++;
}

/* Written now rather than in its turn: whatever becomes of the others, this result is safe. */
static void job_ended(void *data, size_t index)
{
	struct run *run = data;
	struct job *job = &run->jobs[index];

	run->running--;
	test_group_leave(job->group);
	print_notices(run, job);
	if (job->facts.interrupted) {
		job->state = JOB_INTERRUPTED;
		return;
	}
	job->state = JOB_ENDED;
	run->ended++;
	run->failed += outcome_status(job->record.outcome.kind) != 0;
	run->taken_ns += clock_now_ns() - job->started_ns;
	job->saved = sidecar_write(&job->record, run->results_dir, &job->save_error) == 0;
	if (!report_is_due(&run->report))
		return;
	progress_erase(&run->progress);
	report_advance(&run->report);
}

static void show_progress(void *data)
{
	struct run *run = data;
	const uint64_t now_ns = clock_now_ns();
	struct progress_view view = {
		.total = run->plans_count,
		.done = run->ended,
		.failed = run->failed,
		.running = run->running,
		.elapsed_ns = now_ns - run->begin_ns,
		.mean_ns = run->ended ? run->taken_ns / run->ended : 0,
	};

	for (size_t i = run->report.next; i < run->plans_count; i++) {
		const struct job *job = &run->jobs[i];

		uint64_t age_ns = now_ns - job->started_ns;

		if (job->state != JOB_RUNNING)
			continue;
		view.begun_ns += age_ns < view.mean_ns ? age_ns : view.mean_ns;
		if (age_ns <= view.oldest_ns)
			continue;
		view.oldest = job->record.plan->test->name;
		view.oldest_ns = age_ns;
	}
	progress_draw(&run->progress, &view);
}

static void run_one(void *data, size_t index)
{
	const struct run *run = data;

	if (run->config->arguments.host)
		job_run_on_host(&run->jobs[index], &run->host, run->config->stop_fd);
	else
		job_run(&run->jobs[index], &run->env, run->config->stop_fd, run->kernel_verbose);
}

/* Tests on one machine disturb each other, so each has it to itself unless --jobs says more. */
static struct admission_limits limits_of(const struct run *run)
{
	const struct test_arguments *arguments = &run->config->arguments;
	struct admission_host host;

	if (arguments->host)
		return (struct admission_limits){ .slots = arguments->jobs
								   ? (unsigned)arguments->jobs
								   : 1 };
	host_look(&host);
	return admission_limits_make((unsigned)arguments->jobs, &host);
}

static int run_pool(struct run *run, struct ktstr_error *error)
{
	const struct test_arguments *arguments = &run->config->arguments;
	char text[ADMISSION_TEXT_MAX];
	const struct pool_config pool = {
		.count = run->plans_count,
		.needs = run->needs,
		.limits = limits_of(run),
		.stop_fd = run->config->stop_fd,
		.run = run_one,
		.started = job_started,
		.ended = job_ended,
		.tick = show_progress,
		.tick_ms = run->progress.out ? PROGRESS_PERIOD_MS : 0,
		.data = run,
	};

	if (arguments->verbose && !arguments->host)
		fprintf(run->config->out, "# %s\n",
			admission_explain(&pool.limits, run->needs, run->plans_count, text));
	return pool_run(&pool, error);
}

static int run_all(struct run *run)
{
	FILE *out = run->config->out;
	struct ktstr_error error = { 0 };
	int err;

	ktap_plan(run->plans_count, out);
	run->begin_ns = clock_now_ns();
	err = run_pool(run, &error);
	progress_erase(&run->progress);
	if (err || run->ended < run->plans_count) {
		report_give_up(&run->report, err ? error.text : "interrupted");
		return 2;
	}
	ktap_summary(&run->report.totals, run->results_dir, out);
	return run->report.status;
}

int run_tests(const struct run_config *config, int *ret_status, struct ktstr_error *error)
{
	auto_run struct run run = { .config = config, .host = { .cgroups = { .fd = -1 } } };
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
