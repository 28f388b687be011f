/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_CGROUP_DEF_H
#define KTSTR_CGROUP_DEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktstr/cpuset.h>
#include <ktstr/optional.h>
#include <ktstr/payload.h>
#include <ktstr/work_spec.h>

/*
 * A cgroup of a scenario: its limits and what runs in it, as data. Zero means default, and
 * everything a definition points to is borrowed for the call that takes it.
 */

/* The number 0 in a field of bytes, where 0 means "not set": .swap_max_bytes = KTSTR_ZERO_BYTES. */
#define KTSTR_ZERO_BYTES (UINT64_MAX - 1)

/*
 * cpu.weight and cpu.max. With any field set cpu.max is written, without a quota as "max".
 * In numbers KTSTR_ZERO is 0, which the kernel would refuse and so do we.
 */
struct ktstr_cpu_limits {
	unsigned weight;    /* 1 to 10000; 0: not written */
	unsigned quota_us;  /* CPU time in each period over all CPUs; 0: no limit */
	unsigned period_us; /* default 100000 */
	bool unlimited;	    /* write cpu.max although nothing else is set */
};

/* 100 is one CPU, 250 two and a half. */
#define KTSTR_CPU_QUOTA_PCT(pct)                                                                   \
	((struct ktstr_cpu_limits){ .quota_us = (unsigned)((pct)*1000), .period_us = 100000 })

/* memory.*: with any field set max, high and low are written, unset ones as "max", "max", "0". */
struct ktstr_memory_limits {
	uint64_t max_bytes;	 /* 0: no limit */
	uint64_t high_bytes;	 /* 0: no limit */
	uint64_t low_bytes;	 /* 0: no protection */
	uint64_t swap_max_bytes; /* 0: not written; a kernel without swap has no such file */
	bool unlimited;		 /* write the three although nothing is set */
};

struct ktstr_io_limits {
	unsigned weight; /* 1 to 10000; 0: not written */
};

struct ktstr_pids_limits {
	unsigned max;	/* tasks, threads included; 0: not written */
	bool unlimited; /* write "max" */
};

/* NUMA nodes by number. */
struct ktstr_nodes {
	const unsigned *nodes;
	size_t count;
};

#define KTSTR_NODES(...)                                                                           \
	((struct ktstr_nodes){ .nodes = (const unsigned[]){ __VA_ARGS__ },                         \
			       .count = sizeof((const unsigned[]){ __VA_ARGS__ }) /                \
					sizeof(unsigned) })

struct ktstr_works {
	const struct ktstr_work_spec *works;
	size_t count;
};

/* KTSTR_WORKS({ .work = KTSTR_WORK(bursty), .workers = 2 }, { .workers = 4 }) */
#define KTSTR_WORKS(...)                                                                           \
	((struct ktstr_works){ .works = (const struct ktstr_work_spec[]){ __VA_ARGS__ },           \
			       .count = sizeof((const struct ktstr_work_spec[]){ __VA_ARGS__ }) /  \
					sizeof(struct ktstr_work_spec) })

struct ktstr_cgroup_def {
	const char *name; /* below the scenario's parent cgroup; may be nested: "a/b" */

	struct ktstr_cpuset cpuset;	/* zero: inherit, no file written */
	struct ktstr_nodes cpuset_mems; /* empty: no file written */
	struct ktstr_cpu_limits cpu;
	struct ktstr_memory_limits memory;
	struct ktstr_io_limits io;
	struct ktstr_pids_limits pids;

	/*
	 * The workers. A definition has one group of them, described right here, unless works
	 * lists some: these then run side by side, and what is described here is one more, the
	 * first, only where one of these six fields is set.
	 */
	unsigned workers;	/* 0: ktstr_ctx_workers_per_cgroup() */
	double workers_pct;	/* workers per CPU of the cpuset, rounded up; not with workers */
	struct ktstr_work work; /* zero: SpinWait */
	struct ktstr_sched_policy policy;
	struct ktstr_affinity affinity; /* within the cpuset */
	struct ktstr_mem_policy mem_policy;
	struct ktstr_works works;

	/* Defaults for each group of workers that does not set its own. */
	struct ktstr_optional nice, uid, gid, numa_node;
	const char *comm; /* at most 15 bytes */
	/*
	 * The groups run as threads of one process of this name, at most 15 bytes, instead of as
	 * processes. Groups with another name of their own are in another process.
	 */
	const char *pcomm;

	/* The kind of work may be replaced for the whole run (ktstr test --work KIND). */
	bool swappable;
	const struct ktstr_payload *payload; /* a program that runs beside the workers */
};

#define KTSTR_CGROUP(name_, ...) ((struct ktstr_cgroup_def){ .name = (name_), __VA_ARGS__ })

struct ktstr_defs {
	const struct ktstr_cgroup_def *defs;
	size_t count;
};

#define KTSTR_DEFS(...)                                                                            \
	((struct ktstr_defs){ .defs = (const struct ktstr_cgroup_def[]){ __VA_ARGS__ },            \
			      .count = sizeof((const struct ktstr_cgroup_def[]){ __VA_ARGS__ }) /  \
				       sizeof(struct ktstr_cgroup_def) })

#endif
