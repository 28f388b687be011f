// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "runner/rerun.h"
#include "runner/sidecar.h"

#include "unit.h"

static struct binary_test test = { .name = (char *)"two_cgroups", .file = (char *)"a.c", .line = 4 };
static struct test_binary binary = { .path = (char *)"/home/dev/my tests" };

static struct test_plan plan = { .test = &test, .binary = &binary, .topology = { 1, 2, 2, 1 } };

static struct test_record make_record(struct run_facts *facts)
{
	return (struct test_record){
		.plan = &plan,
		.facts = facts,
		.outcome = { .kind = OUTCOME_PASS },
		.accel = "tcg",
		.run_id = "20261121T091321Z-0",
		.started_at = 1795252401, /* 2026-11-21 09:13:21 UTC */
	};
}

static void sidecar_to_json_has_the_keys_that_readers_know(void **state)
{
	struct run_facts facts = { .kernel = "7.2.13", .duration_ns = 1500 * NS_PER_MS };
	struct test_record record = make_record(&facts);
	const char *name, *topology, *scheduler, *timestamp, *run_id, *kernel, *outcome;
	int passed, skipped, inconclusive, expected;
	json_int_t vcpus, duration_ms;
	json_t *json;

	(void)state;
	facts.verdict = verdict_new();
	tail_append(&facts.test_log, "\xff!", 2);
	json = sidecar_to_json(&record);
	assert_int_equal(json_unpack(json,
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:I, s:I}", "test_name", &name,
		"topology", &topology, "scheduler", &scheduler, "timestamp", &timestamp, "run_id", &run_id,
		"kernel_version", &kernel, "outcome", &outcome, "passed", &passed, "skipped", &skipped,
		"inconclusive", &inconclusive, "expected_failure", &expected, "vcpus", &vcpus,
		"duration_ms", &duration_ms), 0);
	assert_string_equal(name, "two_cgroups");
	assert_string_equal(topology, "1n2l2c1t");
	assert_string_equal(scheduler, "eevdf");
	assert_string_equal(timestamp, "2026-11-21T09:13:21Z");
	assert_string_equal(kernel, "7.2.13");
	assert_string_equal(outcome, "PASS");
	assert_true(passed && !skipped && !inconclusive && !expected);
	assert_int_equal(vcpus, 4);
	assert_int_equal(duration_ms, 1500);
	assert_true(json_is_object(json_object_get(json, "stats")));
	assert_string_equal(json_string_value(json_object_get(json, "test_log")), "?!");
	assert_null(json_object_get(json, "monitor")); /* not measured: not there */
	json_decref(json);
	run_facts_release(&facts);
}

static void sidecar_verdict_bits_are_exclusive(void **state)
{
	static const struct {
		enum outcome_kind kind;
		bool passed, skipped, inconclusive;
	} cases[] = {
		{ OUTCOME_PASS, true, false, false },          { OUTCOME_SKIP, false, true, false },
		{ OUTCOME_INCONCLUSIVE, false, false, true },  { OUTCOME_FAIL, false, false, false },
		{ OUTCOME_GUEST_PANIC, false, false, false },  { OUTCOME_NO_RESULT, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run_facts facts = { 0 };
		struct test_record record = make_record(&facts);
		json_t *json;

		record.outcome.kind = cases[i].kind;
		json = sidecar_to_json(&record);
		assert_int_equal(json_is_true(json_object_get(json, "passed")), cases[i].passed);
		assert_int_equal(json_is_true(json_object_get(json, "skipped")), cases[i].skipped);
		assert_int_equal(json_is_true(json_object_get(json, "inconclusive")), cases[i].inconclusive);
		assert_null(json_object_get(json, "stats"));
		json_decref(json);
	}
}

static void sidecar_name_tells_variants_apart(void **state)
{
	struct run_facts facts = { 0 };
	struct test_record record = make_record(&facts);
	struct test_plan other = plan;
	char first[SIDECAR_NAME_MAX], second[SIDECAR_NAME_MAX];

	(void)state;
	sidecar_name(&record, first);
	assert_int_equal(strlen(first), strlen("two_cgroups-0123456789abcdef.ktstr.json"));
	/* The value is part of the format: the same for ever, on every machine. */
	assert_string_equal(first, "two_cgroups-61804ee5d229b600.ktstr.json");
	other.topology.threads = 2;
	record.plan = &other;
	assert_string_not_equal(first, sidecar_name(&record, second));
}

static void sidecar_write_leaves_one_whole_file(void **state)
{
	char folder[] = "/tmp/ktstr-unit-sidecar-XXXXXX", deep[64], path[320], name[SIDECAR_NAME_MAX];
	struct run_facts facts = { 0 };
	struct test_record record = make_record(&facts);
	struct ktstr_error error = { 0 };
	struct dirent *entry;
	size_t entries = 0;
	json_t *json;
	DIR *dir;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(deep, sizeof(deep), "%s/a/b", folder);
	assert_int_equal(sidecar_prepare(deep, &error), 0);
	assert_int_equal(sidecar_prepare(deep, &error), 0);
	assert_int_equal(sidecar_write(&record, deep, &error), 0);
	assert_int_equal(sidecar_write(&record, deep, &error), 0);
	dir = opendir(deep);
	while ((entry = readdir(dir)))
		entries += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
	closedir(dir);
	assert_int_equal(entries, 1);
	snprintf(path, sizeof(path), "%s/%s", deep, sidecar_name(&record, name));
	json = json_load_file(path, 0, NULL);
	assert_non_null(json);
	json_decref(json);
	unlink(path);
	rmdir(deep);
	*strrchr(deep, '/') = '\0';
	rmdir(deep);
	assert_int_equal(rmdir(folder), 0);
}

static void sidecar_prepare_names_the_folder(void **state)
{
	struct ktstr_error error = { 0 };

	(void)state;
	assert_int_equal(sidecar_prepare("/dev/null/results", &error), -ENOTDIR);
	assert_contains(error.text, "results folder '/dev/null/results': ");
}

static void rerun_command_can_be_pasted(void **state)
{
	static const struct {
		const char *name;
		struct test_arguments arguments;
		const char *command;
	} cases[] = {
		{ "plain", { 0 }, "'/home/dev/my tests' --filter plain" },
		{ "a*b[c]", { 0 }, "'/home/dev/my tests' --filter 'a\\*b\\[c]'" },
		{ "it's", { 0 }, "'/home/dev/my tests' --filter 'it'\\''s'" },
		{ "all", { .kernel = "7.2.13", .topology = "1n1l2c1t", .accel = 2,
			   .timeout_ns = 90 * NS_PER_S, .verbose = true, .filter = "a*" },
		  "'/home/dev/my tests' --filter all --kernel 7.2.13 --topology 1n1l2c1t --accel tcg "
		  "--timeout 90000ms" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct binary_test named = { .name = (char *)cases[i].name };
		struct test_plan named_plan = { .test = &named, .binary = &binary };
		char *command = rerun_command(&named_plan, &cases[i].arguments);

		assert_string_equal(command, cases[i].command);
		free(command);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sidecar_to_json_has_the_keys_that_readers_know),
		cmocka_unit_test(sidecar_verdict_bits_are_exclusive),
		cmocka_unit_test(sidecar_name_tells_variants_apart),
		cmocka_unit_test(sidecar_write_leaves_one_whole_file),
		cmocka_unit_test(sidecar_prepare_names_the_folder),
		cmocka_unit_test(rerun_command_can_be_pasted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
