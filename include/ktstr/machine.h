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

/*
 * CPUs of the LLCs whose lowest CPU is on NUMA node; empty when there is no such node or it has
 * memory only.
 */
KTSTR_API void ktstr_machine_node_cpus(const struct ktstr_machine *machine, unsigned node,
				       cpu_set_t *ret_cpus);

/* SLIT distance between two nodes; 255 when either does not exist (kernel: unreachable). */
KTSTR_API unsigned ktstr_machine_numa_distance(const struct ktstr_machine *machine, unsigned from,
					       unsigned to);

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
