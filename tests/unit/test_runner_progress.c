// SPDX-License-Identifier: GPL-2.0-only
/* The line about the progress: its texts, its width, and when it is drawn and erased. */
#include <stdlib.h>

#include "base/clock.h"
#include "runner/progress.h"

#include "unit.h"

#define S NS_PER_S

static const struct progress_view midway = {
	.total = 50, .done = 12, .failed = 1, .running = 2, .elapsed_ns = 38 * S, .mean_ns = 6 * S, .begun_ns = 8 * S,
	.oldest = "slow_test", .oldest_ns = 7 * S,
};

static const struct print_case {
	unsigned columns;
	bool color;
	const char *text;
} print_cases[] = {
	{ 200, false, "12 of 50 done, 1 failed, 2 running, 38 s, about 2 min left | slow_test 7 s" },
	{ 200, true, "12 of 50 done, \033[31m1 failed\033[m, 2 running, 38 s, about 2 min left | slow_test 7 s" },
	{ 61, false, "12 of 50 done, 1 failed, 2 running, 38 s, about 2 min left | " },
	{ 23, true, "12 of 50 done, \033[31m1 failed\033[m" },
	{ 18, true, "12 of 50 done, \033[31m1 f\033[m" },
	{ 5, false, "12 of" },
	{ 0, true, "" },
};

static char *printed(const struct progress_view *view, unsigned columns, bool color)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	progress_print(view, columns, color, out);
	fclose(out);
	return text;
}

static void progress_print_fits_the_terminal(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(print_cases); i++) {
		char *text = printed(&midway, print_cases[i].columns, print_cases[i].color);

		assert_string_equal(text, print_cases[i].text);
		free(text);
	}
}

static void progress_print_says_only_what_is_known(void **state)
{
	const struct progress_view begin = { .total = 3, .running = 1, .elapsed_ns = S };
	char *text = printed(&begin, 80, true);

	(void)state;
	assert_string_equal(text, "0 of 3 done, 0 failed, 1 running, 1 s");
	free(text);
}

static const struct estimate_case {
	const char *name;
	size_t total, done, running;
	uint64_t mean_s, begun_s;
	const char *text;
} estimate_cases[] = {
	{ "nothing to go by", 50, 0, 2, 0, 0, "" },
	{ "all are done", 50, 50, 0, 3, 0, "" },
	{ "one at a time", 50, 40, 1, 3, 0, "about 30 s left" },
	{ "two at a time", 50, 40, 2, 3, 0, "about 15 s left" },
	{ "some of it is behind them", 50, 40, 2, 3, 4, "about 13 s left" },
	{ "the last one is over its time", 50, 49, 1, 3, 3, "" },
	{ "seconds to 99", 100, 1, 1, 1, 0, "about 99 s left" },
	{ "minutes from 100 s", 101, 1, 1, 1, 0, "about 2 min left" },
	{ "minutes", 61, 1, 1, 60, 0, "about 60 min left" },
	{ "hours", 1001, 1, 1, 60, 0, "about 17 h left" },
};

static void progress_estimate_goes_by_what_is_done(void **state)
{
	char text[PROGRESS_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(estimate_cases); i++) {
		const struct estimate_case *row = &estimate_cases[i];
		const struct progress_view view = { .total = row->total, .done = row->done,
						    .running = row->running, .mean_ns = row->mean_s * S,
						    .begun_ns = row->begun_s * S };

		if (strcmp(progress_estimate(&view, text), row->text) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", row->name, text, row->text);
	}
}

static void progress_time_has_two_units_at_most(void **state)
{
	char text[PROGRESS_TEXT_MAX];

	(void)state;
	assert_string_equal(progress_time(0, text), "0 s");
	assert_string_equal(progress_time(60 * S - 1, text), "59 s");
	assert_string_equal(progress_time(65 * S, text), "1 min 05 s");
	assert_string_equal(progress_time(3600 * S, text), "1 h 00 min");
	assert_string_equal(progress_time(7320 * S, text), "2 h 02 min");
	assert_string_equal(progress_time(UINT64_MAX, text), "5124095 h 34 min");
}

/* A stream that is no terminal has the width of the default, which is all the line needs here. */
static void progress_draw_is_rare_and_erase_leaves_nothing(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = tmpfile();
	struct progress progress = { .out = out };
	long drawn;

	(void)state;
	assert_non_null(out);
	progress_erase(&progress);
	assert_int_equal(ftell(out), 0);
	progress_draw(&progress, &midway);
	drawn = ftell(out);
	assert_true(drawn > 0);
	for (int i = 0; i < 100; i++)
		progress_draw(&progress, &midway);
	assert_int_equal(ftell(out), drawn);
	progress_erase(&progress);
	assert_int_equal(ftell(out), drawn + 4); /* \r ESC [ K */
	progress_erase(&progress);
	progress_draw(&progress, &midway); /* too early, though erased */
	assert_int_equal(ftell(out), drawn + 4);
	progress.drawn_ns -= PROGRESS_PERIOD_MS * NS_PER_MS;
	progress_draw(&progress, &midway);
	assert_int_equal(ftell(out), 2 * drawn + 4);

	rewind(out);
	assert_true(getdelim(&text, &size, '\0', out) > 0);
	assert_int_equal(strncmp(text, "\r\033[K12 of 50 done, ", 19), 0);
	assert_null(strchr(text, '\n'));
	free(text);
	fclose(out);
}

static void progress_without_a_terminal_draws_nothing(void **state)
{
	struct progress progress = { 0 };

	(void)state;
	progress_draw(&progress, &midway);
	progress_erase(&progress);
	assert_false(progress.drawn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(progress_print_fits_the_terminal),
		cmocka_unit_test(progress_print_says_only_what_is_known),
		cmocka_unit_test(progress_estimate_goes_by_what_is_done),
		cmocka_unit_test(progress_time_has_two_units_at_most),
		cmocka_unit_test(progress_draw_is_rare_and_erase_leaves_nothing),
		cmocka_unit_test(progress_without_a_terminal_draws_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
