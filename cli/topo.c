// SPDX-License-Identifier: GPL-2.0-only
/* ktstr topo: the CPUs, caches and nodes of this machine, or of a VM. */
#include "cli/command.h"
#include "cli/topo_print.h"

static const struct option_row rows[] = { OPTION_END };

static const struct option_set topo_options = {
	.command = "ktstr topo",
	.synopsis = "[TOPOLOGY]",
	.summary = "Shows the CPUs, last-level caches and NUMA nodes of this machine, or those "
		   "that a VM of\n"
		   "TOPOLOGY (as in 2n4l2c2t: nodes, LLCs, cores per LLC, threads per core) has.",
	.rows = rows,
	.max_args = 1,
	.arg_name = "TOPOLOGY",
};

const struct option_set *const cli_topo_options[] = { &topo_options, NULL };

static int get_machine(const char *text, struct ktstr_machine **ret_machine,
		       struct ktstr_error *error)
{
	struct ktstr_topology topology;
	int err;

	if (!text)
		return ktstr_machine_from_system(ret_machine, error);
	err = ktstr_topology_parse(text, &topology, error);
	return err ? err : ktstr_machine_from_topology(&topology, ret_machine, error);
}

int cli_topo(int argc, char **argv)
{
	struct ktstr_machine *machine = NULL;
	struct ktstr_error error = { 0 };
	unsigned args;
	int status = cli_parse(&topo_options, argc, argv, NULL, &args);

	if (status != CLI_GO_ON)
		return status;
	if (get_machine(args ? argv[1] : NULL, &machine, &error))
		return cli_error(topo_options.command, "%s", error.text);
	topo_print(machine, stdout);
	ktstr_machine_free(machine);
	return CLI_OK;
}
