// SPDX-License-Identifier: GPL-2.0-only
/* Memory policies: a row for each kind, the mask of nodes, and the system call. */
#include "workload/mem_policy.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FLAGS_KNOWN                                                                                \
	((unsigned)(KTSTR_MPOL_NUMA_BALANCING | KTSTR_MPOL_RELATIVE_NODES |                        \
		    KTSTR_MPOL_STATIC_NODES))

static const struct {
	const char *name;
	int mode; /* the kernel's */
	bool has_nodes;
	const char *write; /* how to say it with nodes */
} kinds[] = {
	[KTSTR_MEM_DEFAULT] = { "default", 0, false, NULL },
	[KTSTR_MEM_PREFERRED] = { "preferred", 1, true, "KTSTR_MEM_PREFERRED(node)" },
	[KTSTR_MEM_BIND] = { "bind", 2, true, "KTSTR_MEM_BIND(node, ...)" },
	[KTSTR_MEM_INTERLEAVE] = { "interleave", 3, true, "KTSTR_MEM_INTERLEAVE(node, ...)" },
	[KTSTR_MEM_LOCAL] = { "local", 4, false, NULL },
	[KTSTR_MEM_PREFERRED_MANY] = { "preferred many", 5, true,
				       "KTSTR_MEM_PREFERRED_MANY(node, ...)" },
	[KTSTR_MEM_WEIGHTED_INTERLEAVE] = { "weighted interleave", 6, true,
					    "KTSTR_MEM_WEIGHTED_INTERLEAVE(node, ...)" },
};

void nodemask_build(const unsigned *nodes, size_t num_nodes, struct nodemask *ret_mask)
{
	unsigned highest = 0;

	*ret_mask = (struct nodemask){ 0 };
	for (size_t i = 0; i < num_nodes; i++) {
		ret_mask->words[nodes[i] / NODEMASK_WORD_BITS] |= 1UL
								  << nodes[i] % NODEMASK_WORD_BITS;
		if (nodes[i] > highest)
			highest = nodes[i];
	}
	if (!num_nodes)
		return;
	ret_mask->maxnode = highest + 2;
	ret_mask->num_words = (ret_mask->maxnode + NODEMASK_WORD_BITS - 1) / NODEMASK_WORD_BITS;
}

static int check_flags(const struct ktstr_mem_policy *policy, struct ktstr_error *error)
{
	const char *name = kinds[policy->kind].name;
	unsigned unknown = policy->flags & ~FLAGS_KNOWN;

	if (unknown)
		return ktstr_error_set(error, -EINVAL,
				       "memory policy '%s': flags 0x%x are none of KTSTR_MPOL_*, "
				       "which are 0x%x",
				       name, unknown, FLAGS_KNOWN);
	if ((policy->flags & KTSTR_MPOL_STATIC_NODES) &&
	    (policy->flags & KTSTR_MPOL_RELATIVE_NODES))
		return ktstr_error_set(error, -EINVAL,
				       "memory policy '%s': KTSTR_MPOL_STATIC_NODES and "
				       "KTSTR_MPOL_RELATIVE_NODES exclude each other",
				       name);
	return 0;
}

static int check_nodes(const struct ktstr_mem_policy *policy, struct ktstr_error *error)
{
	unsigned kind = (unsigned)policy->kind;

	if (!kinds[kind].has_nodes)
		return 0;
	if (!policy->num_nodes || !policy->nodes)
		return ktstr_error_set(error, -EINVAL,
				       "memory policy '%s': needs at least one NUMA node, as in %s",
				       kinds[kind].name, kinds[kind].write);
	if (kind == KTSTR_MEM_PREFERRED && policy->num_nodes != 1)
		return ktstr_error_set(error, -EINVAL,
				       "memory policy 'preferred': takes one node, got %zu; "
				       "KTSTR_MEM_PREFERRED_MANY takes several",
				       policy->num_nodes);
	for (size_t i = 0; i < policy->num_nodes; i++)
		if (policy->nodes[i] >= NUMA_NODES_MAX)
			return ktstr_error_set(error, -EINVAL,
					       "memory policy '%s': node %u, a kernel has at most "
					       "nodes 0 to %d",
					       kinds[kind].name, policy->nodes[i],
					       NUMA_NODES_MAX - 1);
	return 0;
}

int mem_policy_check(const struct ktstr_mem_policy *policy, struct ktstr_error *error)
{
	unsigned kind = (unsigned)policy->kind;
	int err;

	if (kind >= sizeof(kinds) / sizeof(kinds[0]))
		return ktstr_error_set(error, -EINVAL,
				       "memory policy: kind %u is not one of KTSTR_MEM_*", kind);
	err = check_nodes(policy, error);
	return err ? err : check_flags(policy, error);
}

const unsigned *mem_policy_nodes(const struct ktstr_mem_policy *policy, size_t *ret_count)
{
	*ret_count = kinds[policy->kind].has_nodes ? policy->num_nodes : 0;
	return *ret_count ? policy->nodes : NULL;
}

void mem_policy_prepare(const struct ktstr_mem_policy *policy, struct mem_policy_call *ret_call)
{
	size_t num_nodes;
	const unsigned *nodes = mem_policy_nodes(policy, &num_nodes);

	*ret_call = (struct mem_policy_call){ 0 };
	if (policy->kind == KTSTR_MEM_DEFAULT)
		return;
	ret_call->name = kinds[policy->kind].name;
	ret_call->mode = kinds[policy->kind].mode | (int)policy->flags;
	nodemask_build(nodes, num_nodes, &ret_call->mask);
}

int mem_policy_apply(const struct mem_policy_call *call, struct ktstr_error *error)
{
	const unsigned long *words = call->mask.num_words ? call->mask.words : NULL;
	int err;

	if (!call->name || !syscall(SYS_set_mempolicy, call->mode, words, call->mask.maxnode))
		return 0;
	err = -errno;
	return ktstr_error_set(
		error, err, "memory policy '%s': %s%s", call->name, strerror(-err),
		err == -EINVAL ? " (a node without memory, or a kernel without this policy)" : "");
}
