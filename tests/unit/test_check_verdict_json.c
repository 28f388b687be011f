// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "base/cleanup.h"
#include "check/verdict_build.h"
#include "check/verdict_json.h"
#include "unit.h"

#include "check_reports.h"

static struct verdict *sample(void)
{
	struct verdict *verdict = verdict_new();
	struct cgroup_stats left = {
		.name = strdup("left"),
		.num_workers = 2,
		.cpus_used = cpus_of(0x9),
		.off_cpu_measured = true,
		.avg_off_cpu_pct = 20,
		.min_off_cpu_pct = 10.5,
		.max_off_cpu_pct = 29.5,
		.spread = 19,
		.max_gap_ms = 12,
		.max_gap_cpu = 3,
		.total_migrations = 4,
		.total_iterations = 16,
		.total_cpu_time_ns = UINT64_MAX, /* more than JSON can say */
		.wake_measured = true,
		.p99_wake_latency_us = 1.25,
		.median_wake_latency_us = 0.5,
		.wake_latency_cv = 0.75,
		.run_delay_measured = true,
		.mean_run_delay_us = 2,
		.worst_run_delay_us = 3,
	};
	struct cgroup_stats right = { .name = strdup(""), .num_workers = 1, .max_gap_cpu = -1 };

	verdict_add(verdict, VERDICT_PASS, DETAIL_OTHER, "%s", "");
	verdict_set_phase(verdict, "Step[0]");
	verdict_add_to_cgroup(verdict, "left", VERDICT_FAIL, DETAIL_UNFAIR, "caf\xc3\xa9 \"%d\"\n",
			      1);
	verdict_note(verdict, "a note");
	verdict_keep_cgroup(verdict, &left);
	verdict_keep_cgroup(verdict, &right);
	return verdict;
}

static const char expected[] =
	"{\"outcome\": \"fail\","
	" \"entries\": [{\"outcome\": \"pass\", \"kind\": \"Other\", \"message\": \"\","
	" \"cgroup\": null, \"phase\": \"\"},"
	" {\"outcome\": \"fail\", \"kind\": \"Unfair\", \"message\": \"caf\xc3\xa9 \\\"1\\\"\\n\","
	" \"cgroup\": \"left\", \"phase\": \"Step[0]\"}],"
	" \"notes\": [\"a note\"],"
	" \"stats\": {\"cgroups\": ["
	"{\"cgroup_name\": \"left\", \"num_workers\": 2, \"cpus_used\": [0, 3], \"num_cpus\": 2,"
	" \"max_gap_cpu\": 3, \"migration_ratio\": 0.25, \"avg_off_cpu_pct\": 20.0,"
	" \"min_off_cpu_pct\": 10.5, \"max_off_cpu_pct\": 29.5, \"spread\": 19.0,"
	" \"max_gap_ms\": 12, \"total_migrations\": 4, \"total_iterations\": 16,"
	" \"total_cpu_time_ns\": 9223372036854775807, \"wake_measured\": true,"
	" \"p99_wake_latency_us\": 1.25, \"median_wake_latency_us\": 0.5,"
	" \"wake_latency_cv\": 0.75, \"run_delay_measured\": true, \"mean_run_delay_us\": 2.0,"
	" \"worst_run_delay_us\": 3.0},"
	" {\"cgroup_name\": \"\", \"num_workers\": 1, \"cpus_used\": [], \"num_cpus\": 0,"
	" \"max_gap_cpu\": -1, \"migration_ratio\": 0.0, \"avg_off_cpu_pct\": null,"
	" \"min_off_cpu_pct\": null, \"max_off_cpu_pct\": null, \"spread\": null,"
	" \"max_gap_ms\": 0, \"total_migrations\": 0, \"total_iterations\": 0,"
	" \"total_cpu_time_ns\": 0, \"wake_measured\": false,"
	" \"p99_wake_latency_us\": 0.0, \"median_wake_latency_us\": 0.0,"
	" \"wake_latency_cv\": 0.0, \"run_delay_measured\": false, \"mean_run_delay_us\": 0.0,"
	" \"worst_run_delay_us\": 0.0}],"
	" \"total_workers\": 3, \"total_cpus\": 2, \"total_migrations\": 4,"
	" \"total_iterations\": 16, \"worst_spread\": 19.0, \"worst_gap_ms\": 12,"
	" \"worst_gap_cpu\": 3, \"worst_migration_ratio\": 0.25}}";

static void verdict_to_json_writes_every_field(void **state)
{
	struct verdict *verdict = sample();
	json_auto_t *json = verdict_to_json(verdict);
	auto_free char *text = json_dumps(json, JSON_PRESERVE_ORDER);

	(void)state;
	verdict_free(verdict);
	assert_string_equal(text, expected);
}

static void verdict_json_comes_back_as_it_was(void **state)
{
	struct verdict *verdict = sample(), *back = NULL;
	json_auto_t *json = verdict_to_json(verdict), *again = NULL;
	struct ktstr_error error = { 0 };

	(void)state;
	if (verdict_from_json(json, &back, &error))
		fail_msg("%s", error.text);
	again = verdict_to_json(back);
	assert_true(json_equal(json, again));
	verdict_free(verdict);
	verdict_free(back);
}

static void verdict_json_carries_the_empty_verdict(void **state)
{
	struct verdict *verdict = verdict_new(), *back = NULL;
	json_auto_t *json = verdict_to_json(verdict);
	const struct verdict_entry *entries;

	(void)state;
	assert_int_equal(verdict_from_json(json, &back, NULL), 0);
	assert_int_equal(verdict_outcome(back), VERDICT_PASS);
	assert_int_equal(verdict_entries(back, &entries), 0);
	verdict_free(verdict);
	verdict_free(back);
}

/* What the guest had to leave out still arrives, so a full verdict has to fit. */
static void verdict_json_carries_a_full_verdict(void **state)
{
	struct verdict *verdict = verdict_new(), *back = NULL;
	json_auto_t *json = NULL;
	struct ktstr_error error = { 0 };

	(void)state;
	for (int i = 0; i < VERDICT_ENTRIES_MAX + 5; i++)
		verdict_add(verdict, VERDICT_PASS, DETAIL_OTHER, "%d", i);
	for (int i = 0; i < VERDICT_NOTES_MAX + 5; i++)
		verdict_note(verdict, "%d", i);
	verdict_add(verdict, VERDICT_FAIL, DETAIL_STUCK, "lost");
	json = verdict_to_json(verdict);
	if (verdict_from_json(json, &back, &error))
		fail_msg("%s", error.text);
	assert_int_equal(verdict_outcome(back), VERDICT_FAIL);
	assert_contains(verdict_terminal(back)->message, "7 outcomes or statistics lost");
	verdict_free(verdict);
	verdict_free(back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_to_json_writes_every_field),
		cmocka_unit_test(verdict_json_comes_back_as_it_was),
		cmocka_unit_test(verdict_json_carries_the_empty_verdict),
		cmocka_unit_test(verdict_json_carries_a_full_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
