// SPDX-License-Identifier: GPL-2.0-only
/* Results come in the order of declaration, whatever the order in which tests end. */
#include <stdio.h>
#include <stdlib.h>

#include "runner/report.h"

#include "unit.h"

#define JOBS 5

static const char *const names[JOBS] = { "a", "b", "c", "d", "e" };

struct scene {
	struct binary_test tests[JOBS];
	struct test_plan plans[JOBS];
	struct job jobs[JOBS];
	struct report report;
	char *text;
	size_t size;
};

static int scene_begin(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	if (!scene)
		return -1;
	scene->report = (struct report){ .jobs = scene->jobs, .count = JOBS };
	scene->report.out = open_memstream(&scene->text, &scene->size);
	for (size_t i = 0; i < JOBS; i++) {
		scene->tests[i].name = (char *)names[i];
		scene->plans[i].test = &scene->tests[i];
		scene->jobs[i].record = (struct test_record){ .plan = &scene->plans[i],
							      .facts = &scene->jobs[i].facts };
	}
	*state = scene;
	return 0;
}

static int scene_end(void **state)
{
	struct scene *scene = *state;

	fclose(scene->report.out);
	free(scene->text);
	free(scene);
	return 0;
}

static void end_job(struct scene *scene, size_t index, enum outcome_kind kind)
{
	scene->jobs[index].state = JOB_ENDED;
	scene->jobs[index].saved = true;
	scene->jobs[index].record.outcome.kind = kind;
	report_advance(&scene->report);
}

static const struct order_case {
	size_t order[JOBS];
	const char *after[JOBS]; /* what is printed after each end */
} order_cases[] = {
	{ { 0, 1, 2, 3, 4 },
	  { "ok 1 - a\n", "ok 2 - b\n", "ok 3 - c\n", "ok 4 - d\n", "ok 5 - e\n" } },
	{ { 4, 3, 2, 1, 0 }, { "", "", "", "", "ok 1 - a\nok 2 - b\nok 3 - c\nok 4 - d\nok 5 - e\n" } },
	{ { 1, 0, 3, 4, 2 }, { "", "ok 1 - a\nok 2 - b\n", "", "", "ok 3 - c\nok 4 - d\nok 5 - e\n" } },
};

static void report_advance_keeps_the_declared_order(void **state)
{
	for (size_t i = 0; i < COUNT(order_cases); i++) {
		size_t seen = 0;

		if (i > 0) {
			scene_end(state);
			assert_int_equal(scene_begin(state), 0);
		}
		for (size_t j = 0; j < JOBS; j++) {
			struct scene *scene = *state;

			end_job(scene, order_cases[i].order[j], OUTCOME_PASS);
			fflush(scene->report.out);
			assert_string_equal(scene->text + seen, order_cases[i].after[j]);
			seen = scene->size;
			assert_false(report_is_due(&scene->report));
		}
	}
}

static void report_counts_what_it_prints(void **state)
{
	struct scene *scene = *state;

	end_job(scene, 1, OUTCOME_TIMEOUT);
	assert_int_equal(scene->report.status, 0);
	end_job(scene, 0, OUTCOME_PASS);
	assert_int_equal(scene->report.status, 1);
	assert_int_equal(scene->report.totals.passed, 1);
	assert_int_equal(scene->report.totals.failed, 1);
}

static void report_says_when_a_result_file_is_missing(void **state)
{
	struct scene *scene = *state;

	scene->jobs[0].state = JOB_ENDED;
	scene->jobs[0].record.outcome.kind = OUTCOME_PASS;
	ktstr_error_set(&scene->jobs[0].save_error, -28, "no space");
	report_advance(&scene->report);
	fflush(scene->report.out);
	assert_string_equal(scene->text, "# no space\nok 1 - a\n");
	assert_int_equal(scene->report.status, 2);
}

static void report_says_what_was_repeated(void **state)
{
	struct scene *scene = *state;

	scene->jobs[0].record.repeated = "the first run died";
	end_job(scene, 0, OUTCOME_PASS);
	fflush(scene->report.out);
	assert_string_equal(scene->text,
			    "ok 1 - a\n  ---\n  repeated: \"the first run died\"\n  ...\n");
}

static void report_give_up_prints_what_ended_out_of_turn(void **state)
{
	struct scene *scene = *state;

	end_job(scene, 0, OUTCOME_PASS);
	end_job(scene, 2, OUTCOME_PASS);
	scene->jobs[1].state = JOB_INTERRUPTED;
	scene->jobs[3].state = JOB_INTERRUPTED;
	report_give_up(&scene->report, "interrupted");
	fflush(scene->report.out);
	assert_string_equal(scene->text, "ok 1 - a\nok 3 - c\n"
					 "Bail out! interrupted after 2 of 5 tests, in 'b', 'd'\n");
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, scene_begin, scene_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(report_advance_keeps_the_declared_order),
		CASE(report_counts_what_it_prints),
		CASE(report_says_when_a_result_file_is_missing),
		CASE(report_says_what_was_repeated),
		CASE(report_give_up_prints_what_ended_out_of_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
