// SPDX-License-Identifier: GPL-2.0-only
/* What a machine answers about its CPUs, cores, caches and nodes. */
#include <math.h>

#include "topology/machine.h"

/* As in the kernel's and ACPI's tables. */
#define DISTANCE_UNREACHABLE 255

#define KIB 1024

unsigned ktstr_machine_num_cpus(const struct ktstr_machine *machine)
{
	return (unsigned)CPU_COUNT(&machine->layout.cpus);
}

unsigned ktstr_machine_num_llcs(const struct ktstr_machine *machine)
{
	return machine->num_llcs;
}

unsigned ktstr_machine_num_numa_nodes(const struct ktstr_machine *machine)
{
	return machine->num_nodes;
}

void ktstr_machine_cpus(const struct ktstr_machine *machine, cpu_set_t *ret_cpus)
{
	*ret_cpus = machine->layout.cpus;
}

void ktstr_machine_usable_cpus(const struct ktstr_machine *machine, cpu_set_t *ret_cpus)
{
	int cpu = CPU_SETSIZE - 1;

	*ret_cpus = machine->layout.cpus;
	if (CPU_COUNT(ret_cpus) <= 2)
		return;
	while (!CPU_ISSET(cpu, ret_cpus))
		cpu--;
	CPU_CLR(cpu, ret_cpus);
}

/* LLCs */

void ktstr_machine_llc_cpus(const struct ktstr_machine *machine, unsigned index,
			    cpu_set_t *ret_cpus)
{
	CPU_ZERO(ret_cpus);
	if (index < machine->num_llcs)
		*ret_cpus = machine->llcs[index].cpus;
}

int ktstr_machine_llc_node(const struct ktstr_machine *machine, unsigned index)
{
	return index < machine->num_llcs ? (int)machine->llcs[index].node : -1;
}

uint64_t ktstr_machine_llc_cache_kib(const struct ktstr_machine *machine, unsigned index)
{
	uint64_t bytes = index < machine->num_llcs ? machine->llcs[index].cache_bytes : 0;

	return bytes / KIB + !!(bytes % KIB);
}

/* Cores: each goes by its lowest CPU. */

static bool leads_core(const struct ktstr_machine *machine, unsigned cpu)
{
	return CPU_ISSET(cpu, &machine->layout.cpus) && machine->layout.places[cpu].core == cpu;
}

unsigned ktstr_machine_num_cores(const struct ktstr_machine *machine)
{
	unsigned cores = 0;

	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
		cores += leads_core(machine, cpu);
	return cores;
}

unsigned ktstr_machine_llc_num_cores(const struct ktstr_machine *machine, unsigned index)
{
	unsigned cores = 0;
	cpu_set_t cpus;

	ktstr_machine_llc_cpus(machine, index, &cpus);
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
		cores += CPU_ISSET(cpu, &cpus) && leads_core(machine, cpu);
	return cores;
}

void ktstr_machine_cpu_siblings(const struct ktstr_machine *machine, unsigned cpu,
				cpu_set_t *ret_cpus)
{
	const struct machine_layout *layout = &machine->layout;

	CPU_ZERO(ret_cpus);
	if (cpu >= CPU_SETSIZE || !CPU_ISSET(cpu, &layout->cpus))
		return;
	for (unsigned other = 0; other < CPU_SETSIZE; other++)
		if (CPU_ISSET(other, &layout->cpus) &&
		    layout->places[other].core == layout->places[cpu].core)
			CPU_SET(other, ret_cpus);
}

void ktstr_machine_core_cpus(const struct ktstr_machine *machine, unsigned index, unsigned core,
			     cpu_set_t *ret_cpus)
{
	cpu_set_t cpus;

	ktstr_machine_llc_cpus(machine, index, &cpus);
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &cpus) && leads_core(machine, cpu) && !core--) {
			ktstr_machine_cpu_siblings(machine, cpu, ret_cpus);
			return;
		}
	CPU_ZERO(ret_cpus);
}

/* NUMA nodes */

void ktstr_machine_numa_nodes(const struct ktstr_machine *machine, cpu_set_t *ret_nodes)
{
	*ret_nodes = machine->layout.nodes;
}

void ktstr_machine_node_cpus(const struct ktstr_machine *machine, unsigned node,
			     cpu_set_t *ret_cpus)
{
	CPU_ZERO(ret_cpus);
	for (unsigned i = 0; i < machine->num_llcs; i++)
		if (machine->llcs[i].node == node)
			CPU_OR(ret_cpus, ret_cpus, &machine->llcs[i].cpus);
}

void ktstr_machine_numa_nodes_of(const struct ktstr_machine *machine, const cpu_set_t *cpus,
				 cpu_set_t *ret_nodes)
{
	CPU_ZERO(ret_nodes);
	for (unsigned i = 0; i < machine->num_llcs; i++) {
		cpu_set_t common;

		CPU_AND(&common, &machine->llcs[i].cpus, cpus);
		if (CPU_COUNT(&common))
			CPU_SET(machine->llcs[i].node, ret_nodes);
	}
}

bool ktstr_machine_node_is_memory_only(const struct ktstr_machine *machine, unsigned node)
{
	return node < CPU_SETSIZE && CPU_ISSET(node, &machine->layout.memory_only);
}

bool ktstr_machine_node_memory(const struct ktstr_machine *machine, unsigned node,
			       struct ktstr_node_memory *ret_memory)
{
	int rank = machine_node_rank(machine, node);

	if (rank < 0 || !machine->memory[rank].total_bytes)
		return false;
	*ret_memory = machine->memory[rank];
	return true;
}

unsigned ktstr_machine_numa_distance(const struct ktstr_machine *machine, unsigned from,
				     unsigned to)
{
	int row = machine_node_rank(machine, from), column = machine_node_rank(machine, to);

	if (row < 0 || column < 0)
		return DISTANCE_UNREACHABLE;
	return machine->distances[(size_t)row * machine->num_nodes + (size_t)column];
}

void ktstr_machine_overlapping_cpus(const struct ktstr_machine *machine, unsigned index,
				    unsigned of, double fraction, cpu_set_t *ret_cpus)
{
	unsigned total = ktstr_machine_num_cpus(machine), base, stride = 1, start, at = 0;
	double shared;

	CPU_ZERO(ret_cpus);
	if (index >= of)
		return;
	base = total / of;
	shared = isfinite(fraction) && fraction > 0 ? ceil(base * fraction) : 0;
	if (shared < base)
		stride = base - (unsigned)shared;
	start = (unsigned)((uint64_t)index * stride % total);
	if (!base)
		base = 1;
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &machine->layout.cpus))
			continue;
		/* Positions go round: total - start is that of CPU 0 behind start. */
		if ((at++ + total - start) % total < base)
			CPU_SET(cpu, ret_cpus);
	}
}
