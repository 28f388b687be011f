/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_CPUSET_H
#define KTSTR_CPUSET_H

#include <sched.h>

#include <ktstr/error.h>
#include <ktstr/export.h>
#include <ktstr/machine.h>

/*
 * Which CPUs a cgroup gets, said in terms of the machine so that one scenario fits every
 * topology. Write it with a KTSTR_CPUS_... macro; the zero value inherits the parent's CPUs and
 * writes no file.
 *
 * "usable" is ktstr_machine_usable_cpus(): Range, Disjoint and Overlap cut it, L is its size.
 */
enum ktstr_cpuset_kind {
	KTSTR_CPUSET_INHERIT,
	KTSTR_CPUSET_LLC,
	KTSTR_CPUSET_NUMA,
	KTSTR_CPUSET_RANGE,
	KTSTR_CPUSET_DISJOINT,
	KTSTR_CPUSET_OVERLAP,
	KTSTR_CPUSET_EXACT,
	KTSTR_CPUSET_LIST,
};

struct ktstr_cpuset {
	enum ktstr_cpuset_kind kind;
	unsigned index;	       /* LLC or node number; partition number */
	unsigned of;	       /* number of partitions */
	double start, end;     /* fractions of usable */
	double fraction;       /* by which a partition reaches into its neighbours */
	const cpu_set_t *cpus; /* borrowed */
	const char *list;      /* borrowed; "0-3,5" as in cpuset.cpus */
};

/* All CPUs of LLC i, the reserved last CPU included. */
#define KTSTR_CPUS_LLC(i) ((struct ktstr_cpuset){ .kind = KTSTR_CPUSET_LLC, .index = (i) })
/* All CPUs of NUMA node n. */
#define KTSTR_CPUS_NUMA(n) ((struct ktstr_cpuset){ .kind = KTSTR_CPUSET_NUMA, .index = (n) })
/* usable[trunc(L * a) .. trunc(L * b)), 0 <= a < b <= 1. */
#define KTSTR_CPUS_RANGE(a, b)                                                                     \
	((struct ktstr_cpuset){ .kind = KTSTR_CPUSET_RANGE, .start = (a), .end = (b) })
/* Partition i of n equal ones of L / n CPUs; the last takes the remainder. */
#define KTSTR_CPUS_DISJOINT(i, n)                                                                  \
	((struct ktstr_cpuset){ .kind = KTSTR_CPUSET_DISJOINT, .index = (i), .of = (n) })
/* Partition i of n, grown on both sides by trunc(L / n * f) CPUs, 0 <= f <= 1. */
#define KTSTR_CPUS_OVERLAP(i, n, f)                                                                \
	((struct ktstr_cpuset){                                                                    \
		.kind = KTSTR_CPUSET_OVERLAP, .index = (i), .of = (n), .fraction = (f) })
/* Exactly this set: a const cpu_set_t *, borrowed. */
#define KTSTR_CPUS_EXACT(set) ((struct ktstr_cpuset){ .kind = KTSTR_CPUSET_EXACT, .cpus = (set) })
/* Exactly these CPUs, as text: KTSTR_CPUS_LIST("0-3,5"). */
#define KTSTR_CPUS_LIST(text) ((struct ktstr_cpuset){ .kind = KTSTR_CPUSET_LIST, .list = (text) })

/*
 * The CPUs that cpuset means on machine. Malformed input gives the nearest sensible set, possibly
 * an empty one, and never fails: ask ktstr_cpuset_check() whether it was sound. INHERIT gives
 * every CPU of the machine.
 */
KTSTR_API void ktstr_cpuset_resolve(const struct ktstr_cpuset *cpuset,
				    const struct ktstr_machine *machine, cpu_set_t *ret_cpus);

/*
 * Refuse a cpuset that names what machine does not have, or that cannot be meant: -EINVAL, and
 * the text names the numbers at fault. Passing does not promise a non-empty result.
 */
KTSTR_API int ktstr_cpuset_check(const struct ktstr_cpuset *cpuset,
				 const struct ktstr_machine *machine,
				 struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Room for the longest list of CPUs: every other one of 1024, four digits and a comma each. */
#define KTSTR_CPUS_TEXT_MAX 2561

/* A set of CPUs or nodes as the kernel writes it, "0-3,5", into buffer, which is returned. */
KTSTR_API const char *ktstr_cpus_format(const cpu_set_t *cpus, char buffer[KTSTR_CPUS_TEXT_MAX]);

#endif
