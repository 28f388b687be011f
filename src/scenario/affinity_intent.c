// SPDX-License-Identifier: GPL-2.0-only
/* Affinities in terms of a cgroup and a machine, made into sets of CPUs: one row per kind. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/cpulist.h"
#include "scenario/affinity_intent.h"

#define CPUS_SHOWN 160 /* of a list in a message; what follows would not help any more */

/* Where the workers are. */
struct place {
	const cpu_set_t *cpuset; /* NULL: the cgroup has none */
	const struct ktstr_machine *machine;
	cpu_set_t pool; /* the cpuset, or every CPU */
};

static const char hint[] = "change the cpuset, or leave the affinity unset to inherit";

static const char *show_set(const cpu_set_t *cpus, char text[CPUS_SHOWN])
{
	char list[CPULIST_TEXT_MAX];

	snprintf(text, CPUS_SHOWN, "%s", CPU_COUNT(cpus) ? cpulist_format(cpus, list) : "<empty>");
	return text;
}

static const char *show_cpuset(const struct place *place, char text[CPUS_SHOWN])
{
	if (place->cpuset)
		return show_set(place->cpuset, text);
	snprintf(text, CPUS_SHOWN, "<no cpuset>");
	return text;
}

/* The set that the test names, within the cpuset. */
static int cut_to_cpuset(const char *kind, const struct ktstr_affinity *intent,
			 const struct place *place, cpu_set_t *ret_cpus, struct ktstr_error *error)
{
	char asked[CPUS_SHOWN], cpuset[CPUS_SHOWN];

	CPU_ZERO(ret_cpus);
	if (intent->cpus)
		*ret_cpus = *intent->cpus;
	if (!CPU_COUNT(ret_cpus))
		return ktstr_error_set(
			error, -EINVAL,
			"affinity %s: the set of cpus is <empty> (cpuset %s); name at "
			"least one cpu, or leave the affinity unset to inherit",
			kind, show_cpuset(place, cpuset));
	if (!place->cpuset)
		return 0;
	show_set(ret_cpus, asked);
	CPU_AND(ret_cpus, ret_cpus, place->cpuset);
	if (!CPU_COUNT(ret_cpus))
		return ktstr_error_set(
			error, -EINVAL,
			"affinity %s: none of cpus %s is in the cgroup's cpuset %s; %s", kind,
			asked, show_cpuset(place, cpuset), hint);
	return 0;
}

static int resolve_exact(const struct ktstr_affinity *intent, const struct place *place,
			 cpu_set_t *ret_cpus, struct ktstr_error *error)
{
	return cut_to_cpuset("exact", intent, place, ret_cpus, error);
}

static int resolve_random_subset(const struct ktstr_affinity *intent, const struct place *place,
				 cpu_set_t *ret_cpus, struct ktstr_error *error)
{
	if (!intent->count)
		return ktstr_error_set(error, -EINVAL,
				       "affinity random subset: count=0; draw at least one cpu, or "
				       "leave the affinity unset to inherit");
	return cut_to_cpuset("random subset", intent, place, ret_cpus, error);
}

static int resolve_single_cpu(const struct ktstr_affinity *intent, const struct place *place,
			      cpu_set_t *ret_cpus, struct ktstr_error *error)
{
	char cpuset[CPUS_SHOWN];
	int cpu = cpulist_first(&place->pool);

	(void)intent;
	if (cpu < 0)
		return ktstr_error_set(error, -EINVAL,
				       "affinity single cpu: cpuset %s has no cpu; "
				       "%s",
				       show_cpuset(place, cpuset), hint);
	CPU_ZERO(ret_cpus);
	CPU_SET(cpu, ret_cpus);
	return 0;
}

static int resolve_llc_aligned(const struct ktstr_affinity *intent, const struct place *place,
			       cpu_set_t *ret_cpus, struct ktstr_error *error)
{
	char cpuset[CPUS_SHOWN];
	int best = 0;

	(void)intent;
	for (unsigned i = 0; i < ktstr_machine_num_llcs(place->machine); i++) {
		cpu_set_t common;

		ktstr_machine_llc_cpus(place->machine, i, &common);
		CPU_AND(&common, &common, &place->pool);
		if (CPU_COUNT(&common) > best) {
			best = CPU_COUNT(&common);
			*ret_cpus = common;
		}
	}
	if (!best)
		return ktstr_error_set(
			error, -EINVAL,
			"affinity llc aligned: none of the machine's %u LLCs has a cpu "
			"of cpuset %s; %s",
			ktstr_machine_num_llcs(place->machine), show_cpuset(place, cpuset), hint);
	return 0;
}

/* Wider than the cpuset on purpose: the kernel has to hold the workers back. */
static int resolve_cross_cgroup(const struct ktstr_affinity *intent, const struct place *place,
				cpu_set_t *ret_cpus, struct ktstr_error *error)
{
	(void)intent, (void)error;
	ktstr_machine_cpus(place->machine, ret_cpus);
	return 0;
}

/* The two lowest of cpus; false when there are fewer. */
static bool take_pair(const cpu_set_t *cpus, cpu_set_t *ret_pair)
{
	CPU_ZERO(ret_pair);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, cpus))
			CPU_SET(cpu, ret_pair);
		if (CPU_COUNT(ret_pair) == 2)
			return true;
	}
	return false;
}

static int resolve_smt_sibling_pair(const struct ktstr_affinity *intent, const struct place *place,
				    cpu_set_t *ret_cpus, struct ktstr_error *error)
{
	const struct ktstr_machine *machine = place->machine;
	char cpuset[CPUS_SHOWN];

	(void)intent;
	for (unsigned llc = 0; llc < ktstr_machine_num_llcs(machine); llc++)
		for (unsigned core = 0; core < ktstr_machine_llc_num_cores(machine, llc); core++) {
			cpu_set_t siblings;

			ktstr_machine_core_cpus(machine, llc, core, &siblings);
			CPU_AND(&siblings, &siblings, &place->pool);
			if (take_pair(&siblings, ret_cpus))
				return 0;
		}
	return ktstr_error_set(
		error, -EINVAL,
		"affinity smt sibling pair: no core has two cpus in %s%s (the machine "
		"has %u cores and %u cpus: no SMT, or the siblings are in different "
		"cpusets); ask for threads in .topology, or leave the affinity unset "
		"to inherit",
		place->cpuset ? "cpuset " : "the whole machine, ", show_cpuset(place, cpuset),
		ktstr_machine_num_cores(machine), ktstr_machine_num_cpus(machine));
}

static const struct kind {
	/* NULL: the workers inherit. */
	int (*resolve)(const struct ktstr_affinity *intent, const struct place *place,
		       cpu_set_t *ret_cpus, struct ktstr_error *error);
	enum ktstr_affinity_kind becomes;
} kinds[] = {
	[KTSTR_AFFINITY_INHERIT] = { NULL, KTSTR_AFFINITY_INHERIT },
	[KTSTR_AFFINITY_EXACT] = { resolve_exact, KTSTR_AFFINITY_EXACT },
	[KTSTR_AFFINITY_RANDOM_SUBSET] = { resolve_random_subset, KTSTR_AFFINITY_RANDOM_SUBSET },
	[KTSTR_AFFINITY_SINGLE_CPU] = { resolve_single_cpu, KTSTR_AFFINITY_EXACT },
	[KTSTR_AFFINITY_LLC_ALIGNED] = { resolve_llc_aligned, KTSTR_AFFINITY_EXACT },
	[KTSTR_AFFINITY_CROSS_CGROUP] = { resolve_cross_cgroup, KTSTR_AFFINITY_EXACT },
	[KTSTR_AFFINITY_SMT_SIBLING_PAIR] = { resolve_smt_sibling_pair, KTSTR_AFFINITY_EXACT },
};

int affinity_intent_resolve(const struct ktstr_affinity *intent, const cpu_set_t *cpuset,
			    const struct ktstr_machine *machine,
			    struct ktstr_affinity *ret_affinity, cpu_set_t *ret_cpus,
			    struct ktstr_error *error)
{
	struct place place = { .cpuset = cpuset, .machine = machine };
	unsigned kind = (unsigned)intent->kind;
	struct ktstr_affinity affinity = { 0 };
	cpu_set_t cpus;
	int err;

	if (kind >= sizeof(kinds) / sizeof(kinds[0]))
		return ktstr_error_set(error, -EINVAL, "affinity: kind %u is none of ktstr's",
				       kind);
	if (kinds[kind].resolve) {
		ktstr_machine_cpus(machine, &place.pool);
		if (cpuset)
			place.pool = *cpuset;
		err = kinds[kind].resolve(intent, &place, &cpus, error);
		if (err)
			return err;
		*ret_cpus = cpus;
		affinity.cpus = ret_cpus;
	}
	affinity.kind = kinds[kind].becomes;
	if (affinity.kind == KTSTR_AFFINITY_RANDOM_SUBSET) {
		unsigned pool = (unsigned)CPU_COUNT(&cpus);

		affinity.count = intent->count < pool ? intent->count : pool;
	}
	*ret_affinity = affinity;
	return 0;
}
