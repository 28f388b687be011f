// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "base/utf8.h"
#include "unit.h"

static void utf8_repair_replaces_what_is_none(void **state)
{
	static const struct {
		const char *text, *clean;
	} cases[] = {
		{ "ascii", "ascii" },
		{ "\xc3\xbc", "\xc3\xbc" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\xc0\xaf", "??" },             /* overlong '/' */
		{ "\xe0\x80\x80", "???" },        /* overlong */
		{ "\xed\xa0\x80", "???" },        /* surrogate */
		{ "\xf4\x90\x80\x80", "????" },   /* above U+10FFFF */
		{ "a\xe2\x82", "a??" },           /* cut short */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[16];

		snprintf(text, sizeof(text), "%s", cases[i].text);
		utf8_repair(text);
		assert_string_equal(text, cases[i].clean);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_repair_replaces_what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
