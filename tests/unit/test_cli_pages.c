// SPDX-License-Identifier: GPL-2.0-only
/* Manual pages against the tables that parsing and --help come from. */
#include <fcntl.h>
#include <stdlib.h>

#include "base/file.h"
#include "cli/command.h"

#include "unit.h"

static char *read_page(const char *name)
{
	const char *folder = getenv("KTSTR_MAN_DIR");
	struct ktstr_error error = { 0 };
	char path[512];
	char *text;

	assert_non_null(folder);
	snprintf(path, sizeof(path), "%s/%s.1.scd", folder, name);
	if (file_read(AT_FDCWD, path, 1 << 20, &text, NULL, &error))
		fail_msg("%s", error.text);
	return text;
}

static void require(const char *page, const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s(1) does not contain '%s'", page, part);
}

static void pages_name_every_command(void **state)
{
	char *text = read_page("ktstr");

	(void)state;
	for (const struct command *command = commands; command->name; command++) {
		char part[64];

		snprintf(part, sizeof(part), "\n*%s*\n", command->name);
		require("ktstr", text, part);
		snprintf(part, sizeof(part), "*ktstr-%s*(1)", command->name);
		require("ktstr", text, part);
	}
	free(text);
}

/* The entry of an option: "*-k*, *--kernel* _REF_", "*--list*". */
static void check_option(const char *page, const char *text, const struct option_row *row)
{
	char part[128];

	if (row->short_name) {
		snprintf(part, sizeof(part), "*-%c*, *--%s*", row->short_name, row->name);
		require(page, text, part);
	}
	snprintf(part, sizeof(part), "*--%s*%s%s%s", row->name, row->argument ? " _" : "",
		 row->argument ? row->argument : "", row->argument ? "_" : "");
	require(page, text, part);
	for (unsigned i = 0; row->words && row->words[i]; i++) {
		snprintf(part, sizeof(part), "_%s_", row->words[i]);
		require(page, text, part);
	}
}

static void pages_describe_every_option(void **state)
{
	(void)state;
	for (const struct command *command = commands; command->name; command++) {
		char page[64];
		char *text;

		snprintf(page, sizeof(page), "ktstr-%s", command->name);
		text = read_page(page);
		for (const struct option_set *const *set = command->options; *set; set++) {
			char synopsis[80];

			snprintf(synopsis, sizeof(synopsis), "*%s", (*set)->command);
			require(page, text, synopsis);
			for (const struct option_row *row = (*set)->rows; row->type != OPTION_TYPE_END; row++)
				check_option(page, text, row);
		}
		free(text);
	}
}

static void commands_have_a_line_of_help(void **state)
{
	(void)state;
	for (const struct command *command = commands; command->name; command++) {
		assert_true(strlen(command->summary) > 10 && strlen(command->summary) < 60);
		assert_non_null(command->run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_name_every_command),
		cmocka_unit_test(pages_describe_every_option),
		cmocka_unit_test(commands_have_a_line_of_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
