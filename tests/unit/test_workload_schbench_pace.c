// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"
#include "workload/schbench/pace.h"

static void cpu_times_parse_sums_the_line_and_takes_the_fourth_column(void **state)
{
	struct cpu_times times;

	(void)state;
	assert_true(cpu_times_parse("cpu  10 20 30 400 5 0 6 0 0 0", &times));
	assert_int_equal(times.total, 471);
	assert_int_equal(times.idle, 400);
}

static void cpu_times_parse_rejects_other_lines(void **state)
{
	static const char *const lines[] = { "", "cpu", "cpu0 1 2 3 4", "intr 1 2 3 4",
					     "cpu 1 2 3" };

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct cpu_times times = { .total = 7 };

		if (cpu_times_parse(lines[i], &times) || times.total != 7)
			fail_msg("'%s' was taken", lines[i]);
	}
}

static void cpu_times_busy_pct_is_what_was_not_idle(void **state)
{
	const struct cpu_times before = { .total = 1000, .idle = 500 };

	(void)state;
	assert_int_equal(cpu_times_busy_pct(&before, &(struct cpu_times){ 1200, 550 }), 75);
	assert_int_equal(cpu_times_busy_pct(&before, &(struct cpu_times){ 1200, 700 }), 0);
	/* Idle time may step back by a jiffy, and no time may have passed. */
	assert_int_equal(cpu_times_busy_pct(&before, &(struct cpu_times){ 1200, 499 }), 0);
	assert_int_equal(cpu_times_busy_pct(&before, &before), 0);
}

/* Section 13.2: the table of factors. */
static void pace_next_follows_the_table(void **state)
{
	static const struct {
		const char *name;
		unsigned rate;
		double busy, target;
		unsigned next;
		bool hit;
	} rows[] = {
		{ "far below: three times", 100, 10, 80, 300, false },
		{ "idle: three times", 100, 0, 80, 300, false },
		{ "half: the whole factor", 100, 40, 80, 200, false },
		{ "1.25: a quarter of the step, up", 100, 64, 80, 107, false },
		{ "1.1: an eighth, hit", 1000, 100.0 / 1.1, 100, 1013, true },
		{ "on it", 100, 80, 80, 100, true },
		{ "0.95: an eighth back, hit", 1000, 80 / 0.95, 80, 956, true },
		{ "0.91: an eighth back, no hit", 1000, 80 / 0.91, 80, 921, false },
		{ "0.85: a quarter back", 1000, 80 / 0.85, 80, 887, false },
		{ "0.5: the whole factor, down", 101, 100, 50, 50, false },
		{ "0.1: not below 0.3", 1000, 100, 10, 300, false },
		{ "never 0", 1, 100, 50, 1, false },
		{ "at the limit it stays", 1u << 30, 10, 80, 1u << 30, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool hit;
		unsigned next = pace_next(rows[i].rate, rows[i].busy, rows[i].target, &hit);

		if (next != rows[i].next || hit != rows[i].hit)
			fail_msg("%s: %u, hit %d; expected %u, hit %d", rows[i].name, next, hit,
				 rows[i].next, rows[i].hit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpu_times_parse_sums_the_line_and_takes_the_fourth_column),
		cmocka_unit_test(cpu_times_parse_rejects_other_lines),
		cmocka_unit_test(cpu_times_busy_pct_is_what_was_not_idle),
		cmocka_unit_test(pace_next_follows_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
