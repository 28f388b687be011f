// SPDX-License-Identifier: GPL-2.0-only
/* Printing a machine's topology. */
#include "base/cpulist.h"
#include "cli/topo_print.h"
#include "topology/machine.h"

static void print_count(unsigned count, const char *one, const char *many, const char *end,
			FILE *out)
{
	fprintf(out, "%u %s%s", count, count == 1 ? one : many, end);
}

static unsigned count_cores(const struct machine_layout *layout)
{
	unsigned cores = 0;

	/* A core goes by its lowest CPU. */
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
		cores += CPU_ISSET(cpu, &layout->cpus) && layout->places[cpu].core == cpu;
	return cores;
}

/* "{0,1} {2,3}": the CPUs of each core in llc. */
static void print_cores(const struct machine_layout *layout, const cpu_set_t *llc, FILE *out)
{
	char text[CPULIST_TEXT_MAX];

	for (unsigned core = 0; core < CPU_SETSIZE; core++) {
		cpu_set_t siblings;

		if (!CPU_ISSET(core, llc) || layout->places[core].core != core)
			continue;
		CPU_ZERO(&siblings);
		for (unsigned cpu = core; cpu < CPU_SETSIZE; cpu++)
			if (CPU_ISSET(cpu, llc) && layout->places[cpu].core == core)
				CPU_SET(cpu, &siblings);
		fprintf(out, " {%s}", cpulist_format(&siblings, text));
	}
}

static void print_node(const struct ktstr_machine *machine, unsigned node, FILE *out)
{
	char text[CPULIST_TEXT_MAX];
	cpu_set_t cpus;

	ktstr_machine_node_cpus(machine, node, &cpus);
	if (CPU_COUNT(&cpus) == 0) {
		fprintf(out, "node %u: memory only\n", node);
		return;
	}
	fprintf(out, "node %u: CPUs %s\n", node, cpulist_format(&cpus, text));
	for (unsigned i = 0; i < machine->num_llcs; i++) {
		const struct machine_llc *llc = &machine->llcs[i];

		if (llc->node != node)
			continue;
		fprintf(out, "  LLC %u: CPUs %s, cores", i, cpulist_format(&llc->cpus, text));
		print_cores(&machine->layout, &llc->cpus, out);
		fputc('\n', out);
	}
}

static void print_distances(const struct ktstr_machine *machine, FILE *out)
{
	const cpu_set_t *nodes = &machine->layout.nodes;

	fprintf(out, "distances:\n");
	for (unsigned from = 0; from < CPU_SETSIZE; from++) {
		if (!CPU_ISSET(from, nodes))
			continue;
		fprintf(out, "  node %u:", from);
		for (unsigned to = 0; to < CPU_SETSIZE; to++)
			if (CPU_ISSET(to, nodes))
				fprintf(out, " %u", ktstr_machine_numa_distance(machine, from, to));
		fputc('\n', out);
	}
}

void topo_print(const struct ktstr_machine *machine, FILE *out)
{
	print_count(ktstr_machine_num_numa_nodes(machine), "NUMA node", "NUMA nodes", ", ", out);
	print_count(ktstr_machine_num_llcs(machine), "LLC", "LLCs", ", ", out);
	print_count(count_cores(&machine->layout), "core", "cores", ", ", out);
	print_count(ktstr_machine_num_cpus(machine), "CPU", "CPUs", "\n", out);
	for (unsigned node = 0; node < CPU_SETSIZE; node++)
		if (CPU_ISSET(node, &machine->layout.nodes))
			print_node(machine, node, out);
	if (ktstr_machine_num_numa_nodes(machine) > 1)
		print_distances(machine, out);
}
