// SPDX-License-Identifier: GPL-2.0-only
/* Real programs in a guest: how they get there, where they run, what is taken from them. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"

static const struct ktstr_payload hackbench = {
	.name = "hackbench",
	.args = KTSTR_ARGS("-g", "1", "-l", "50"),
	.output = KTSTR_OUTPUT_REGEX({ "time_s", "^Time: ([0-9.]+)" },
				     { "tasks", "\\(== ([0-9]+) tasks\\)" }),
	.checks = KTSTR_METRIC_CHECKS(KTSTR_EXIT_CODE(0), KTSTR_METRIC_MIN("time_s", 0),
				      KTSTR_METRIC_RANGE("tasks", 40, 40)),
	.hints = KTSTR_METRIC_HINTS({ "time_s", "s", KTSTR_LOWER_BETTER, 0 }),
};

static const struct ktstr_payload cyclictest = {
	.name = "cyclictest",
	.args = KTSTR_ARGS("--quiet", "--duration=1", "--interval=2000", "--json=/dev/stdout"),
	.output = KTSTR_OUTPUT_JSON,
	.checks = KTSTR_METRIC_CHECKS(KTSTR_EXIT_CODE(0), KTSTR_METRIC_MIN("thread.0.cycles", 1),
				      KTSTR_METRIC_EXISTS("thread.0.max")),
	.known_flags = KTSTR_FLAGS("--threads"),
};

static const struct ktstr_payload stress_ng = {
	.name = "stress-ng",
	.args = KTSTR_ARGS("--cpu", "2", "--cpu-method", "int64", "--metrics-brief"),
	.output = KTSTR_OUTPUT_REGEX({ "bogo_ops", " cpu +([0-9]+) " }),
};

/* The same program under a name of its own. */
static const struct ktstr_payload endless = {
	.name = "endless",
	.exe = "stress-ng",
	.args = KTSTR_ARGS("--cpu", "2", "--timeout", "1000"),
};

/* Beside this binary; says where it is, and prints the files that it is given. */
static const struct ktstr_payload teller = {
	.name = "teller",
	.exe = "./payload_teller",
	.include_files = KTSTR_FILES("payload_input.json"),
	.output = KTSTR_OUTPUT_JSON,
};

static const struct ktstr_payload script = {
	.name = "script",
	.exe = "./payload_script",
};

static const struct ktstr_payload undeclared = { .name = "cyclictest" };

/* One run, and no failed check. */
static int run_well(struct ktstr_ctx *ctx, const struct ktstr_payload *payload,
		    const struct ktstr_payload_options *options,
		    struct ktstr_payload_result **ret_result)
{
	struct ktstr_error error = { 0 };
	int err = ktstr_payload_run(ctx, payload, options, ret_result, &error);

	if (err)
		return ktstr_could_not_run(ctx, &error);
	ktstr_payload_judge(ctx, *ret_result);
	EXPECT(ctx, (*ret_result)->exit_code == 0, "%s: %d, %s%s", payload->name,
	       (*ret_result)->exit_code, (*ret_result)->out, (*ret_result)->err);
	return 0;
}

static int make_cgroup(struct ktstr_ctx *ctx, const char *name)
{
	struct ktstr_error error = { 0 };
	int err = ktstr_cgroup_create(ktstr_ctx_cgroups(ctx), name, &error);

	return err ? ktstr_could_not_run(ctx, &error) : 0;
}

static void remove_cgroup(struct ktstr_ctx *ctx, const char *name)
{
	struct ktstr_error error = { 0 };
	int err = ktstr_cgroup_remove(ktstr_ctx_cgroups(ctx), name, &error);

	EXPECT(ctx, !err, "%s", error.text);
}

KTSTR_TEST(hackbench_by_regex, .topology = { .llcs = 1, .cores = 2 }, .payloads = KTSTR_PAYLOADS(&hackbench))
{
	KTSTR_AUTO_PAYLOAD_RESULT struct ktstr_payload_result *result = NULL;
	const struct ktstr_metric *time_s;
	int err = run_well(ctx, &hackbench, NULL, &result);

	if (err)
		return err;
	time_s = ktstr_payload_result_metric(result, "time_s");
	EXPECT(ctx, time_s && time_s->value > 0 && !strcmp(time_s->unit, "s"), "%s", result->out);
	EXPECT(ctx, result->num_metrics == 2, "%zu", result->num_metrics);
	return 0;
}

KTSTR_TEST(cyclictest_by_json, .topology = { .llcs = 1, .cores = 2 }, .payloads = KTSTR_PAYLOADS(&cyclictest))
{
	KTSTR_AUTO_PAYLOAD_RESULT struct ktstr_payload_result *result = NULL;
	const struct ktstr_payload_options two = {
		.args = KTSTR_ARGS("--threads=2"),
		.checks = KTSTR_METRIC_CHECKS(KTSTR_METRIC_RANGE("num_threads", 2, 2),
					      KTSTR_METRIC_EXISTS("thread.1.avg")),
	};
	int err = run_well(ctx, &cyclictest, &two, &result);

	if (err)
		return err;
	EXPECT(ctx, result->num_checks == 5, "%zu", result->num_checks);
	return 0;
}

KTSTR_TEST(stress_ng_beside_workers, .topology = { .llcs = 1, .cores = 2 }, .payloads = KTSTR_PAYLOADS(&stress_ng))
{
	KTSTR_AUTO_PAYLOAD_RUN struct ktstr_payload_run *run = NULL;
	KTSTR_AUTO_PAYLOAD_RESULT struct ktstr_payload_result *result = NULL;
	const struct ktstr_payload_options options = {
		.args = KTSTR_ARGS("--timeout", "1"),
		.checks = KTSTR_METRIC_CHECKS(KTSTR_EXIT_CODE(0), KTSTR_METRIC_MIN("bogo_ops", 1)),
		.cgroup = "stress",
	};
	struct ktstr_error error = { 0 };
	int err = make_cgroup(ctx, "stress");

	if (err)
		return err;
	err = ktstr_payload_spawn(ctx, &stress_ng, &options, &run, &error);
	if (err)
		return ktstr_could_not_run(ctx, &error);
	err = ktstr_execute_steps(ctx, KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("cg_0", .workers = 2)),
						  .hold = KTSTR_HOLD_MS(500)));
	if (err)
		return err;
	err = ktstr_payload_wait(run, &result, &error);
	if (err)
		return ktstr_could_not_run(ctx, &error);
	ktstr_payload_judge(ctx, result);
	remove_cgroup(ctx, "stress");
	return 0;
}

/* By what the program itself reads as the first thing it does. */
KTSTR_TEST(payload_begins_in_its_cgroup, .payloads = KTSTR_PAYLOADS(&teller))
{
	KTSTR_AUTO_PAYLOAD_RESULT struct ktstr_payload_result *result = NULL;
	KTSTR_AUTO_PAYLOAD_RESULT struct ktstr_payload_result *outside = NULL;
	int err = make_cgroup(ctx, "a/b");

	if (!err)
		err = run_well(ctx, &teller, &(struct ktstr_payload_options){ .cgroup = "a/b" }, &result);
	if (!err)
		err = run_well(ctx, &teller, NULL, &outside);
	if (err)
		return err;
	EXPECT(ctx, !strcmp(result->out, "0::/ktstr/a/b\n"), "%s", result->out);
	EXPECT(ctx, !strstr(outside->out, "/ktstr/a"), "%s", outside->out);
	remove_cgroup(ctx, "a/b");
	return 0;
}

KTSTR_TEST(include_files_are_beside_the_test, .payloads = KTSTR_PAYLOADS(&teller, &script))
{
	KTSTR_AUTO_PAYLOAD_RESULT struct ktstr_payload_result *input = NULL;
	KTSTR_AUTO_PAYLOAD_RESULT struct ktstr_payload_result *said = NULL;
	const struct ktstr_payload_options options = {
		.args = KTSTR_ARGS("payload_input.json"),
		.checks = KTSTR_METRIC_CHECKS(KTSTR_METRIC_RANGE("jobs.0.read.iops", 4, 4)),
	};
	int err = run_well(ctx, &teller, &options, &input);

	/* Its interpreter came along. */
	if (!err)
		err = run_well(ctx, &script, &(struct ktstr_payload_options){ .args = KTSTR_ARGS("hello") }, &said);
	if (err)
		return err;
	EXPECT(ctx, !strcmp(said->out, "script says hello\n"), "%s", said->out);
	return 0;
}

KTSTR_TEST(undeclared_payload_says_how_to_declare_it)
{
	struct ktstr_payload_result *result = NULL;
	struct ktstr_error error = { 0 };
	int err = ktstr_payload_run(ctx, &undeclared, NULL, &result, &error);

	EXPECT(ctx, err == -ENOENT && strstr(error.text, ".payloads = KTSTR_PAYLOADS(...)"), "%d %s", err, error.text);
	ktstr_payload_result_free(result);
	return 0;
}

KTSTR_TEST(placing_fails_before_the_program_runs, .payloads = KTSTR_PAYLOADS(&teller))
{
	struct ktstr_payload_result *result = NULL;
	struct ktstr_error error = { 0 };
	int err = ktstr_payload_run(ctx, &teller, &(struct ktstr_payload_options){ .cgroup = "no_such" }, &result, &error);

	EXPECT(ctx, err == -ENOENT && strstr(error.text, "cgroup 'no_such'"), "%d %s", err, error.text);
	ktstr_payload_result_free(result);
	return 0;
}

/* Whether a cgroup has processes; true as well when it cannot be read. */
static bool is_populated(const char *procs)
{
	FILE *file = fopen(procs, "r");
	bool populated = !file || fgetc(file) != EOF;

	if (file)
		fclose(file);
	return populated;
}

/* stress-ng forks its workers: none of them may be left. */
KTSTR_TEST(kill_and_timeout_end_the_group, .topology = { .llcs = 1, .cores = 2 }, .payloads = KTSTR_PAYLOADS(&endless))
{
	KTSTR_AUTO_PAYLOAD_RUN struct ktstr_payload_run *run = NULL;
	KTSTR_AUTO_PAYLOAD_RESULT struct ktstr_payload_result *killed = NULL, *late = NULL;
	const struct ktstr_payload_options options = { .cgroup = "endless", .timeout_ms = 500 };
	struct ktstr_error error = { 0 };
	int err = make_cgroup(ctx, "endless");

	if (err)
		return err;
	err = ktstr_payload_run(ctx, &endless, &options, &late, &error);
	if (!err)
		err = ktstr_payload_spawn(ctx, &endless, &options, &run, &error);
	if (!err && ktstr_payload_try_wait(run, NULL, NULL) != -EAGAIN)
		ktstr_fail(ctx, "the endless payload has ended");
	if (!err)
		err = ktstr_payload_kill(run, &killed, &error);
	if (err)
		return ktstr_could_not_run(ctx, &error);
	EXPECT(ctx, late->timed_out && late->exit_code == -1, "%d", late->exit_code);
	EXPECT(ctx, !killed->timed_out && killed->exit_code == -1, "%d", killed->exit_code);
	EXPECT(ctx, !is_populated(KTSTR_CGROUP_PARENT "/endless/cgroup.procs"), "%s", "processes are left");
	remove_cgroup(ctx, "endless");
	return 0;
}
