/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_AFFINITY_H
#define KTSTR_AFFINITY_H

#include <sched.h>

/*
 * On which CPUs the workers of a group may run (sched_setaffinity(2)). The zero value changes
 * nothing: a worker inherits the mask of the process that spawned it.
 *
 * The kinds from SINGLE_CPU on are said in terms of the machine and of the cgroup's cpuset, which
 * only a scenario knows (ktstr_scenario(3)): ktstr_workload_spawn() refuses them. In a scenario
 * every kind but CROSS_CGROUP is kept within the cgroup's cpuset, where it has one, and a kind
 * that leaves no CPU is an error, never a wider set.
 */
enum ktstr_affinity_kind {
	KTSTR_AFFINITY_INHERIT,
	KTSTR_AFFINITY_EXACT,
	KTSTR_AFFINITY_RANDOM_SUBSET,
	KTSTR_AFFINITY_SINGLE_CPU,
	KTSTR_AFFINITY_LLC_ALIGNED,
	KTSTR_AFFINITY_CROSS_CGROUP,
	KTSTR_AFFINITY_SMT_SIBLING_PAIR,
};

struct ktstr_affinity {
	enum ktstr_affinity_kind kind;
	const cpu_set_t *cpus; /* borrowed for the duration of the call that takes the struct */
	unsigned count;	       /* RANDOM_SUBSET: CPUs drawn for each worker, at most all of cpus */
};

/* Every worker gets exactly this set (const cpu_set_t *); an empty one is an error. */
#define KTSTR_AFFINITY_EXACT(set)                                                                  \
	((struct ktstr_affinity){ .kind = KTSTR_AFFINITY_EXACT, .cpus = (set) })
/* Every worker gets its own draw of n distinct CPUs out of set. */
#define KTSTR_AFFINITY_RANDOM_SUBSET(set, n)                                                       \
	((struct ktstr_affinity){                                                                  \
		.kind = KTSTR_AFFINITY_RANDOM_SUBSET, .cpus = (set), .count = (n) })
/* Every worker gets the lowest CPU of the cgroup's cpuset. */
#define KTSTR_AFFINITY_SINGLE_CPU() ((struct ktstr_affinity){ .kind = KTSTR_AFFINITY_SINGLE_CPU })
/* The part of the cgroup's cpuset in the LLC that holds most of it; the lowest of equal LLCs. */
#define KTSTR_AFFINITY_LLC_ALIGNED() ((struct ktstr_affinity){ .kind = KTSTR_AFFINITY_LLC_ALIGNED })
/* Every CPU of the machine, also those that the cgroup's cpuset leaves out. */
#define KTSTR_AFFINITY_CROSS_CGROUP()                                                              \
	((struct ktstr_affinity){ .kind = KTSTR_AFFINITY_CROSS_CGROUP })
/* The two lowest CPUs of the first core that has two in the cgroup's cpuset. */
#define KTSTR_AFFINITY_SMT_SIBLING_PAIR()                                                          \
	((struct ktstr_affinity){ .kind = KTSTR_AFFINITY_SMT_SIBLING_PAIR })

#endif
