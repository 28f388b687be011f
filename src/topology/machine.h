/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <hwloc.h>
#include <sched.h>

#include <ktstr/machine.h>

/*
 * How a machine is made: whoever discovers or computes one fills in a layout, machine_new()
 * derives the rest from it.
 */

/* Where a CPU sits. An LLC and a core go by the lowest CPU in them, a node by its number. */
struct machine_place {
	unsigned node, llc, core;
	uint64_t cache_bytes; /* size of the LLC; 0: not known */
};

struct machine_layout {
	cpu_set_t cpus;	       /* never empty */
	cpu_set_t nodes;       /* numbers of the NUMA nodes, memory-only ones too; never empty */
	cpu_set_t memory_only; /* those of them without CPUs, also without CPUs left out of cpus */
	struct machine_place places[CPU_SETSIZE]; /* of the CPUs in cpus */
};

struct machine_llc {
	cpu_set_t cpus;
	unsigned node; /* of its lowest CPU */
	uint64_t cache_bytes;
};

struct ktstr_machine {
	struct machine_layout layout;
	struct machine_llc *llcs; /* ascending by lowest CPU */
	unsigned num_llcs;
	unsigned num_nodes;
	unsigned *distances; /* num_nodes rows of num_nodes, in ascending order of node numbers */
	/* In the same order; total_bytes 0: not known. */
	struct ktstr_node_memory *memory;
};

/* Rank of node among the nodes of machine, or -1. */
int machine_node_rank(const struct ktstr_machine *machine, unsigned node);

/* Distances are 10 and 20 until machine_set_distance() says otherwise. */
int machine_new(const struct machine_layout *layout, struct ktstr_machine **ret_machine,
		struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Nodes that do not exist are passed over. */
void machine_set_distance(struct ktstr_machine *machine, unsigned from, unsigned to,
			  unsigned distance);

/* Have hwloc load CPUs, cores, caches and NUMA nodes only. 0 or -errno. */
int machine_filter_hwloc(hwloc_topology_t topology) KTSTR_MUST_CHECK;

/*
 * The machine that a loaded hwloc topology describes, cut down to allowed (NULL: no limit).
 * Separate from loading so that tests can bring machines that are not at hand.
 */
int machine_from_hwloc(hwloc_topology_t topology, hwloc_const_cpuset_t allowed,
		       struct ktstr_machine **ret_machine,
		       struct ktstr_error *error) KTSTR_MUST_CHECK;
