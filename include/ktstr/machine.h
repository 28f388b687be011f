/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_MACHINE_H
#define KTSTR_MACHINE_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include <ktstr/error.h>
#include <ktstr/export.h>
#include <ktstr/topology.h>

/*
 * The CPUs, last-level caches and NUMA nodes that a scenario can count on: what hwloc sees on
 * the running machine (inside a test: the guest), or what a ktstr_topology promises.
 *
 * LLCs are addressed by index, ascending by their lowest CPU; NUMA nodes by the kernel's node
 * number. Sets are glibc's cpu_set_t. A machine is immutable; calls on it borrow.
 */
struct ktstr_machine;

/*
 * Discover the running machine: online CPUs that this process may run on. Fails with -ENODEV
 * when that leaves none, with hwloc's errno when discovery fails.
 */
KTSTR_API int ktstr_machine_from_system(struct ktstr_machine **ret_machine,
					struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * The machine that a VM of this topology shows; nothing is discovered. Node distances are 10
 * on the diagonal and 20 elsewhere.
 */
KTSTR_API int ktstr_machine_from_topology(const struct ktstr_topology *topology,
					  struct ktstr_machine **ret_machine,
					  struct ktstr_error *error) KTSTR_MUST_CHECK;

/* NULL-safe. */
KTSTR_API void ktstr_machine_free(struct ktstr_machine *machine);

KTSTR_API unsigned ktstr_machine_num_cpus(const struct ktstr_machine *machine);
KTSTR_API unsigned ktstr_machine_num_llcs(const struct ktstr_machine *machine);
/* Memory-only nodes count. */
KTSTR_API unsigned ktstr_machine_num_numa_nodes(const struct ktstr_machine *machine);

/* Every CPU. */
KTSTR_API void ktstr_machine_cpus(const struct ktstr_machine *machine, cpu_set_t *ret_cpus);

/*
 * The CPUs that fractional cpusets are cut from: all but the highest, which stays with the
 * root cgroup; all of them on a machine with one or two CPUs.
 */
KTSTR_API void ktstr_machine_usable_cpus(const struct ktstr_machine *machine, cpu_set_t *ret_cpus);

/* CPUs of LLC index; empty when there is no such LLC. */
KTSTR_API void ktstr_machine_llc_cpus(const struct ktstr_machine *machine, unsigned index,
				      cpu_set_t *ret_cpus);

/* NUMA node of LLC index, that of its lowest CPU; -1 when there is no such LLC. */
KTSTR_API int ktstr_machine_llc_node(const struct ktstr_machine *machine, unsigned index);

/* Size of LLC index in KiB, rounded up; 0 when it is not known, as for a ktstr_topology. */
KTSTR_API uint64_t ktstr_machine_llc_cache_kib(const struct ktstr_machine *machine, unsigned index);

/* Cores of the whole machine, and of LLC index (0 when there is no such LLC). */
KTSTR_API unsigned ktstr_machine_num_cores(const struct ktstr_machine *machine);
KTSTR_API unsigned ktstr_machine_llc_num_cores(const struct ktstr_machine *machine, unsigned index);

/*
 * CPUs of one core of LLC index; cores are counted from 0 in each LLC, ascending by their lowest
 * CPU. Empty when there is no such core.
 */
KTSTR_API void ktstr_machine_core_cpus(const struct ktstr_machine *machine, unsigned index,
				       unsigned core, cpu_set_t *ret_cpus);

/* The SMT threads of cpu's core, cpu among them; empty when there is no such CPU. */
KTSTR_API void ktstr_machine_cpu_siblings(const struct ktstr_machine *machine, unsigned cpu,
					  cpu_set_t *ret_cpus);

/* The numbers of the NUMA nodes, memory-only ones too, as a set. */
KTSTR_API void ktstr_machine_numa_nodes(const struct ktstr_machine *machine, cpu_set_t *ret_nodes);

/* The nodes of the LLCs that have a CPU in cpus. */
KTSTR_API void ktstr_machine_numa_nodes_of(const struct ktstr_machine *machine,
					   const cpu_set_t *cpus, cpu_set_t *ret_nodes);

/* Whether node exists and has no CPU, not even one that this process may not use. */
KTSTR_API bool ktstr_machine_node_is_memory_only(const struct ktstr_machine *machine,
						 unsigned node);

struct ktstr_node_memory {
	uint64_t total_bytes, free_bytes;
	uint64_t used_bytes; /* total - free, at least 0 */
};

/*
 * Memory of node when the machine was made; in a test, when the test began. False when there is no
 * such node or the machine does not know, as for a ktstr_topology.
 */
KTSTR_API bool ktstr_machine_node_memory(const struct ktstr_machine *machine, unsigned node,
					 struct ktstr_node_memory *ret_memory);

/*
 * CPUs of the LLCs whose lowest CPU is on NUMA node; empty when there is no such node or it has
 * memory only.
 */
KTSTR_API void ktstr_machine_node_cpus(const struct ktstr_machine *machine, unsigned node,
				       cpu_set_t *ret_cpus);

/* SLIT distance between two nodes; 255 when either does not exist (kernel: unreachable). */
KTSTR_API unsigned ktstr_machine_numa_distance(const struct ktstr_machine *machine, unsigned from,
					       unsigned to);

/*
 * Set index of a ring of equal sets over all CPUs in which each reaches into the next: every set
 * has num_cpus / of CPUs, at least one, and begins (1 - fraction) of a set behind the one before
 * it, rounded down, at least one CPU. Behind the last CPU comes the first. Empty when index is not
 * below of. For partitions of the usable CPUs use KTSTR_CPUS_OVERLAP().
 */
KTSTR_API void ktstr_machine_overlapping_cpus(const struct ktstr_machine *machine, unsigned index,
					      unsigned of, double fraction, cpu_set_t *ret_cpus);

/* Room for the description below; a machine too odd for it is cut and ends in "...". */
#define KTSTR_MACHINE_TEXT_MAX 320

/*
 * Describe the machine in one line, "4 CPUs, 4 cores, 1 NUMA node {0-3}, 2 LLCs {0-1} {2-3}": into
 * buffer, which is returned.
 */
KTSTR_API const char *ktstr_machine_format(const struct ktstr_machine *machine,
					   char buffer[KTSTR_MACHINE_TEXT_MAX]);

/*
 * Compare with what was asked: number of NUMA nodes, of LLCs, of cores, of CPUs, and which CPU
 * belongs where. -EXDEV with both described, and the first difference, when they differ.
 */
KTSTR_API int ktstr_machine_check_topology(const struct ktstr_machine *machine,
					   const struct ktstr_topology *asked,
					   struct ktstr_error *error) KTSTR_MUST_CHECK;

#endif
