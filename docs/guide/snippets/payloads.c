// SPDX-License-Identifier: GPL-2.0-only
/* Real programs in a test: declared, run, judged. */
#include <ktstr/ktstr.h>

static const struct ktstr_payload hackbench = {
	.name = "hackbench",
	.args = KTSTR_ARGS("--groups", "1", "--loops", "100"),
	.output = KTSTR_OUTPUT_REGEX({ "time_s", "^Time: ([0-9.]+)" }),
	.checks = KTSTR_METRIC_CHECKS(KTSTR_EXIT_CODE(0), KTSTR_METRIC_MAX("time_s", 60)),
	.hints = KTSTR_METRIC_HINTS(
		{ .metric = "time_s", .unit = "s", .polarity = KTSTR_LOWER_BETTER }),
};

static const struct ktstr_payload cyclictest = {
	.name = "cyclictest",
	.args = KTSTR_ARGS("--quiet", "--interval=2000", "--json=/dev/stdout"),
	.output = KTSTR_OUTPUT_JSON_PATHS({ "worst_us", "thread.0.max" },
					  { "mean_us", "thread.0.avg" }),
	.known_flags = KTSTR_FLAGS("--duration"),
};

static const struct ktstr_payload stress = {
	.name = "stress",
	.exe = "stress-ng",
	.args = KTSTR_ARGS("--cpu", "2", "--timeout", "600"),
};

KTSTR_TEST(messages_get_through, .topology = { .llcs = 1, .cores = 2 },
	   .payloads = KTSTR_PAYLOADS(&hackbench))
{
	KTSTR_AUTO_PAYLOAD_RESULT struct ktstr_payload_result *result = NULL;
	struct ktstr_error error = { 0 };
	int err = ktstr_payload_run(ctx, &hackbench, NULL, &result, &error);

	if (err)
		return ktstr_could_not_run(ctx, &error);
	ktstr_payload_judge(ctx, result);
	return 0;
}

/* Wake-ups of one cgroup while another keeps every CPU busy. */
static int wake_beside_stress(struct ktstr_ctx *ctx, struct ktstr_payload_result **ret_result,
			      struct ktstr_error *error)
{
	const struct ktstr_payload_options busy = { .cgroup = "busy" };
	const struct ktstr_payload_options waking = {
		.cgroup = "waking",
		.args = KTSTR_ARGS("--duration=1"),
		.checks = KTSTR_METRIC_CHECKS(KTSTR_EXIT_CODE(0), KTSTR_METRIC_EXISTS("worst_us")),
		.timeout_ms = 15000,
	};
	KTSTR_AUTO_PAYLOAD_RUN struct ktstr_payload_run *background = NULL;
	int err = ktstr_payload_spawn(ctx, &stress, &busy, &background, error);

	if (!err)
		err = ktstr_payload_run(ctx, &cyclictest, &waking, ret_result, error);
	return err ? err : ktstr_payload_kill(background, NULL, error);
}

KTSTR_TEST(wake_ups_under_stress, .topology = { .llcs = 1, .cores = 2 },
	   .payloads = KTSTR_PAYLOADS(&cyclictest, &stress))
{
	struct ktstr_cgroups *cgroups = ktstr_ctx_cgroups(ctx);
	KTSTR_AUTO_PAYLOAD_RESULT struct ktstr_payload_result *result = NULL;
	const struct ktstr_metric *worst;
	struct ktstr_error error = { 0 };
	int err = ktstr_cgroup_create(cgroups, "busy", &error);

	if (!err)
		err = ktstr_cgroup_create(cgroups, "waking", &error);
	if (!err)
		err = wake_beside_stress(ctx, &result, &error);
	if (err)
		return ktstr_could_not_run(ctx, &error);
	ktstr_payload_judge(ctx, result);
	worst = ktstr_payload_result_metric(result, "worst_us");
	if (worst)
		ktstr_note(ctx, "the worst wake-up took %.0f us", worst->value);
	err = ktstr_cgroup_remove(cgroups, "waking", &error);
	if (!err)
		err = ktstr_cgroup_remove(cgroups, "busy", &error);
	return err ? ktstr_could_not_run(ctx, &error) : 0;
}
