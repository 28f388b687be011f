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

/*
 * Section 15 of the requirement sheet on 8 CPUs with one worker in each default group: groups of
 * workers over the whole scenario, and workers in them.
 */
static const struct {
	const char *name;
	unsigned groups, workers;
} expected[] = {
	{ "steady", 2, 2 },
	{ "steady_llc", 2, 2 },
	{ "oversubscribed", 2, 64 },
	{ "cpuset_apply", 2, 2 },
	{ "cpuset_clear", 2, 2 },
	{ "cpuset_resize", 2, 2 },
	{ "cgroup_add", 4, 4 },
	{ "cgroup_remove", 4, 4 },
	{ "affinity_change", 2, 2 },
	{ "affinity_pinned", 2, 2 },
	{ "host_contention", 3, 10 },
	{ "mixed_workloads", 3, 10 },
	{ "nested_steady", 4, 4 },
	{ "nested_task_move", 1, 1 },
	{ "custom_host_cgroup_contention", 3, 10 },
	{ "custom_sched_mixed", 8, 16 },
	{ "custom_cgroup_pipe_io", 4, 6 },
	{ "custom_cgroup_cpuset_apply_midrun", 2, 2 },
	{ "custom_cgroup_cpuset_clear_midrun", 2, 2 },
	{ "custom_cgroup_cpuset_resize", 2, 2 },
	{ "custom_cgroup_cpuset_swap_disjoint", 2, 2 },
	{ "custom_cgroup_cpuset_workload_imbalance", 2, 7 },
	{ "custom_cgroup_cpuset_change_imbalance", 2, 8 },
	{ "custom_cgroup_cpuset_numa_swap", 2, 2 },
	{ "custom_cgroup_cpuset_load_shift", 3, 33 },
	{ "custom_cgroup_add_midrun", 4, 4 },
	{ "custom_cgroup_remove_midrun", 4, 4 },
	{ "custom_cgroup_rapid_churn", 2, 2 },
	{ "custom_cgroup_cpuset_add_remove", 3, 3 },
	{ "custom_cgroup_add_during_imbalance", 3, 14 },
	{ "custom_cgroup_affinity_change", 2, 2 },
	{ "custom_cgroup_multicpu_pin", 2, 2 },
	{ "custom_cgroup_cpuset_multicpu_pin", 2, 2 },
	{ "custom_cgroup_add_load_imbalance", 3, 18 },
	{ "custom_cgroup_imbalance_mixed_workload", 3, 10 },
	{ "custom_cgroup_load_oscillation", 8, 12 },
	{ "custom_cgroup_4way_load_imbalance", 4, 29 },
	{ "custom_cgroup_cpuset_imbalance_combined", 2, 8 },
	{ "custom_cgroup_cpuset_overlap_imbalance_combined", 3, 15 },
	{ "custom_cgroup_no_ctrl_task_migration", 2, 2 },
	{ "custom_cgroup_no_ctrl_imbalance", 3, 10 },
	{ "custom_cgroup_no_ctrl_cpuset_change", 2, 2 },
	{ "custom_cgroup_no_ctrl_load_imbalance", 2, 17 },
	{ "custom_cgroup_io_compute_imbalance", 2, 9 },
	{ "custom_nested_cgroup_steady", 4, 4 },
	{ "custom_nested_cgroup_task_move", 1, 1 },
	{ "custom_nested_cgroup_rapid_churn", 2, 2 },
	{ "custom_nested_cgroup_cpuset", 1, 1 },
	{ "custom_nested_cgroup_imbalance", 2, 10 },
	{ "custom_nested_cgroup_no_ctrl", 2, 2 },
	{ "custom_cgroup_per_cpu", 7, 7 },
	{ "custom_cgroup_exhaust_reuse", 3, 3 },
	{ "custom_cgroup_dsq_contention", 5, 25 },
	{ "custom_cgroup_workload_variety", 5, 6 },
	{ "custom_cgroup_cpuset_workload_variety", 3, 4 },
	{ "custom_cgroup_dynamic_workload_variety", 4, 8 },
	{ "custom_cgroup_cpuset_cross_llc_race", 2, 64 },
	{ "custom_cache_pressure_imbalance", 2, 9 },
	{ "custom_cache_yield_wake_affine", 2, 2 },
	{ "custom_cache_pipe_io_compute_imbalance", 2, 10 },
	{ "custom_fan_out_wake", 2, 13 },
	{ "custom_fan_out_compute", 2, 13 },
};
_Static_assert(COUNT(expected) == COUNT(scenarios), "a row for each scenario, in their order");

/* Everyone who was started was judged. */
static void check_judged(size_t index)
{
	unsigned groups = 0, workers = 0;

	for (const char *at = fake.log; (at = strstr(at, "judge(")); groups++) {
		at = strchr(at, ',') + 1;
		workers += (unsigned)strtoul(at, NULL, 10);
	}
	assert_string_equal(scenarios[index].name, expected[index].name);
	if (groups != expected[index].groups || workers != expected[index].workers)
		fail_msg("%s: %u workers in %u groups instead of %u in %u", expected[index].name,
			 workers, groups, expected[index].workers, expected[index].groups);
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
		if (!strcmp(fake.failures, "|skip Skip|needs at least 2 NUMA nodes, the machine has 1\n")) {
			assert_int_equal(i % COUNT(machines), 0);
			assert_string_equal(scenarios[i / COUNT(machines)].name,
					    "custom_cgroup_cpuset_numa_swap");
		} else {
			assert_string_equal(fake.failures, "");
			check_judged(i / COUNT(machines));
		}
		assert_nothing_left();
		ctx_release_memory(&ctx);
		fake_ctx_free(&ctx);
	}
}

/* Sheet 15.8: those that are pinned may wait for 1500 ms, the crowd for what the test allows. */
static void pinned_workers_have_a_limit_of_their_own(void **state)
{
	static const uint64_t gaps_ms[] = { 1500, 1501 };

	(void)state;
	for (size_t i = 0; i < COUNT(gaps_ms); i++) {
		struct ktstr_ctx ctx = fake_ctx("1n1l4c1t");
		unsigned stuck = 0;

		ctx.bridge = (struct scenario_bridge){ 0 };
		ctx.duration_ms = 1;
		fake.gap_ms = gaps_ms[i];
		assert_int_equal(ktstr_scenario_custom_cgroup_dsq_contention(&ctx), 0);
		for (const char *at = fake.failures; (at = strstr(at, "|fail Stuck|cgroup 'cg_0': tid")); at++)
			stuck++;
		assert_int_equal(stuck, i ? 3 : 0);
		fake_ctx_free(&ctx);
	}
}

/* At once, and those that do not go by steps also in the middle of their 300 s. */
static void every_scenario_ends_when_the_scheduler_is_gone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(scenarios); i++) {
		bool loops = strstr(scenarios[i].name, "churn") || strstr(scenarios[i].name, "dsq");
		struct ktstr_ctx ctx = fake_ctx("2n2l2c2t");

		ctx.duration_ms = 300000;
		fake.down_from = loops ? 2 : 1;
		assert_int_equal(scenarios[i].run(&ctx), 0);
		assert_contains(fake.failures, "|fail SchedulerDiedUnknownReason|scheduler process died");
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
		cmocka_unit_test(pinned_workers_have_a_limit_of_their_own),
		cmocka_unit_test(every_scenario_ends_when_the_scheduler_is_gone),
		cmocka_unit_test(scenarios_skip_on_machines_that_are_too_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
