// SPDX-License-Identifier: GPL-2.0-only
/*
 * ktstr completion: scripts for shells, from the tables of subcommands and options. Both have the
 * same shape: walk the words to find which command line this is, then offer what it takes.
 */
#include <string.h>

#include "cli/command.h"
#include "cli/completion.h"

static const struct option_row rows[] = { OPTION_END };

static const struct option_set completion_options = {
	.command = "ktstr completion",
	.synopsis = "bash|zsh",
	.summary = "Prints a script that completes ktstr's words in a shell.",
	.details = "For the running shell: source <(ktstr completion bash)",
	.rows = rows,
	.min_args = 1,
	.max_args = 1,
	.arg_name = "SHELL",
};

const struct option_set *const cli_completion_options[] = { &completion_options, NULL };

/* The last word of "ktstr kernel fetch". */
static const char *last_word(const struct option_set *set)
{
	const char *space = strrchr(set->command, ' ');

	return space ? space + 1 : set->command;
}

static void print_long_options(const struct option_set *set, FILE *out)
{
	for (const struct option_row *row = set->rows; row->type != OPTION_TYPE_END; row++)
		fprintf(out, "--%s ", row->name);
	fputs("--help", out);
}

/* 'ktstr test') options="--list ... --help" ;; */
static void print_set(const struct option_set *set, const struct option_set *const *below,
		      FILE *out)
{
	fprintf(out, "\t'%s') opts=\"", set->command);
	print_long_options(set, out);
	fputs("\" subs=\"", out);
	for (; below && *below; below++)
		fprintf(out, "%s%s", last_word(*below), below[1] ? " " : "");
	/* completion itself takes words that are no subcommands */
	if (set == &completion_options)
		fputs("bash zsh", out);
	fputs("\" ;;\n", out);
}

static void print_values(const struct option_set *set, FILE *out)
{
	for (const struct option_row *row = set->rows; row->type != OPTION_TYPE_END; row++) {
		if (!row->words)
			continue;
		fprintf(out, "\t'%s --%s') vals=\"", set->command, row->name);
		for (unsigned i = 0; row->words[i]; i++)
			fprintf(out, "%s%s", i ? " " : "", row->words[i]);
		fputs("\" ;;\n", out);
	}
}

/* All that both shells read alike: which words lead to another command line, and its tables. */
static void print_tables(FILE *out)
{
	fputs("\tfor word in \"${before[@]}\"; do\n\t\tcase \"$key $word\" in\n\t\t", out);
	for (const struct command *command = commands; command->name; command++)
		for (const struct option_set *const *set = command->options; *set; set++)
			fprintf(out, "%s'%s'",
				command == commands && set == command->options ? "" : "|",
				(*set)->command);
	fputs(") key=\"$key $word\" ;;\n\t\tesac\n\tdone\n\tcase \"$key\" in\n"
	      "\t'ktstr') opts=\"--version --help\" subs=\"",
	      out);
	for (const struct command *command = commands; command->name; command++)
		fprintf(out, "%s%s", command->name, command[1].name ? " " : "");
	fputs("\" ;;\n", out);
	for (const struct command *command = commands; command->name; command++) {
		print_set(command->options[0], command->options + 1, out);
		for (const struct option_set *const *set = command->options + 1;
		     command->options[0] && *set; set++)
			print_set(*set, NULL, out);
	}
	fputs("\tesac\n\tcase \"$key $previous\" in\n", out);
	for (const struct command *command = commands; command->name; command++)
		for (const struct option_set *const *set = command->options; *set; set++)
			print_values(*set, out);
	fputs("\tesac\n", out);
}

void completion_print_bash(FILE *out)
{
	fputs("# bash completion of ktstr, made by 'ktstr completion bash'\n"
	      "_ktstr()\n{\n"
	      "\tlocal key=ktstr word opts= subs= vals=\n"
	      "\tlocal current=\"${COMP_WORDS[COMP_CWORD]}\" "
	      "previous=\"${COMP_WORDS[COMP_CWORD - 1]}\"\n"
	      "\tlocal before=(\"${COMP_WORDS[@]:1:COMP_CWORD - 1}\")\n",
	      out);
	print_tables(out);
	fputs("\tif [ -n \"$vals\" ]; then\n\t\tsubs=\"$vals\"\n"
	      "\telif [ \"${current#-}\" != \"$current\" ]; then\n\t\tsubs=\"$opts\"\n\tfi\n"
	      "\t# Where nothing fits, readline completes names of files.\n"
	      "\tCOMPREPLY=($(compgen -W \"$subs\" -- \"$current\"))\n"
	      "}\n"
	      "complete -o bashdefault -o default -F _ktstr ktstr\n",
	      out);
}

void completion_print_zsh(FILE *out)
{
	fputs("#compdef ktstr\n# zsh completion of ktstr, made by 'ktstr completion zsh'\n"
	      "_ktstr()\n{\n"
	      "\tlocal key=ktstr word opts= subs= vals=\n"
	      "\tlocal current=\"${words[CURRENT]}\" previous=\"${words[CURRENT-1]}\"\n"
	      "\tlocal -a before\n\tbefore=(\"${(@)words[2,CURRENT-1]}\")\n",
	      out);
	print_tables(out);
	fputs("\tif [[ -n $vals ]]; then\n\t\tcompadd -- ${=vals}\n"
	      "\telif [[ $current == -* ]]; then\n\t\tcompadd -- ${=opts}\n"
	      "\telif [[ -n $subs ]]; then\n\t\tcompadd -- ${=subs}\n"
	      "\telse\n\t\t_files\n\tfi\n}\n"
	      "# Loaded as a function of its name, or sourced.\n"
	      "if [[ ${funcstack[1]-} == _ktstr ]]; then\n\t_ktstr \"$@\"\nelse\n"
	      "\tcompdef _ktstr ktstr\nfi\n",
	      out);
}

int cli_completion(int argc, char **argv)
{
	static const struct {
		const char *shell;
		void (*print)(FILE *out);
	} shells[] = { { "bash", completion_print_bash }, { "zsh", completion_print_zsh } };
	unsigned args;
	int status = cli_parse(&completion_options, argc, argv, NULL, &args);

	if (status != CLI_GO_ON)
		return status;
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (!strcmp(argv[1], shells[i].shell)) {
			shells[i].print(stdout);
			return CLI_OK;
		}
	return cli_error(completion_options.command, "'%s' is not one of bash, zsh", argv[1]);
}
