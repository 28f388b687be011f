// SPDX-License-Identifier: GPL-2.0-only
/* ktstr template: the user's hands on the templates. */
#include <limits.h>
#include <string.h>

#include "base/nearest.h"
#include "base/size.h"
#include "cli/command.h"
#include "cli/template_list.h"
#include "cli/template_warm.h"
#include "harness/arguments.h"

struct list_arguments {
	bool json;
};

static const struct option_row list_rows[] = {
	OPTION_FLAG("json", 'j', struct list_arguments, json, "print JSON"),
	OPTION_END,
};

static const struct option_set list_options = {
	.command = "ktstr template list",
	.synopsis = "[OPTION...]",
	.summary = "show the templates, the latest used first",
	.rows = list_rows,
};

struct warm_arguments {
	const char *topology, *kernel;
	unsigned accel;
	uint64_t memory_mib;
};

static const struct option_row warm_rows[] = {
	OPTION_STRING("topology", 't', struct warm_arguments, topology, "NnNlNcNt",
		      "of the guest (default 1n1l2c1t), or of every test instead of its own"),
	OPTION_STRING("kernel", 'k', struct warm_arguments, kernel, "REF",
		      "kernel to boot: an entry of 'ktstr kernel list' or a path"),
	OPTION_ENUM("accel", 0, struct warm_arguments, accel, test_accel_words, "WORD",
		    "accelerator"),
	OPTION_U64("memory-mib", 'm', struct warm_arguments, memory_mib, "N",
		   "memory of the guest; tests have their own"),
	OPTION_END,
};

static const struct option_set warm_options = {
	.command = "ktstr template warm",
	.synopsis = "[FILE...] [OPTION...]",
	.summary = "make what the tests of test binaries will start from, or one for a topology",
	.rows = warm_rows,
	.max_args = UINT_MAX,
	.arg_name = "FILE",
};

struct rm_arguments {
	bool all;
};

static const struct option_row rm_rows[] = {
	OPTION_FLAG("all", 'a', struct rm_arguments, all, "every template"),
	OPTION_END,
};

static const struct option_set rm_options = {
	.command = "ktstr template rm",
	.synopsis = "NAME...|--all",
	.summary = "remove templates",
	.rows = rm_rows,
	.max_args = UINT_MAX,
	.arg_name = "NAME",
};

struct prune_arguments {
	const char *budget;
};

static const struct option_row prune_rows[] = {
	OPTION_STRING("budget", 'b', struct prune_arguments, budget, "SIZE",
		      "what may stay, as in 1GiB (default: " TEMPLATE_BUDGET_ENV ", then 4GiB)"),
	OPTION_END,
};
_Static_assert(TEMPLATE_BUDGET_DEFAULT == UINT64_C(4) << 30, "the help of --budget says 4GiB");

static const struct option_set prune_options = {
	.command = "ktstr template prune",
	.synopsis = "[OPTION...]",
	.summary = "remove what is of no use, and what was not used for longest beyond the budget",
	.rows = prune_rows,
};

static int run_list(int argc, char **argv)
{
	auto_template_store struct template_store store = { .root = -1 };
	auto_template_list struct template_list list = { 0 };
	struct list_arguments arguments = { 0 };
	struct ktstr_error error = { 0 };
	unsigned args;
	int status = cli_parse(&list_options, argc, argv, &arguments, &args);

	if (status != CLI_GO_ON)
		return status;
	if (template_store_open(&store, &error) || template_store_list(&store, &list, &error))
		return cli_error(list_options.command, "%s", error.text);
	if (arguments.json)
		return template_list_print_json(&list, stdout)
			       ? cli_error(list_options.command, "no memory")
			       : CLI_OK;
	template_list_print_table(&list, store.budget_bytes, stdout);
	return CLI_OK;
}

static int run_warm(int argc, char **argv)
{
	struct warm_arguments arguments = { 0 };
	struct ktstr_error error = { 0 };
	unsigned args;
	int status = cli_parse(&warm_options, argc, argv, &arguments, &args);

	if (status != CLI_GO_ON)
		return status;
	const struct template_warm_config config = {
		.files = (const char *const *)argv + 1,
		.files_count = args,
		.topology = arguments.topology,
		.kernel = arguments.kernel,
		.accel = arguments.accel,
		.memory_mib = (unsigned)arguments.memory_mib,
	};
	if (arguments.memory_mib > UINT_MAX)
		return cli_error(warm_options.command, "option --memory-mib: more than %u",
				 UINT_MAX);
	if (args && arguments.memory_mib)
		return cli_error(warm_options.command,
				 "option --memory-mib: the tests of '%s' say how much they need",
				 argv[1]);
	if (template_warm(&config, &error))
		return cli_error(warm_options.command, "%s", error.text);
	return CLI_OK;
}

static int remove_all(const struct template_store *store, struct ktstr_error *error)
{
	auto_template_list struct template_list list = { 0 };
	int err = template_store_list(store, &list, error);

	for (size_t i = 0; !err && i < list.count; i++) {
		err = template_store_remove(store, list.items[i].name, NULL, error);
		if (!err)
			printf("%s removed\n", list.items[i].name);
	}
	return err;
}

static int run_rm(int argc, char **argv)
{
	auto_template_store struct template_store store = { .root = -1 };
	struct rm_arguments arguments = { 0 };
	struct ktstr_error error = { 0 };
	unsigned args;
	int status = cli_parse(&rm_options, argc, argv, &arguments, &args);

	if (status != CLI_GO_ON)
		return status;
	if (arguments.all == (args > 0))
		return cli_error(rm_options.command, "%s",
				 args ? "give names or --all, not both"
				      : "which? 'ktstr template list' shows them; --all means every");
	if (template_store_open(&store, &error) ||
	    (arguments.all && remove_all(&store, &error)))
		return cli_error(rm_options.command, "%s", error.text);
	for (unsigned i = 1; i <= args; i++) {
		char name[TEMPLATE_NAME_DIGITS + 1];

		if (template_store_remove(&store, argv[i], name, &error))
			return cli_error(rm_options.command, "%s", error.text);
		printf("%s removed\n", name);
	}
	return CLI_OK;
}

static int run_prune(int argc, char **argv)
{
	auto_template_store struct template_store store = { .root = -1 };
	struct prune_arguments arguments = { 0 };
	struct template_pruned pruned = { 0 };
	struct ktstr_error error = { 0 };
	char size[SIZE_TEXT_MAX];
	unsigned args;
	int status = cli_parse(&prune_options, argc, argv, &arguments, &args);

	if (status != CLI_GO_ON)
		return status;
	if (template_store_open(&store, &error))
		return cli_error(prune_options.command, "%s", error.text);
	if (arguments.budget && size_parse(arguments.budget, &store.budget_bytes, &error))
		return cli_error(prune_options.command, "option --budget: %s", error.text);
	if (template_store_prune(&store, NULL, &pruned, &error))
		return cli_error(prune_options.command, "%s", error.text);
	printf("%u removed, %s\n", pruned.count, size_format(pruned.bytes, size));
	return CLI_OK;
}

static const struct {
	const char *name;
	const struct option_set *options;
	int (*run)(int argc, char **argv);
} subcommands[] = {
	{ "list", &list_options, run_list },
	{ "warm", &warm_options, run_warm },
	{ "rm", &rm_options, run_rm },
	{ "prune", &prune_options, run_prune },
};

#define NUM_SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))
#define NAMES "list, warm, rm, prune"

static const struct option_row no_rows[] = { OPTION_END };

static const struct option_set template_options = {
	.command = "ktstr template",
	.synopsis = "list|warm|rm|prune [ARGUMENT...]",
	.summary = "keep booted guests that tests start from",
	.details = "'ktstr template warm --help' and the like say more about each.",
	.rows = no_rows,
};

const struct option_set *const cli_template_options[] = {
	&template_options, &list_options, &warm_options, &rm_options, &prune_options, NULL,
};

int cli_template(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	struct nearest nearest = NEAREST(name);
	unsigned args;
	int status;

	if (!name)
		return cli_error(template_options.command, "which of " NAMES "?");
	if (*name == '-') {
		status = cli_parse(&template_options, argc, argv, NULL, &args);
		return status == CLI_GO_ON
			       ? cli_error(template_options.command, "which of " NAMES "?")
			       : status;
	}
	for (size_t i = 0; i < NUM_SUBCOMMANDS; i++) {
		if (!strcmp(subcommands[i].name, name))
			return subcommands[i].run(argc - 1, argv + 1);
		nearest_offer(&nearest, subcommands[i].name);
	}
	if (nearest_best(&nearest))
		return cli_error(template_options.command,
				 "unknown subcommand '%s', nearest is '%s'", name,
				 nearest_best(&nearest));
	return cli_error(template_options.command, "unknown subcommand '%s'; there are " NAMES,
			 name);
}
