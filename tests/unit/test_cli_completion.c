// SPDX-License-Identifier: GPL-2.0-only
/* Completion scripts: they hold every word of the tables, and shells take them. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/program.h"
#include "cli/command.h"
#include "cli/completion.h"

#include "unit.h"

static char *script(void (*print)(FILE *out))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	print(out);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* word as a word of its own. */
static void require(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at++)
		if (at > text && strchr(" \"'", at[-1]) && strchr(" \"'", at[length]))
			return;
	fail_msg("the script has no '%s'", word);
}

static void check_words(const char *text)
{
	require(text, "--version");
	for (const struct command *command = commands; command->name; command++) {
		require(text, command->name);
		for (const struct option_set *const *set = command->options; *set; set++) {
			require(text, (*set)->command);
			for (const struct option_row *row = (*set)->rows;
			     row->type != OPTION_TYPE_END; row++) {
				char name[64];

				snprintf(name, sizeof(name), "--%s", row->name);
				require(text, name);
				for (unsigned i = 0; row->words && row->words[i]; i++)
					require(text, row->words[i]);
			}
		}
	}
}

static void scripts_have_every_command_and_option(void **state)
{
	void (*const prints[])(FILE *) = { completion_print_bash, completion_print_zsh };

	(void)state;
	for (size_t i = 0; i < COUNT(prints); i++) {
		char *text = script(prints[i]);

		check_words(text);
		free(text);
	}
}

/* What a shell prints for code behind the script; the caller frees. */
static char *run_shell(const char *shell, const char *option, void (*print)(FILE *),
		       const char *code)
{
	char path[] = "/tmp/ktstr-unit-completion-XXXXXX", *output = NULL;
	const char *const argv[] = { shell, option, path, NULL };
	const struct program program = { .argv = argv,
					 .dir = AT_FDCWD,
					 .deadline_ns = clock_deadline_ms(60000),
					 .stop_fd = -1 };
	struct ktstr_error error = { 0 };
	int fd = mkstemp(path), err;
	FILE *file = fdopen(fd, "w");

	assert_non_null(file);
	print(file);
	fputs(code, file);
	assert_int_equal(fclose(file), 0);
	err = program_output(&program, &output, &error);
	unlink(path);
	if (err)
		fail_msg("%s: %s", shell, error.text);
	return output;
}

static void shells_take_the_scripts(void **state)
{
	char path[PATH_MAX];

	(void)state;
	free(run_shell("bash", "-n", completion_print_bash, ""));
	if (path_find_program("zsh", path))
		free(run_shell("zsh", "-n", completion_print_zsh, ""));
}

static const struct {
	const char *words; /* typed, the last to be completed */
	const char *offers;
} typed[] = {
	{ "ktstr te", "test template" },
	{ "ktstr kernel f", "fetch" },
	{ "ktstr kernel fetch --fl", "--flavour" },
	{ "ktstr test a --acc", "--accel" },
	{ "ktstr test a --accel k", "kvm" },
	{ "ktstr test a --filter x --hos", "--host" },
	{ "ktstr completion z", "zsh" },
	{ "ktstr --ver", "--version" },
	{ "ktstr test fi", "" }, /* left to names of files */
};

static void bash_offers_what_fits(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(typed); i++) {
		char code[512], *output;

		snprintf(code, sizeof(code),
			 "COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _ktstr; "
			 "printf '%%s' \"${COMPREPLY[*]}\"\n",
			 typed[i].words);
		output = run_shell("bash", "--norc", completion_print_bash, code);
		if (strcmp(output, typed[i].offers) != 0)
			fail_msg("'%s': '%s', not '%s'", typed[i].words, output, typed[i].offers);
		free(output);
	}
}

/* Sourced, the script registers itself with what its editor has. */
static void print_zsh_to_source(FILE *out)
{
	fputs("compdef() { : }\n", out);
	completion_print_zsh(out);
}

/* Outside of zsh's editor: its builtins are replaced by ones that print. */
static void zsh_offers_what_fits(void **state)
{
	char path[PATH_MAX];

	(void)state;
	if (!path_find_program("zsh", path))
		skip_because("needs zsh");
	for (size_t i = 0; i < COUNT(typed); i++) {
		char code[512], *output;
		const char *offer = typed[i].offers;

		snprintf(code, sizeof(code),
			 "compadd() { shift; print -r -- \" $* \"; }; _files() { print files; }; "
			 "words=(%s); CURRENT=${#words}; _ktstr\n",
			 typed[i].words);
		output = run_shell("zsh", "-f", print_zsh_to_source, code);
		if (!*offer)
			assert_string_equal(output, "files\n");
		while (*offer) {
			char part[64];
			size_t length = strcspn(offer, " ");

			snprintf(part, sizeof(part), " %.*s ", (int)length, offer);
			assert_contains(output, part);
			offer += length + (offer[length] == ' ');
		}
		free(output);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts_have_every_command_and_option),
		cmocka_unit_test(shells_take_the_scripts),
		cmocka_unit_test(bash_offers_what_fits),
		cmocka_unit_test(zsh_offers_what_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
