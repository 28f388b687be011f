// SPDX-License-Identifier: GPL-2.0-only
/* The machine: its construction from a layout or from a VM's topology. */
#include <assert.h>
#include <errno.h>

#include "topology/machine.h"

_Static_assert(CPU_SETSIZE >= KTSTR_TOPOLOGY_MAX_CPUS, "every guest CPU fits a cpu_set_t");

/* SLIT values: the ACPI specification fixes local and unreachable, Linux uses 20 for remote. */
#define DISTANCE_LOCAL 10
#define DISTANCE_REMOTE 20

int machine_node_rank(const struct ktstr_machine *machine, unsigned node)
{
	int rank = 0;

	if (node >= CPU_SETSIZE || !CPU_ISSET(node, &machine->layout.nodes))
		return -1;
	for (unsigned other = 0; other < node; other++)
		rank += !!CPU_ISSET(other, &machine->layout.nodes);
	return rank;
}

static void collect_llcs(struct ktstr_machine *machine)
{
	const struct machine_layout *layout = &machine->layout;
	unsigned index_of[CPU_SETSIZE];

	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		const struct machine_place *place = &layout->places[cpu];

		if (!CPU_ISSET(cpu, &layout->cpus))
			continue;
		/* Its own lowest CPU comes first: no LLC is met before it has an index. */
		assert(place->llc <= cpu && CPU_ISSET(place->llc, &layout->cpus));
		if (place->llc == cpu) {
			index_of[cpu] = machine->num_llcs++;
			CPU_ZERO(&machine->llcs[index_of[cpu]].cpus);
			machine->llcs[index_of[cpu]].node = place->node;
			machine->llcs[index_of[cpu]].cache_bytes = place->cache_bytes;
		}
		CPU_SET(cpu, &machine->llcs[index_of[place->llc]].cpus);
	}
}

int machine_new(const struct machine_layout *layout, struct ktstr_machine **ret_machine,
		struct ktstr_error *error)
{
	size_t cpus = (size_t)CPU_COUNT(&layout->cpus), nodes = (size_t)CPU_COUNT(&layout->nodes);
	struct ktstr_machine *machine;

	assert(cpus && nodes);
	machine = calloc(1, sizeof(*machine));
	if (machine) {
		machine->layout = *layout;
		machine->num_nodes = (unsigned)nodes;
		machine->llcs = calloc(cpus, sizeof(*machine->llcs));
		machine->distances = calloc(nodes * nodes, sizeof(*machine->distances));
		machine->memory = calloc(nodes, sizeof(*machine->memory));
	}
	if (!machine || !machine->llcs || !machine->distances || !machine->memory) {
		ktstr_machine_free(machine);
		return ktstr_error_set(error, -ENOMEM, "no memory for a machine of %zu cpus", cpus);
	}
	collect_llcs(machine);
	for (size_t i = 0; i < nodes; i++)
		for (size_t j = 0; j < nodes; j++)
			machine->distances[i * nodes + j] = i == j ? DISTANCE_LOCAL
								   : DISTANCE_REMOTE;
	*ret_machine = machine;
	return 0;
}

void machine_set_distance(struct ktstr_machine *machine, unsigned from, unsigned to,
			  unsigned distance)
{
	int row = machine_node_rank(machine, from), column = machine_node_rank(machine, to);

	if (row >= 0 && column >= 0)
		machine->distances[(size_t)row * machine->num_nodes + (size_t)column] = distance;
}

int ktstr_machine_from_topology(const struct ktstr_topology *topology,
				struct ktstr_machine **ret_machine, struct ktstr_error *error)
{
	struct machine_layout layout = { 0 };
	unsigned llc_cpus, llcs_per_node;
	int err = ktstr_topology_check(topology, error);

	if (err)
		return err;
	llc_cpus = topology->cores * topology->threads;
	llcs_per_node = topology->llcs / topology->numa_nodes;
	for (unsigned node = 0; node < topology->numa_nodes; node++)
		CPU_SET(node, &layout.nodes);
	for (unsigned cpu = 0; cpu < ktstr_topology_num_cpus(topology); cpu++) {
		CPU_SET(cpu, &layout.cpus);
		layout.places[cpu] = (struct machine_place){
			.node = cpu / llc_cpus / llcs_per_node,
			.llc = cpu - cpu % llc_cpus,
			.core = cpu - cpu % topology->threads,
		};
	}
	return machine_new(&layout, ret_machine, error);
}

void ktstr_machine_free(struct ktstr_machine *machine)
{
	if (!machine)
		return;
	free(machine->llcs);
	free(machine->distances);
	free(machine->memory);
	free(machine);
}
