// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <wchar.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "check/text.h"
#include "check/verdict.h"
#include "unit.h"

static const struct {
	const char *given, *kept;
} texts[] = {
	{ "", "" },
	{ "plain\n\ttext", "plain\n\ttext" },
	{ "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7",
	  "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7" },
	{ "latin \xe9!", "latin ?!" },
	{ "cut \xe2\x82", "cut ??" },
	{ "\xc0\x80", "??" },		/* overlong */
	{ "\xe0\x80\x80", "???" },	/* overlong */
	{ "\xed\xa0\x80", "???" },	/* surrogate */
	{ "\xf4\x90\x80\x80", "????" }, /* above U+10FFFF */
	{ "\xf0\x9f\x90", "???" },
	{ "\xff\xfe", "??" },
	{ "\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80" }, /* around the surrogates */
};

static void text_new_keeps_only_what_json_can_carry(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		auto_free char *text = text_new("%s", texts[i].given);
		json_auto_t *json = json_string(text);

		assert_string_equal(text, texts[i].kept);
		assert_non_null(json);
	}
}

static void text_new_cuts_a_long_text_visibly(void **state)
{
	static char huge[VERDICT_TEXT_MAX + 10];
	auto_free char *exact = NULL, *cut = NULL;

	(void)state;
	memset(huge, 'a', VERDICT_TEXT_MAX);
	exact = text_new("%s", huge);
	assert_string_equal(exact, huge);
	huge[VERDICT_TEXT_MAX] = 'b';
	cut = text_new("%s", huge);
	assert_int_equal(strlen(cut), VERDICT_TEXT_MAX);
	assert_string_equal(cut + VERDICT_TEXT_MAX - 4, "a...");
}

static void text_new_cuts_no_character_in_half(void **state)
{
	static char huge[VERDICT_TEXT_MAX + 10];
	auto_free char *cut = NULL;
	json_auto_t *json = NULL;

	(void)state;
	for (size_t i = 0; i + 3 < sizeof(huge); i += 3)
		memcpy(huge + i, "\xe2\x82\xac", 3);
	cut = text_new("%s", huge);
	json = json_string(cut);
	assert_non_null(json);
	assert_int_equal(strlen(cut), VERDICT_TEXT_MAX);
}

/* In the C locale no byte stands for this character, and printf gives up on the whole text. */
static void text_new_keeps_a_trace_of_what_cannot_be_printed(void **state)
{
	auto_free char *text = text_new("tid %d: %ls", 7, L"\x20ac");

	(void)state;
	assert_contains(text, "cannot be printed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_new_keeps_only_what_json_can_carry),
		cmocka_unit_test(text_new_cuts_a_long_text_visibly),
		cmocka_unit_test(text_new_cuts_no_character_in_half),
		cmocka_unit_test(text_new_keeps_a_trace_of_what_cannot_be_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
