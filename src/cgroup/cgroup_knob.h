/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdint.h>

#include <ktstr/error.h>

/*
 * The files of a cgroup that ktstr writes settings to. One row per knob: file, controller (NULL:
 * every cgroup has it), what the kernel needs to have it, which texts the kernel takes.
 */
#define CGROUP_KNOBS(X)                                                                            \
	X(CPUSET_CPUS, "cpuset.cpus", "cpuset", "CONFIG_CPUSETS", "a list of possible cpus")       \
	X(CPUSET_MEMS, "cpuset.mems", "cpuset", "CONFIG_CPUSETS",                                  \
	  "a list of NUMA nodes that have memory")                                                 \
	X(CPU_WEIGHT, "cpu.weight", "cpu", "CONFIG_FAIR_GROUP_SCHED", "1 to 10000")                \
	X(CPU_MAX, "cpu.max", "cpu", "CONFIG_CFS_BANDWIDTH",                                       \
	  "a quota of at least 1000 us, or max, and a period of 1000 to 1000000 us")               \
	X(MEMORY_MAX, "memory.max", "memory", "CONFIG_MEMCG", "bytes or max")                      \
	X(MEMORY_HIGH, "memory.high", "memory", "CONFIG_MEMCG", "bytes or max")                    \
	X(MEMORY_LOW, "memory.low", "memory", "CONFIG_MEMCG", "bytes or max")                      \
	X(MEMORY_SWAP_MAX, "memory.swap.max", "memory",                                            \
	  "CONFIG_SWAP, not started with "                                                         \
	  "swapaccount=0",                                                                         \
	  "bytes or max")                                                                          \
	X(IO_WEIGHT, "io.weight", "io", "CONFIG_BLK_CGROUP_IOCOST", "1 to 10000")                  \
	X(PIDS_MAX, "pids.max", "pids", "CONFIG_CGROUP_PIDS", "1 to 4194304 or max")               \
	X(FREEZE, "cgroup.freeze", NULL, "Linux 5.2", "0 or 1")

enum cgroup_knob {
#define X(id, file, controller, needs, takes) CGROUP_KNOB_##id,
	CGROUP_KNOBS(X)
#undef X
		CGROUP_KNOB_COUNT
};

struct cgroup_knob_info {
	const char *file, *controller, *needs, *takes;
};

/* Borrowed; knob is one of the enum's. */
const struct cgroup_knob_info *cgroup_knob_info(enum cgroup_knob knob);

/* The numbers that can be seen to be wrong without asking the kernel. */
enum cgroup_limit {
	CGROUP_LIMIT_CPU_WEIGHT,
	CGROUP_LIMIT_CPU_PERIOD_US,
	CGROUP_LIMIT_CPU_QUOTA_US,
	CGROUP_LIMIT_IO_WEIGHT,
	CGROUP_LIMIT_PIDS_MAX,
	CGROUP_LIMIT_COUNT
};

/*
 * Refuse a number that no kernel takes: -ERANGE with cgroup, file, number and range. Where a limit
 * may be left out, KTSTR_UNLIMITED says so and passes.
 */
int cgroup_limit_check(const char *name, enum cgroup_limit limit, uint64_t value,
		       struct ktstr_error *error) KTSTR_MUST_CHECK;
