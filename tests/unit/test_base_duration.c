// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "base/clock.h"
#include "base/duration.h"

#include "unit.h"

static void duration_parse_reads_numbers_with_units(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} cases[] = {
		{ "0ns", 0 },
		{ "7ns", 7 },
		{ "3us", 3 * NS_PER_US },
		{ "500ms", 500 * NS_PER_MS },
		{ "2s", 2 * NS_PER_S },
		{ "1.5s", 1500 * NS_PER_MS },
		{ "0.000000001s", 1 },
		{ "0.0000000019s", 1 },
		{ "2m", 120 * NS_PER_S },
		{ "1h", 3600 * NS_PER_S },
		{ "18446744073709551615ns", UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ktstr_error error = { 0 };
		uint64_t ns = 1234;

		assert_int_equal(duration_parse(cases[i].text, &ns, &error), 0);
		assert_int_equal(ns, cases[i].ns);
	}
}

static void duration_parse_refuses_with_the_way_out(void **state)
{
	static const struct {
		const char *text;
		int code;
		const char *part;
	} cases[] = {
		{ "500", -EINVAL, "'500' has no unit; write 500ms or 500s" },
		{ "", -EINVAL, "'' is not a duration" },
		{ "s", -EINVAL, "'s' is not a duration" },
		{ "1.s", -EINVAL, "'1.s' is not a duration" },
		{ "-1s", -EINVAL, "'-1s' is not a duration" },
		{ "5 s", -EINVAL, "unknown unit ' s'" },
		{ "5sec", -EINVAL, "unknown unit 'sec'; allowed are ns, us, ms, s, m, h" },
		{ "18446744073709551616ns", -ERANGE, "longer than" },
		{ "18446744074s", -ERANGE, "longer than" },
		{ "5124096h", -ERANGE, "longer than" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ktstr_error error = { 0 };
		uint64_t ns = 1234;

		assert_int_equal(duration_parse(cases[i].text, &ns, &error), cases[i].code);
		assert_contains(error.text, cases[i].part);
		assert_int_equal(ns, 1234);
	}
}

static void duration_format_keeps_three_digits(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0 ns" },
		{ 999, "999 ns" },
		{ 4200 * NS_PER_US, "4.20 ms" },
		{ 12345 * NS_PER_US, "12.3 ms" },
		{ 123456 * NS_PER_US, "123 ms" },
		{ 9999 * NS_PER_MS, "10.0 s" },
		{ 125 * NS_PER_S, "125 s" },
	};
	char buffer[DURATION_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(duration_format(cases[i].ns, buffer), cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(duration_parse_reads_numbers_with_units),
		cmocka_unit_test(duration_parse_refuses_with_the_way_out),
		cmocka_unit_test(duration_format_keeps_three_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
