/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_TOPOLOGY_H
#define KTSTR_TOPOLOGY_H

#include <ktstr/error.h>
#include <ktstr/export.h>

/*
 * The CPU topology that a test asks of its VM, written NnNlNcNt: "2n4l2c2t" is 2 NUMA nodes,
 * 4 last-level caches on the whole machine (2 a node), 2 cores a cache, 2 SMT threads a core:
 * 16 CPUs. CPU numbers ascend through node, LLC, core, thread.
 *
 * A field of 0 takes the default of ktstr_topology_resolve().
 */
struct ktstr_topology {
	unsigned numa_nodes; /* default 1 */
	unsigned llcs;	     /* machine-wide; default 1 */
	unsigned cores;	     /* per LLC; default 2 */
	unsigned threads;    /* per core; default 1 */
};

/* Long enough for any topology that ktstr_topology_check() accepts. */
#define KTSTR_TOPOLOGY_TEXT_MAX 48

/* Fill the fields of topology that are 0 from fallback, then from the defaults above. */
KTSTR_API void ktstr_topology_resolve(struct ktstr_topology *topology,
				      const struct ktstr_topology *fallback);

/*
 * Refuse what cannot be built: a zero, llcs that numa_nodes does not divide, more CPUs than
 * glibc's cpu_set_t or the VM holds (KTSTR_TOPOLOGY_MAX_CPUS). -EINVAL or -ERANGE.
 */
KTSTR_API int ktstr_topology_check(const struct ktstr_topology *topology,
				   struct ktstr_error *error) KTSTR_MUST_CHECK;

/* QEMU 10's q35 machine stops at 4096, an x86 guest without an IOMMU at 255 APIC ids. */
#define KTSTR_TOPOLOGY_MAX_CPUS 255

/* Number of CPUs: llcs * cores * threads (numa_nodes does not multiply). */
KTSTR_API unsigned ktstr_topology_num_cpus(const struct ktstr_topology *topology);

/*
 * Parse "2n4l2c2t" or, as on the command line of the original tool, "2,4,2,2". All four numbers
 * are required. The result has passed ktstr_topology_check(). -EINVAL names what is wrong.
 */
KTSTR_API int ktstr_topology_parse(const char *text, struct ktstr_topology *ret_topology,
				   struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Write the NnNlNcNt form into buffer and return buffer. */
KTSTR_API const char *ktstr_topology_format(const struct ktstr_topology *topology,
					    char buffer[KTSTR_TOPOLOGY_TEXT_MAX]);

#endif
