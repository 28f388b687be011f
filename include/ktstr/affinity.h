/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_AFFINITY_H
#define KTSTR_AFFINITY_H

#include <sched.h>

/*
 * On which CPUs the workers of a group may run (sched_setaffinity(2)). The zero value changes
 * nothing: a worker inherits the mask of the process that spawned it.
 */
enum ktstr_affinity_kind {
	KTSTR_AFFINITY_INHERIT,
	KTSTR_AFFINITY_EXACT,
	KTSTR_AFFINITY_RANDOM_SUBSET,
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

#endif
