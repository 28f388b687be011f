// SPDX-License-Identifier: GPL-2.0-only
/* The catalogue: every scenario runs on a machine that is large enough, and skips on a small one.
 */
#include <ktstr/scenarios.h>

#include "fake_scenario.h"

#define ROW(name, summary) { #name, ktstr_scenario_##name },

static const struct {
	const char *name;
	int (*run)(struct ktstr_ctx *ctx);
} scenarios[] = { KTSTR_SCENARIOS(ROW) }, curated[] = { KTSTR_SCENARIOS_CURATED(ROW) };

/* Claim 95: the names that people know. */
static void the_curated_scenarios_are_fourteen(void **state)
{
	(void)state;
	assert_int_equal(COUNT(curated), 14);
	assert_string_equal(curated[0].name, "steady");
	assert_string_equal(curated[13].name, "nested_task_move");
}

static void every_scenario_runs_and_leaves_nothing(void **state)
{
	static const char *const machines[] = { "1n2l4c1t", "2n2l2c2t" };

	(void)state;
	for (size_t i = 0; i < COUNT(scenarios) * COUNT(machines); i++) {
		struct ktstr_ctx ctx = fake_ctx(machines[i % COUNT(machines)]);

		ctx.bridge = (struct scenario_bridge){ 0 };
		ctx.duration_ms = 1;
		assert_int_equal(scenarios[i / COUNT(machines)].run(&ctx), 0);
		if (strncmp(fake.failures, "|skip Skip|needs", 16) != 0) {
			if (*fake.failures)
				fail_msg("%s: %s", scenarios[i / COUNT(machines)].name,
					 fake.failures);
			assert_contains(fake.log, "judge(");
		}
		assert_nothing_left();
		ctx_release_memory(&ctx);
		fake_ctx_free(&ctx);
	}
}

/* Claim 95: without touching a cgroup. */
static void scenarios_skip_on_machines_that_are_too_small(void **state)
{
	unsigned skipped = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(scenarios); i++) {
		struct ktstr_ctx ctx = fake_ctx("1n1l1c1t");

		ctx.bridge = (struct scenario_bridge){ 0 };
		ctx.duration_ms = 1;
		if (scenarios[i].run(&ctx))
			fail_msg("%s: %s", scenarios[i].name, fake.failures);
		if (strstr(fake.failures, "|skip Skip|")) {
			assert_string_equal(fake.log, "");
			skipped++;
		} else {
			assert_string_equal(fake.failures, "");
		}
		assert_nothing_left();
		ctx_release_memory(&ctx);
		fake_ctx_free(&ctx);
	}
	assert_true(skipped >= 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_curated_scenarios_are_fourteen),
		cmocka_unit_test(every_scenario_runs_and_leaves_nothing),
		cmocka_unit_test(scenarios_skip_on_machines_that_are_too_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
