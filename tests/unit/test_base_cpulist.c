// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "base/cpulist.h"
#include "unit.h"

static const struct {
	const char *text, *formatted;
} accepted[] = {
	{ "", "" },
	{ "3", "3" },
	{ "0-1", "0-1" },
	{ "0,1,3,5,6,7", "0-1,3,5-7" },
	{ " 0 - 2 , 5 \n", "0-2,5" },
	{ "5-3", "" }, /* a reversed range adds nothing */
	{ "1,,2,", "1-2" },
	{ "2,2,1", "1-2" },
	{ "1022-1023", "1022-1023" },
};

static void cpulist_parse_reads_what_the_kernel_writes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(accepted); i++) {
		char text[CPULIST_TEXT_MAX];
		cpu_set_t cpus;

		assert_int_equal(cpulist_parse(accepted[i].text, &cpus, NULL), 0);
		assert_string_equal(cpulist_format(&cpus, text), accepted[i].formatted);
	}
}

static const struct {
	const char *text;
	int code;
	const char *names; /* must stand in the message */
} refused[] = {
	{ "0-3,x", -EINVAL, "'x'" }, { "1-", -EINVAL, "end of range" },
	{ "1 2", -EINVAL, "comma" }, { "-1", -EINVAL, "number" },
	{ "1024", -ERANGE, "1023" }, { "0-99999999999999999999", -ERANGE, "1023" },
};

static void cpulist_parse_refuses_and_names_the_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct ktstr_error error = { 0 };
		cpu_set_t cpus, untouched;

		CPU_ZERO(&cpus);
		CPU_SET(7, &cpus);
		untouched = cpus;
		assert_int_equal(cpulist_parse(refused[i].text, &cpus, &error), refused[i].code);
		assert_contains(error.text, refused[i].text);
		assert_contains(error.text, refused[i].names);
		assert_true(CPU_EQUAL(&cpus, &untouched));
	}
}

static void cpulist_parse_lenient_passes_over_what_is_bad(void **state)
{
	static const struct {
		const char *text, *formatted;
	} rows[] = {
		{ "", "" },
		{ "0-3,x", "0-3" },
		{ "5-3", "" },
		{ "x,1-,2,-4,7", "2,7" },
		{ "1 2,3", "3" },
		{ " ,, \n", "" },
		{ "1024,5-2000,6", "6" },
		{ "99999999999,1", "1" },
		{ "junk", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[CPULIST_TEXT_MAX];
		cpu_set_t cpus;

		memset(&cpus, 0xff, sizeof(cpus));
		cpulist_parse_lenient(rows[i].text, &cpus);
		assert_string_equal(cpulist_format(&cpus, text), rows[i].formatted);
	}
}

static void cpulist_format_holds_the_longest_text(void **state)
{
	char text[CPULIST_TEXT_MAX];
	cpu_set_t cpus;

	(void)state;
	CPU_ZERO(&cpus);
	for (int cpu = 1; cpu < CPU_SETSIZE; cpu += 2)
		CPU_SET(cpu, &cpus);
	assert_contains(cpulist_format(&cpus, text), ",1023");
	assert_int_equal(cpulist_first(&cpus), 1);
	CPU_ZERO(&cpus);
	assert_int_equal(cpulist_first(&cpus), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpulist_parse_reads_what_the_kernel_writes),
		cmocka_unit_test(cpulist_parse_refuses_and_names_the_place),
		cmocka_unit_test(cpulist_parse_lenient_passes_over_what_is_bad),
		cmocka_unit_test(cpulist_format_holds_the_longest_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
