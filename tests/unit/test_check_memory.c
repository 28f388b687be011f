// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a verdict says when memory runs out: everything is done with the 1st, 2nd, 3rd ...
 * allocation failing, until none fails. The linker sends the allocations of src/check and jansson's
 * callers here (--wrap); printf's own are not touched.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "check/verdict_build.h"
#include "check/verdict_json.h"
#include "unit.h"

#include "check_reports.h"

static unsigned countdown; /* the allocation that fails; 0: none */
static bool stays_out;	   /* all after it fail too */
static bool failed;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static bool fail_now(void)
{
	if (stays_out && failed)
		return true;
	if (!countdown || --countdown)
		return false;
	failed = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fail_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fail_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fail_now() ? NULL : __real_realloc(old, size);
}

static void arm(unsigned which, bool and_all_after)
{
	countdown = which;
	stays_out = and_all_after;
	failed = false;
}

static bool disarm(void)
{
	bool any = failed;

	arm(0, false);
	return any;
}

const char *ktstr_exit_info_format(const struct ktstr_exit_info *exit_info,
				   char buffer[KTSTR_EXIT_TEXT_MAX])
{
	(void)exit_info;
	buffer[0] = '\0';
	return buffer;
}

static bool says_it_lost_something(const struct verdict *verdict)
{
	const struct verdict_entry *entries;
	size_t count = verdict_entries(verdict, &entries);

	for (size_t i = 0; i < count; i++)
		if (strstr(entries[i].message, "outcomes or statistics lost"))
			return true;
	return false;
}

static void use_everything(struct verdict *verdict)
{
	uint64_t wake[] = { 1, 2, 3 };
	struct report_table table;
	const struct ktstr_reports *reports = REPORTS(
		&table,
		{ .tid = 1, .cpus = 0xf0, .gap_ms = 9999, .wake_ns = wake, .wake_count = 3 });
	const struct ktstr_check check = { KTSTR_YES, KTSTR_YES, 1, 1 };
	const cpu_set_t cpuset = cpus_of(1);

	for (int i = 0; i < 6; i++) { /* so that every list has to grow */
		verdict_add(verdict, VERDICT_PASS, DETAIL_OTHER, "pass %d", i);
		verdict_note(verdict, "note %d", i);
		verdict_judge_cgroup(verdict, "cg", &check, reports, &cpuset);
	}
}

static void verdict_add_never_loses_a_failure_silently(void **state)
{
	unsigned which;

	(void)state;
	for (int mode = 0; mode < 2; mode++)
		for (which = 1;; which++) {
			struct verdict *verdict = verdict_new();
			bool any;

			arm(which, mode);
			use_everything(verdict);
			any = disarm();
			assert_int_equal(verdict_outcome(verdict), VERDICT_FAIL);
			if (mode)
				assert_int_equal(says_it_lost_something(verdict), any);
			verdict_free(verdict);
			if (!any)
				break;
		}
	assert_true(which > 50);
}

/* The only failure there is: without memory it is still a failure, and the loss has its name. */
static void verdict_add_keeps_the_severity_of_what_it_loses(void **state)
{
	static const struct {
		enum verdict_outcome lost, verdict;
	} rows[] = {
		{ VERDICT_SKIP, VERDICT_INCONCLUSIVE },
		{ VERDICT_PASS, VERDICT_INCONCLUSIVE },
		{ VERDICT_INCONCLUSIVE, VERDICT_INCONCLUSIVE },
		{ VERDICT_FAIL, VERDICT_FAIL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct verdict *verdict = verdict_new();

		arm(1, true);
		verdict_add(verdict, rows[i].lost, DETAIL_STUCK, "gone");
		assert_true(disarm());
		assert_int_equal(verdict_outcome(verdict), rows[i].verdict);
		assert_contains(verdict_terminal(verdict)->message, "1 outcomes");
		/* And there is life after it. */
		verdict_add(verdict, VERDICT_FAIL, DETAIL_STUCK, "kept");
		assert_int_equal(verdict_outcome(verdict), VERDICT_FAIL);
		verdict_free(verdict);
	}
}

static void verdict_note_lost_is_noted(void **state)
{
	struct verdict *verdict = verdict_new();
	char *const *notes;

	(void)state;
	arm(1, true);
	verdict_note(verdict, "gone");
	verdict_note(verdict, "gone too");
	assert_true(disarm());
	assert_int_equal(verdict_notes(verdict, &notes), 1);
	assert_contains(notes[0], "2 notes lost");
	assert_int_equal(verdict_outcome(verdict), VERDICT_PASS);
	verdict_free(verdict);
}

static void verdict_judge_without_statistics_is_inconclusive(void **state)
{
	uint64_t wake[] = { 1 };
	struct report_table table;
	const struct ktstr_reports *reports = REPORTS(
		&table, { .tid = 1, .wake_ns = wake, .wake_count = 1 });
	const struct ktstr_check none = { 0 };

	(void)state;
	for (unsigned which = 1; which <= 3; which++) { /* the pool, the name, the list */
		struct verdict *verdict = verdict_new();

		arm(which, false);
		verdict_judge_cgroup(verdict, "cg", &none, reports, NULL);
		assert_true(disarm());
		assert_int_equal(verdict_outcome(verdict), VERDICT_INCONCLUSIVE);
		verdict_free(verdict);
	}
}

static void verdict_merge_never_loses_a_failure_silently(void **state)
{
	struct verdict *other = verdict_new();
	bool any = true;

	(void)state;
	use_everything(other);
	for (unsigned which = 1; any; which++) {
		struct verdict *verdict = verdict_new();

		arm(which, true);
		verdict_merge(verdict, other);
		any = disarm();
		assert_int_equal(verdict_outcome(verdict), VERDICT_FAIL);
		verdict_free(verdict);
	}
	verdict_free(other);
}

static void verdict_new_fails_as_a_whole(void **state)
{
	(void)state;
	for (unsigned which = 1; which <= 3; which++) {
		arm(which, false);
		assert_null(verdict_new());
		assert_true(disarm());
	}
}

static void verdict_from_json_gives_all_or_nothing(void **state)
{
	struct verdict *other = verdict_new();
	json_auto_t *json = NULL;
	unsigned which;

	(void)state;
	use_everything(other);
	json = verdict_to_json(other);
	for (which = 1;; which++) {
		struct verdict *verdict = NULL;
		struct ktstr_error error = { 0 };
		int err;

		arm(which, false);
		err = verdict_from_json(json, &verdict, &error);
		if (!disarm()) {
			assert_int_equal(err, 0);
			verdict_free(verdict);
			break;
		}
		assert_int_equal(err, -ENOMEM);
		assert_contains(error.text, "no memory");
		assert_null(verdict);
	}
	assert_true(which > 50);
	verdict_free(other);
}

static void *json_malloc(size_t size)
{
	return malloc(size);
}

static void verdict_to_json_gives_all_or_nothing(void **state)
{
	struct verdict *verdict = verdict_new();
	const struct ktstr_check check = { KTSTR_YES, KTSTR_YES, 1, 1 };
	bool any = true;

	(void)state;
	use_everything(verdict);
	json_set_alloc_funcs(json_malloc, free);
	for (unsigned which = 1; any; which++) {
		json_t *json;

		arm(which, false);
		json = verdict_to_json(verdict);
		any = disarm();
		assert_int_equal(json == NULL, any);
		json_decref(json);
	}
	any = true;
	for (unsigned which = 1; any; which++) {
		json_t *json;

		arm(which, false);
		json = check_to_json(&check);
		any = disarm();
		assert_int_equal(json == NULL, any);
		json_decref(json);
	}
	verdict_free(verdict);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_add_never_loses_a_failure_silently),
		cmocka_unit_test(verdict_add_keeps_the_severity_of_what_it_loses),
		cmocka_unit_test(verdict_note_lost_is_noted),
		cmocka_unit_test(verdict_judge_without_statistics_is_inconclusive),
		cmocka_unit_test(verdict_merge_never_loses_a_failure_silently),
		cmocka_unit_test(verdict_new_fails_as_a_whole),
		cmocka_unit_test(verdict_from_json_gives_all_or_nothing),
		cmocka_unit_test(verdict_to_json_gives_all_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
