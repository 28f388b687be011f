// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a ktstr_cpuset means on a machine, whether that can have been meant, and how it was
 * written: one row per kind.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/cpulist.h"
#include "topology/cpuset.h"

struct kind {
	void (*resolve)(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
			cpu_set_t *ret_cpus);
	int (*check)(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
		     struct ktstr_error *error);
	void (*format)(const struct ktstr_cpuset *cpuset, char buffer[CPUSET_TEXT_MAX]);
};

/* A share of length, cut towards zero and kept within it; what is no number counts as 0. */
static uint64_t share_of(uint64_t length, double fraction)
{
	double share = (double)length * fraction;

	if (!isfinite(fraction) || share <= 0)
		return 0;
	return share >= (double)length ? length : (uint64_t)share;
}

static unsigned num_usable(const struct ktstr_machine *machine)
{
	cpu_set_t usable;

	ktstr_machine_usable_cpus(machine, &usable);
	return (unsigned)CPU_COUNT(&usable);
}

/* The usable CPUs at positions start .. end - 1. */
static void cut_usable(const struct ktstr_machine *machine, uint64_t start, uint64_t end,
		       cpu_set_t *ret_cpus)
{
	uint64_t position = 0;
	cpu_set_t usable;

	ktstr_machine_usable_cpus(machine, &usable);
	CPU_ZERO(ret_cpus);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &usable))
			continue;
		if (position >= start && position < end)
			CPU_SET(cpu, ret_cpus);
		position++;
	}
}

/* Inherit: every CPU. */

static void resolve_inherit(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
			    cpu_set_t *ret_cpus)
{
	(void)cpuset;
	ktstr_machine_cpus(machine, ret_cpus);
}

static int check_inherit(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
			 struct ktstr_error *error)
{
	(void)cpuset, (void)machine, (void)error;
	return 0;
}

static void format_inherit(const struct ktstr_cpuset *cpuset, char buffer[CPUSET_TEXT_MAX])
{
	(void)cpuset;
	snprintf(buffer, CPUSET_TEXT_MAX, "(inherited)");
}

/* LLCs and nodes: all their CPUs, the one that fractions leave to the root cgroup included. */

static void resolve_llc(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
			cpu_set_t *ret_cpus)
{
	unsigned last = ktstr_machine_num_llcs(machine) - 1;

	ktstr_machine_llc_cpus(machine, cpuset->index < last ? cpuset->index : last, ret_cpus);
}

static int check_llc(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
		     struct ktstr_error *error)
{
	unsigned llcs = ktstr_machine_num_llcs(machine);

	if (cpuset->index >= llcs)
		return ktstr_error_set(error, -EINVAL,
				       "LLC %u does not exist: the machine has %u, numbered from 0",
				       cpuset->index, llcs);
	return 0;
}

static void format_llc(const struct ktstr_cpuset *cpuset, char buffer[CPUSET_TEXT_MAX])
{
	snprintf(buffer, CPUSET_TEXT_MAX, "KTSTR_CPUS_LLC(%u)", cpuset->index);
}

static void resolve_numa(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
			 cpu_set_t *ret_cpus)
{
	unsigned last = ktstr_machine_num_numa_nodes(machine) - 1;

	ktstr_machine_node_cpus(machine, cpuset->index < last ? cpuset->index : last, ret_cpus);
}

static int check_numa(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
		      struct ktstr_error *error)
{
	unsigned nodes = ktstr_machine_num_numa_nodes(machine);

	if (cpuset->index >= nodes)
		return ktstr_error_set(
			error, -EINVAL,
			"NUMA node %u does not exist: the machine has %u, numbered from 0",
			cpuset->index, nodes);
	return 0;
}

static void format_numa(const struct ktstr_cpuset *cpuset, char buffer[CPUSET_TEXT_MAX])
{
	snprintf(buffer, CPUSET_TEXT_MAX, "KTSTR_CPUS_NUMA(%u)", cpuset->index);
}

static void resolve_range(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
			  cpu_set_t *ret_cpus)
{
	unsigned usable = num_usable(machine);

	cut_usable(machine, share_of(usable, cpuset->start), share_of(usable, cpuset->end),
		   ret_cpus);
}

static int check_range(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
		       struct ktstr_error *error)
{
	double start = cpuset->start, end = cpuset->end;

	(void)machine;
	if (!isfinite(start) || !isfinite(end))
		return ktstr_error_set(error, -EINVAL, "range %g to %g: fractions must be finite",
				       start, end);
	if (start < 0 || end > 1)
		return ktstr_error_set(error, -EINVAL,
				       "range %g to %g: fractions must lie within [0.0, 1.0]",
				       start, end);
	if (start >= end)
		return ktstr_error_set(error, -EINVAL, "range %g to %g: start must be below end",
				       start, end);
	return 0;
}

static void format_range(const struct ktstr_cpuset *cpuset, char buffer[CPUSET_TEXT_MAX])
{
	snprintf(buffer, CPUSET_TEXT_MAX, "KTSTR_CPUS_RANGE(%g, %g)", cpuset->start, cpuset->end);
}

/* Partition index of of: size / of CPUs; the last takes the rest, neighbours share reach. */
static void cut_partition(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
			  double reach_fraction, cpu_set_t *ret_cpus)
{
	uint64_t usable = num_usable(machine), index = cpuset->index;
	uint64_t size, reach, start, end;

	CPU_ZERO(ret_cpus);
	if (!cpuset->of)
		return;
	size = usable / cpuset->of;
	reach = share_of(size, reach_fraction);
	start = index * size;
	start = start > reach ? start - reach : 0;
	end = index + 1 == cpuset->of ? usable : (index + 1) * size + reach;
	cut_usable(machine, start, end, ret_cpus);
}

static void resolve_disjoint(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
			     cpu_set_t *ret_cpus)
{
	cut_partition(cpuset, machine, 0, ret_cpus);
}

static void resolve_overlap(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
			    cpu_set_t *ret_cpus)
{
	cut_partition(cpuset, machine, cpuset->fraction, ret_cpus);
}

static int check_partition(const struct ktstr_cpuset *cpuset, struct ktstr_error *error)
{
	if (!cpuset->of)
		return ktstr_error_set(error, -EINVAL,
				       "partition %u of 0: the partition count must be > 0",
				       cpuset->index);
	if (cpuset->index >= cpuset->of)
		return ktstr_error_set(error, -EINVAL, "partition %u of %u: the last one is %u",
				       cpuset->index, cpuset->of, cpuset->of - 1);
	return 0;
}

static int check_partition_size(const struct ktstr_cpuset *cpuset,
				const struct ktstr_machine *machine, struct ktstr_error *error)
{
	unsigned usable = num_usable(machine);

	if (usable < cpuset->of)
		return ktstr_error_set(error, -EINVAL,
				       "%u partitions out of %u usable cpus: some would be empty",
				       cpuset->of, usable);
	return 0;
}

static int check_disjoint(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
			  struct ktstr_error *error)
{
	int err = check_partition(cpuset, error);

	return err ? err : check_partition_size(cpuset, machine, error);
}

static int check_overlap(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
			 struct ktstr_error *error)
{
	double fraction = cpuset->fraction;
	int err = check_partition(cpuset, error);

	if (err)
		return err;
	if (!isfinite(fraction))
		return ktstr_error_set(error, -EINVAL, "overlap by %g: must be finite", fraction);
	if (fraction < 0 || fraction > 1)
		return ktstr_error_set(error, -EINVAL, "overlap by %g: must lie within [0.0, 1.0]",
				       fraction);
	return check_partition_size(cpuset, machine, error);
}

static void format_disjoint(const struct ktstr_cpuset *cpuset, char buffer[CPUSET_TEXT_MAX])
{
	snprintf(buffer, CPUSET_TEXT_MAX, "KTSTR_CPUS_DISJOINT(%u, %u)", cpuset->index, cpuset->of);
}

static void format_overlap(const struct ktstr_cpuset *cpuset, char buffer[CPUSET_TEXT_MAX])
{
	snprintf(buffer, CPUSET_TEXT_MAX, "KTSTR_CPUS_OVERLAP(%u, %u, %g)", cpuset->index,
		 cpuset->of, cpuset->fraction);
}

/* Sets given as such: any CPU that exists, the reserved one too. */

static int check_set(const cpu_set_t *cpus, const struct ktstr_machine *machine,
		     struct ktstr_error *error)
{
	char list[CPULIST_TEXT_MAX];
	cpu_set_t all, missing;
	int highest = CPU_SETSIZE - 1;

	if (!CPU_COUNT(cpus))
		return ktstr_error_set(error, -EINVAL, "an empty set would assign no cpus");
	ktstr_machine_cpus(machine, &all);
	CPU_XOR(&missing, cpus, &all);
	CPU_AND(&missing, &missing, cpus);
	if (!CPU_COUNT(&missing))
		return 0;
	while (!CPU_ISSET(highest, &all))
		highest--;
	return ktstr_error_set(
		error, -EINVAL,
		"cpus %s do not exist: the highest is %d, the kernel would answer EINVAL",
		cpulist_format(&missing, list), highest);
}

static void resolve_exact(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
			  cpu_set_t *ret_cpus)
{
	(void)machine;
	CPU_ZERO(ret_cpus);
	if (cpuset->cpus)
		*ret_cpus = *cpuset->cpus;
}

static int check_exact(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
		       struct ktstr_error *error)
{
	cpu_set_t cpus;

	resolve_exact(cpuset, machine, &cpus);
	return check_set(&cpus, machine, error);
}

static void format_exact(const struct ktstr_cpuset *cpuset, char buffer[CPUSET_TEXT_MAX])
{
	char list[CPULIST_TEXT_MAX];
	cpu_set_t cpus;

	resolve_exact(cpuset, NULL, &cpus);
	snprintf(buffer, CPUSET_TEXT_MAX, "KTSTR_CPUS_EXACT({%.80s})", cpulist_format(&cpus, list));
}

static void resolve_list(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
			 cpu_set_t *ret_cpus)
{
	(void)machine;
	if (!cpuset->list || cpulist_parse(cpuset->list, ret_cpus, NULL))
		CPU_ZERO(ret_cpus);
}

static int check_list(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
		      struct ktstr_error *error)
{
	cpu_set_t cpus;
	int err;

	if (!cpuset->list)
		return ktstr_error_set(error, -EINVAL, "the list of cpus is NULL");
	err = cpulist_parse(cpuset->list, &cpus, error);
	if (err)
		return -EINVAL; /* a CPU number out of any machine's range is no other mistake */
	return check_set(&cpus, machine, error);
}

static void format_list(const struct ktstr_cpuset *cpuset, char buffer[CPUSET_TEXT_MAX])
{
	snprintf(buffer, CPUSET_TEXT_MAX, "KTSTR_CPUS_LIST(\"%.80s\")",
		 cpuset->list ? cpuset->list : "");
}

static const struct kind kinds[] = {
	[KTSTR_CPUSET_INHERIT] = { resolve_inherit, check_inherit, format_inherit },
	[KTSTR_CPUSET_LLC] = { resolve_llc, check_llc, format_llc },
	[KTSTR_CPUSET_NUMA] = { resolve_numa, check_numa, format_numa },
	[KTSTR_CPUSET_RANGE] = { resolve_range, check_range, format_range },
	[KTSTR_CPUSET_DISJOINT] = { resolve_disjoint, check_disjoint, format_disjoint },
	[KTSTR_CPUSET_OVERLAP] = { resolve_overlap, check_overlap, format_overlap },
	[KTSTR_CPUSET_EXACT] = { resolve_exact, check_exact, format_exact },
	[KTSTR_CPUSET_LIST] = { resolve_list, check_list, format_list },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

void ktstr_cpuset_resolve(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
			  cpu_set_t *ret_cpus)
{
	CPU_ZERO(ret_cpus);
	if ((size_t)cpuset->kind < KINDS)
		kinds[cpuset->kind].resolve(cpuset, machine, ret_cpus);
}

int ktstr_cpuset_check(const struct ktstr_cpuset *cpuset, const struct ktstr_machine *machine,
		       struct ktstr_error *error)
{
	if ((size_t)cpuset->kind >= KINDS)
		return ktstr_error_set(error, -EINVAL, "cpuset kind %d is none of ktstr's",
				       (int)cpuset->kind);
	return kinds[cpuset->kind].check(cpuset, machine, error);
}

_Static_assert(KTSTR_CPUS_TEXT_MAX == CPULIST_TEXT_MAX, "both hold any cpu_set_t");

const char *ktstr_cpus_format(const cpu_set_t *cpus, char buffer[KTSTR_CPUS_TEXT_MAX])
{
	return cpulist_format(cpus, buffer);
}

const char *cpuset_format(const struct ktstr_cpuset *cpuset, char buffer[CPUSET_TEXT_MAX])
{
	snprintf(buffer, CPUSET_TEXT_MAX, "(unknown kind)");
	if ((size_t)cpuset->kind < KINDS)
		kinds[cpuset->kind].format(cpuset, buffer);
	return buffer;
}
