// SPDX-License-Identifier: GPL-2.0-only
/* ktstr kernel: the user's hands on the kernel store. Printing lists is in kernel_list.c. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/nearest.h"
#include "cli/command.h"
#include "cli/kernel_list.h"
#include "cli/progress_line.h"
#include "vm/kernel/add.h"
#include "vm/kernel/fetch.h"
#include "vm/kernel/store.h"

struct fetch_arguments {
	const char *flavour;
	uint64_t timeout_ns;
};

static const struct option_row fetch_rows[] = {
	OPTION_STRING("flavour", 'f', struct fetch_arguments, flavour, "NAME",
		      "of linux-image-NAME (default: " KERNEL_FETCH_FLAVOUR ")"),
	OPTION_DURATION("timeout", 't', struct fetch_arguments, timeout_ns, "TIME",
			"give up after this (default: 10m)"),
	OPTION_END,
};
_Static_assert(KERNEL_FETCH_TIMEOUT_MS == 10 * 60 * 1000, "the help of --timeout says 10m");

static const struct option_set fetch_options = {
	.command = "ktstr kernel fetch",
	.synopsis = "[SUITE] [OPTION...]",
	.summary = "get a suite's kernel from this machine's Debian mirror "
		   "(default: " KERNEL_FETCH_SUITE ")",
	.rows = fetch_rows,
	.max_args = 1,
	.arg_name = "SUITE",
};

static const struct option_row no_rows[] = { OPTION_END };

static const struct option_set add_options = {
	.command = "ktstr kernel add",
	.synopsis = "PATH",
	.summary = "put a bzImage, a vmlinux or a kernel build tree into the store",
	.rows = no_rows,
	.min_args = 1,
	.max_args = 1,
	.arg_name = "PATH",
};

struct list_arguments {
	bool json;
};

static const struct option_row list_rows[] = {
	OPTION_FLAG("json", 'j', struct list_arguments, json, "print JSON"),
	OPTION_END,
};

static const struct option_set list_options = {
	.command = "ktstr kernel list",
	.synopsis = "[OPTION...]",
	.summary = "show the kernels of the store, newest first",
	.rows = list_rows,
};

static const struct option_set rm_options = {
	.command = "ktstr kernel rm",
	.synopsis = "REF...",
	.summary = "remove kernels from the store",
	.rows = no_rows,
	.min_args = 1,
	.max_args = UINT_MAX,
	.arg_name = "REF",
};

static void print_added(const struct kernel_entry *entry, const char *what)
{
	printf("%s %s; sched_ext: %s%s\n", entry->ref, what,
	       entry->sched_ext.usable ? "yes" : "no, ", entry->sched_ext.reason);
}

static int run_fetch(int argc, char **argv)
{
	struct fetch_arguments arguments = { 0 };
	struct ktstr_error error = { 0 };
	unsigned args;
	int status = cli_parse(&fetch_options, argc, argv, &arguments, &args);

	if (status != CLI_GO_ON)
		return status;
	auto_kernel_entry struct kernel_entry *entry = NULL;
	struct progress_line line = { .out = stderr, .live = isatty(STDERR_FILENO) };
	struct kernel_progress progress = {
		.stage = progress_line_stage,
		.share = progress_line_share,
		.arg = &line,
	};
	struct kernel_fetch fetch = {
		.suite = args ? argv[1] : NULL,
		.flavour = arguments.flavour,
		.timeout_ms = (arguments.timeout_ns + NS_PER_MS - 1) / NS_PER_MS,
		.progress = &progress,
	};
	bool is_new;
	int err = kernel_fetch(&fetch, &entry, &is_new, &error);

	progress_line_end(&line);
	if (err)
		return cli_error(fetch_options.command, "%s", error.text);
	print_added(entry, is_new ? "added" : "is in the store already");
	return CLI_OK;
}

static int run_add(int argc, char **argv)
{
	auto_kernel_entry struct kernel_entry *entry = NULL;
	struct ktstr_error error = { 0 };
	unsigned args;
	int status = cli_parse(&add_options, argc, argv, NULL, &args);

	if (status != CLI_GO_ON)
		return status;
	if (kernel_add_path(argv[1], &entry, &error))
		return cli_error(add_options.command, "%s", error.text);
	print_added(entry, "added");
	return CLI_OK;
}

static int run_list(int argc, char **argv)
{
	auto_kernel_list struct kernel_list list = { 0 };
	struct list_arguments arguments = { 0 };
	struct ktstr_error error = { 0 };
	unsigned args;
	int status = cli_parse(&list_options, argc, argv, &arguments, &args);

	if (status != CLI_GO_ON)
		return status;
	if (kernel_store_list(&list, &error))
		return cli_error(list_options.command, "%s", error.text);
	if (arguments.json)
		return kernel_list_print_json(&list, stdout)
			       ? cli_error(list_options.command, "no memory")
			       : CLI_OK;
	kernel_list_print_table(&list, stdout);
	return CLI_OK;
}

static int run_rm(int argc, char **argv)
{
	unsigned args;
	int status = cli_parse(&rm_options, argc, argv, NULL, &args);

	if (status != CLI_GO_ON)
		return status;
	for (unsigned i = 1; i <= args; i++) {
		struct ktstr_error error = { 0 };
		auto_free char *ref = NULL;

		if (kernel_store_remove(argv[i], &ref, &error))
			return cli_error(rm_options.command, "%s", error.text);
		printf("%s removed\n", ref);
	}
	return CLI_OK;
}

static const struct {
	const char *name;
	const struct option_set *options;
	int (*run)(int argc, char **argv);
} subcommands[] = {
	{ "fetch", &fetch_options, run_fetch },
	{ "add", &add_options, run_add },
	{ "list", &list_options, run_list },
	{ "rm", &rm_options, run_rm },
};

#define NUM_SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

static const struct option_set kernel_options = {
	.command = "ktstr kernel",
	.synopsis = "fetch|add|list|rm [ARGUMENT...]",
	.summary = "keep kernels for the VMs that tests run in",
	.details = "'ktstr kernel fetch --help' and the like say more about each.",
	.rows = no_rows,
};

const struct option_set *const cli_kernel_options[] = {
	&kernel_options, &fetch_options, &add_options, &list_options, &rm_options, NULL,
};

int cli_kernel(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	struct nearest nearest = NEAREST(name);
	unsigned args;
	int status;

	if (!name)
		return cli_error(kernel_options.command, "which of fetch, add, list, rm?");
	if (*name == '-') {
		status = cli_parse(&kernel_options, argc, argv, NULL, &args);
		return status == CLI_GO_ON
			       ? cli_error(kernel_options.command, "which of fetch, add, list, rm?")
			       : status;
	}
	for (size_t i = 0; i < NUM_SUBCOMMANDS; i++) {
		if (!strcmp(subcommands[i].name, name))
			return subcommands[i].run(argc - 1, argv + 1);
		nearest_offer(&nearest, subcommands[i].name);
	}
	if (nearest_best(&nearest))
		return cli_error(kernel_options.command, "unknown subcommand '%s', nearest is '%s'",
				 name, nearest_best(&nearest));
	return cli_error(kernel_options.command,
			 "unknown subcommand '%s'; there are fetch, add, list, rm", name);
}
