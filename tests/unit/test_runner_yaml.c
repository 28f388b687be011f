// SPDX-License-Identifier: GPL-2.0-only
#include "runner/yaml.h"

#include "unit.h"

static void yaml_quote_gives_one_scalar_for_any_bytes(void **state)
{
	static const struct {
		const char *text, *quoted;
	} cases[] = {
		{ "", "\"\"" },
		{ "plain: text - here", "\"plain: text - here\"" },
		{ "say \"hi\" \\ bye", "\"say \\\"hi\\\" \\\\ bye\"" },
		{ "two\nlines\r\t", "\"two\\x0alines\\x0d\\x09\"" },
		{ "\x1b[31mred", "\"\\x1b[31mred\"" },
		{ "gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"" },
		{ "cut \xc3", "\"cut \\xc3\"" },
		{ "next line \xc2\x85", "\"next line \\xc2\\x85\"" },
		{ "separator \xe2\x80\xa8", "\"separator \\xe2\\x80\\xa8\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&text, &size);

		yaml_quote(cases[i].text, out);
		fclose(out);
		assert_string_equal(text, cases[i].quoted);
		free(text);
	}
}

static void yaml_block_keeps_every_line_inside(void **state)
{
	static const struct {
		const char *text, *block;
	} cases[] = {
		{ "", "" },
		{ "one", "  log: |\n    one\n" },
		{ "one\ntwo\n", "  log: |\n    one\n    two\n" },
		{ "a\n\nb\n", "  log: |\n    a\n    \n    b\n" },
		{ " indented\n", "  log: |2\n     indented\n" },
		{ "...\n---\nok 1\n", "  log: |\n    ...\n    ---\n    ok 1\n" },
		{ "\x1b[1;31mred\x1b[0m\r\n", "  log: |2\n    red\n" },
		{ "\x1b[1m  spaces behind what is left out\n", "  log: |2\n      spaces behind what is left out\n" },
		{ "\r  and here\n", "  log: |2\n      and here\n" },
		{ "bell \x07 byte \xff cut \x1b[3", "  log: |\n    bell ? byte ? cut \n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&text, &size);

		yaml_block("  ", "log", cases[i].text, out);
		fclose(out);
		assert_string_equal(text, cases[i].block);
		free(text);
	}
}

/* One line is quoted; several are a block, which nothing in them can end. */
static void yaml_text_and_item_choose_by_lines(void **state)
{
	static const struct {
		const char *text, *written;
	} cases[] = {
		{ "one: \"x\"", "    - \"one: \\\"x\\\"\"\n  key: \"one: \\\"x\\\"\"\n" },
		{ "head\n  body: 1\n", "    - |-\n      head\n        body: 1\n"
					 "  key: |-\n    head\n      body: 1\n" },
		{ "\n...\nok 1 - played\x1b[2J\n---", "    - |2-\n      \n      ...\n      ok 1 - played\n      ---\n"
							 "  key: |2-\n    \n    ...\n    ok 1 - played\n    ---\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&text, &size);

		yaml_item("    ", cases[i].text, out);
		yaml_text("  ", "key", cases[i].text, out);
		fclose(out);
		assert_string_equal(text, cases[i].written);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(yaml_quote_gives_one_scalar_for_any_bytes),
		cmocka_unit_test(yaml_block_keeps_every_line_inside),
		cmocka_unit_test(yaml_text_and_item_choose_by_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
