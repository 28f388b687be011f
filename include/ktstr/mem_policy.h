/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_MEM_POLICY_H
#define KTSTR_MEM_POLICY_H

#include <stddef.h>

/*
 * On which NUMA nodes the memory of the workers of a group comes to lie (set_mempolicy(2)). The
 * zero value changes nothing. A worker to which the kernel refuses its policy works on without and
 * says so in its report, see setup_error.
 */
enum ktstr_mem_policy_kind {
	KTSTR_MEM_DEFAULT,
	KTSTR_MEM_PREFERRED, /* one node */
	KTSTR_MEM_BIND,
	KTSTR_MEM_INTERLEAVE,
	KTSTR_MEM_LOCAL,	       /* no node: that of the CPU */
	KTSTR_MEM_PREFERRED_MANY,      /* kernel 5.15 */
	KTSTR_MEM_WEIGHTED_INTERLEAVE, /* kernel 6.9 */
};

/* Mode flags, or'ed together. The first two exclude each other. */
enum ktstr_mpol_flags {
	KTSTR_MPOL_NUMA_BALANCING = 1 << 13,
	KTSTR_MPOL_RELATIVE_NODES = 1 << 14, /* nodes count within the cpuset's */
	KTSTR_MPOL_STATIC_NODES = 1 << 15,   /* nodes stay what they are when the cpuset changes */
};

struct ktstr_mem_policy {
	enum ktstr_mem_policy_kind kind;
	unsigned flags;	       /* enum ktstr_mpol_flags */
	const unsigned *nodes; /* borrowed for the duration of the call that takes the struct */
	size_t num_nodes;
};

/* KTSTR_MEM_POLICY(KTSTR_MEM_BIND, KTSTR_MPOL_STATIC_NODES, 0, 1): a policy with flags. */
#define KTSTR_MEM_POLICY(kind_, flags_, ...)                                                       \
	((struct ktstr_mem_policy){ .kind = (kind_),                                               \
				    .flags = (flags_),                                             \
				    .nodes = (const unsigned[]){ __VA_ARGS__ },                    \
				    .num_nodes = sizeof((const unsigned[]){ __VA_ARGS__ }) /       \
						 sizeof(unsigned) })
#define KTSTR_MEM_PREFERRED(node) KTSTR_MEM_POLICY(KTSTR_MEM_PREFERRED, 0, node)
#define KTSTR_MEM_BIND(...) KTSTR_MEM_POLICY(KTSTR_MEM_BIND, 0, __VA_ARGS__)
#define KTSTR_MEM_INTERLEAVE(...) KTSTR_MEM_POLICY(KTSTR_MEM_INTERLEAVE, 0, __VA_ARGS__)
#define KTSTR_MEM_LOCAL() ((struct ktstr_mem_policy){ .kind = KTSTR_MEM_LOCAL })
#define KTSTR_MEM_PREFERRED_MANY(...) KTSTR_MEM_POLICY(KTSTR_MEM_PREFERRED_MANY, 0, __VA_ARGS__)
#define KTSTR_MEM_WEIGHTED_INTERLEAVE(...)                                                         \
	KTSTR_MEM_POLICY(KTSTR_MEM_WEIGHTED_INTERLEAVE, 0, __VA_ARGS__)

#endif
