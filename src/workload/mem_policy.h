/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include <ktstr/error.h>
#include <ktstr/mem_policy.h>

#include "workload/procstat.h"

#define NODEMASK_WORD_BITS (8 * sizeof(unsigned long))

/* Nodes as set_mempolicy(2) and mbind(2) take them. */
struct nodemask {
	/* maxnode of the highest node is NUMA_NODES_MAX + 1: one word more than the nodes need. */
	unsigned long words[NUMA_NODES_MAX / NODEMASK_WORD_BITS + 1];
	size_t num_words;
	unsigned long maxnode; /* the highest node + 2: the kernel looks at one bit less */
};

/* Of nodes below NUMA_NODES_MAX; no node gives no word and maxnode 0. */
void nodemask_build(const unsigned *nodes, size_t num_nodes, struct nodemask *ret_mask);

/*
 * -EINVAL: a kind that needs nodes has none, a node that no kernel can have, or flags that do not
 * exist or exclude each other.
 */
int mem_policy_check(const struct ktstr_mem_policy *policy,
		     struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The nodes that policy refers to, *ret_count of them: none for DEFAULT and LOCAL. */
const unsigned *mem_policy_nodes(const struct ktstr_mem_policy *policy, size_t *ret_count);

/* A policy that mem_policy_check() has accepted, ready for the system call; borrows nothing. */
struct mem_policy_call {
	const char *name; /* NULL: there is nothing to call */
	int mode;	  /* with the flags */
	struct nodemask mask;
};

void mem_policy_prepare(const struct ktstr_mem_policy *policy, struct mem_policy_call *ret_call);

/* set_mempolicy(2) for the calling thread. 0 also when there is nothing to do. */
int mem_policy_apply(const struct mem_policy_call *call,
		     struct ktstr_error *error) KTSTR_MUST_CHECK;
