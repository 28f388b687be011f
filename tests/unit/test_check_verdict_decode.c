// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "check/verdict_json.h"
#include "unit.h"

#define ENTRY "{'outcome': 'fail', 'kind': 'Stuck', 'message': 'm', 'cgroup': 'cg', 'phase': 'p'}"
#define CGROUP                                                                                     \
	"{'cgroup_name': 'cg', 'num_workers': 1, 'cpus_used': [0], 'max_gap_cpu': 0,"              \
	" 'avg_off_cpu_pct': 1.5, 'min_off_cpu_pct': 1, 'max_off_cpu_pct': 2, 'spread': 1,"        \
	" 'max_gap_ms': 1, 'total_migrations': 1, 'total_iterations': 1,"                          \
	" 'total_cpu_time_ns': 1, 'wake_measured': true, 'p99_wake_latency_us': 1,"                \
	" 'median_wake_latency_us': 1, 'wake_latency_cv': 1, 'run_delay_measured': true,"          \
	" 'mean_run_delay_us': 1, 'worst_run_delay_us': 1}"
#define VERDICT(entry, note, cgroup)                                                               \
	"{'outcome': 'fail', 'entries': [" entry "], 'notes': [" note "],"                         \
	" 'stats': {'cgroups': [" cgroup "]}}"

/* Single quotes keep the tables readable. */
static json_t *parse(const char *text)
{
	auto_free char *copy = strdup(text);
	json_error_t error;
	json_t *json;

	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	json = json_loads(copy, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
	if (!json)
		fail_msg("test data: %s at %d: %s", error.text, error.position, text);
	return json;
}

static void assert_refused(const json_t *json, const char *place, const char *seen)
{
	struct verdict *untouched = (struct verdict *)&untouched, *verdict = untouched;
	struct ktstr_error error = { 0 };

	assert_int_equal(verdict_from_json(json, &verdict, &error), -EBADMSG);
	assert_ptr_equal(verdict, untouched);
	assert_contains(error.text, place);
	assert_contains(error.text, seen);
}

static void verdict_from_json_accepts_the_sample(void **state)
{
	json_auto_t *json = parse(VERDICT(ENTRY, "'n'", CGROUP));
	struct ktstr_error error = { 0 };
	struct verdict *verdict = NULL;

	(void)state;
	if (verdict_from_json(json, &verdict, &error))
		fail_msg("%s", error.text);
	assert_int_equal(verdict_outcome(verdict), VERDICT_FAIL);
	assert_int_equal(verdict_stats(verdict)->cgroups_count, 1);
	verdict_free(verdict);
}

static const struct {
	const char *json, *place, *seen;
} shapes[] = {
	{ "[]", "verdict: has to be an object", "an array of 0" },
	{ "null", "verdict: has to be an object", "null" },
	{ "{}", "verdict: 'entries'", "missing" },
	{ "{'entries': {}}", "'entries'", "an object" },
	{ "{'entries': [], 'notes': 7}", "'notes'", "7" },
	{ "{'entries': [], 'notes': []}", "stats", "missing" },
	{ "{'entries': [], 'notes': [], 'stats': {}}", "stats: 'cgroups'", "missing" },
	{ "{'entries': [], 'notes': [], 'stats': {'cgroups': []}}", "'outcome'", "missing" },
	{ "{'outcome': 'fail', 'entries': [], 'notes': [], 'stats': {'cgroups': []}}",
	  "'outcome' has to be 'pass'", "'fail'" },
	{ "{'outcome': 'fine', 'entries': [], 'notes': [], 'stats': {'cgroups': []}}",
	  "one of 'skip' 'pass' 'inconclusive' 'fail'", "'fine'" },
	{ VERDICT("7", "", ""), "entries[0]", "7" },
	{ VERDICT("", "null", ""), "'notes'", "null" },
	{ VERDICT("", "'a\\u0000b'", ""), "'notes'", "" },
	{ VERDICT(ENTRY, "", "[]"), "cgroups[0]", "an array" },
	{ VERDICT(ENTRY ", {'outcome': 'pass'}", "", ""), "entries[1]: 'kind'", "missing" },
};

static void verdict_from_json_refuses_other_shapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(shapes); i++) {
		json_auto_t *json = parse(shapes[i].json);

		assert_refused(json, shapes[i].place, shapes[i].seen);
	}
}

/* The sample with one field replaced; NULL: taken away. */
struct bad_field {
	const char *key, *value, *seen;
};

static void assert_each_refused(const char *list, const struct bad_field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		json_auto_t *json = parse(VERDICT(ENTRY, "'n'", CGROUP));
		json_t *owner = strcmp(list, "entries") == 0 ? json
							     : json_object_get(json, "stats");
		json_t *object = json_array_get(json_object_get(owner, list), 0);
		char place[64];

		assert_non_null(json_object_get(object, fields[i].key));
		if (fields[i].value)
			json_object_set_new(object, fields[i].key, parse(fields[i].value));
		else
			json_object_del(object, fields[i].key);
		snprintf(place, sizeof(place), "verdict: %s[0]: '%s'", list, fields[i].key);
		assert_refused(json, place, fields[i].value ? fields[i].seen : "missing");
	}
}

static void verdict_from_json_refuses_bad_entries(void **state)
{
	static const struct bad_field fields[] = {
		{ "outcome", NULL, NULL },
		{ "outcome", "'FAIL'", "'FAIL'" },
		{ "outcome", "3", "3" },
		{ "kind", NULL, NULL },
		{ "kind", "'stuck'", "'stuck'" },
		{ "kind", "'a kind of more than thirty-two bytes'", "a text of 36 bytes" },
		{ "message", NULL, NULL },
		{ "message", "null", "null" },
		{ "message", "'a\\u0000b'", "" },
		{ "cgroup", "7", "7" },
		{ "phase", NULL, NULL },
		{ "phase", "'a phase of 24 bytes ....'", "'a phase" },
		{ "phase", "true", "true" },
	};

	(void)state;
	assert_each_refused("entries", fields, COUNT(fields));
}

static void verdict_from_json_refuses_bad_statistics(void **state)
{
	static const struct bad_field fields[] = {
		{ "cgroup_name", NULL, NULL },
		{ "cgroup_name", "1", "1" },
		{ "num_workers", NULL, NULL },
		{ "num_workers", "-1", "-1" },
		{ "num_workers", "4194305", "4194305" },
		{ "num_workers", "1.0", "1" },
		{ "cpus_used", NULL, NULL },
		{ "cpus_used", "'0-3'", "'0-3'" },
		{ "cpus_used", "[-1]", "-1" },
		{ "cpus_used", "[1024]", "1024" },
		{ "cpus_used", "[9223372036854775807]", "9223372036854775807" },
		{ "cpus_used", "[0.5]", "0.5" },
		{ "max_gap_cpu", NULL, NULL },
		{ "max_gap_cpu", "-2", "-2" },
		{ "max_gap_cpu", "1024", "1024" },
		{ "spread", "null", "1.5" }, /* the place is the first of the four that is not */
		{ "avg_off_cpu_pct", NULL, NULL },
		{ "max_off_cpu_pct", "null", "null" },
		{ "min_off_cpu_pct", "-0.5", "-0.5" },
		{ "max_gap_ms", NULL, NULL },
		{ "max_gap_ms", "-1", "-1" },
		{ "total_migrations", "'1'", "'1'" },
		{ "total_iterations", "1.5", "1.5" },
		{ "total_cpu_time_ns", "null", "null" },
		{ "wake_measured", "1", "1" },
		{ "p99_wake_latency_us", "-1", "-1" },
		{ "median_wake_latency_us", "null", "null" },
		{ "wake_latency_cv", NULL, NULL },
		{ "run_delay_measured", "null", "null" },
		{ "mean_run_delay_us", "{}", "an object" },
		{ "worst_run_delay_us", "false", "false" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++) {
		if (strcmp(fields[i].key, "spread") != 0) {
			assert_each_refused("cgroups", &fields[i], 1);
		} else {
			json_auto_t *json = parse(VERDICT(ENTRY, "'n'", CGROUP));
			json_t *cgroups = json_object_get(json_object_get(json, "stats"),
							  "cgroups");

			json_object_set_new(json_array_get(cgroups, 0), "spread", json_null());
			assert_refused(json, "'avg_off_cpu_pct' has to be null", fields[i].seen);
		}
	}
}

static json_t *repeat(json_t *value, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append(list, value);
	json_decref(value);
	return list;
}

static json_t *text_of(size_t length)
{
	auto_free char *text = malloc(length + 1);

	memset(text, 'x', length);
	text[length] = '\0';
	return json_string(text);
}

static void verdict_from_json_bounds_lists_and_texts(void **state)
{
	json_auto_t *json = parse(VERDICT(ENTRY, "'n'", CGROUP));
	json_t *stats = json_object_get(json, "stats");
	json_t *entry = json_array_get(json_object_get(json, "entries"), 0);
	struct verdict *verdict = NULL;

	(void)state;
	json_object_set_new(json, "entries", repeat(json_incref(entry), VERDICT_ENTRIES_MAX));
	json_object_set_new(json, "notes", repeat(json_string("n"), VERDICT_NOTES_MAX));
	json_object_set_new(stats, "cgroups", repeat(parse(CGROUP), VERDICT_CGROUPS_MAX));
	assert_int_equal(verdict_from_json(json, &verdict, NULL), 0);
	verdict_free(verdict);

	json_object_set_new(json, "entries", repeat(parse(ENTRY), VERDICT_ENTRIES_MAX + 1));
	assert_refused(json, "'entries'", "an array of 4097");
	json_object_set_new(json, "entries", repeat(parse(ENTRY), 1));
	json_object_set_new(json, "notes", repeat(json_string("n"), VERDICT_NOTES_MAX + 1));
	assert_refused(json, "'notes'", "an array of 4097");
	json_object_set_new(json, "notes", json_array());
	json_object_set_new(stats, "cgroups", repeat(parse(CGROUP), VERDICT_CGROUPS_MAX + 1));
	assert_refused(json, "'cgroups'", "an array of 4097");
	json_object_set_new(stats, "cgroups", json_array());

	entry = json_array_get(json_object_get(json, "entries"), 0);
	json_object_set_new(entry, "message", text_of(VERDICT_TEXT_MAX));
	assert_int_equal(verdict_from_json(json, &verdict, NULL), 0);
	assert_int_equal(strlen(verdict_terminal(verdict)->message), VERDICT_TEXT_MAX);
	verdict_free(verdict);
	json_object_set_new(entry, "message", text_of(VERDICT_TEXT_MAX + 1));
	assert_refused(json, "'message'", "a text of 65537 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_from_json_accepts_the_sample),
		cmocka_unit_test(verdict_from_json_refuses_other_shapes),
		cmocka_unit_test(verdict_from_json_refuses_bad_entries),
		cmocka_unit_test(verdict_from_json_refuses_bad_statistics),
		cmocka_unit_test(verdict_from_json_bounds_lists_and_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
