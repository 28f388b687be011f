// SPDX-License-Identifier: GPL-2.0-only
/* Affinity of workers: admission, the draw for one worker, and the system call. */
#include "workload/affinity.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cpulist.h"

static const char *const names[] = {
	[KTSTR_AFFINITY_INHERIT] = "inherit",
	[KTSTR_AFFINITY_EXACT] = "exact",
	[KTSTR_AFFINITY_RANDOM_SUBSET] = "random subset",
	[KTSTR_AFFINITY_SINGLE_CPU] = "single cpu",
	[KTSTR_AFFINITY_LLC_ALIGNED] = "llc aligned",
	[KTSTR_AFFINITY_CROSS_CGROUP] = "cross cgroup",
	[KTSTR_AFFINITY_SMT_SIBLING_PAIR] = "smt sibling pair",
};

int affinity_check(const struct ktstr_affinity *affinity, struct ktstr_error *error)
{
	unsigned kind = (unsigned)affinity->kind;

	if (kind >= sizeof(names) / sizeof(names[0]))
		return ktstr_error_set(
			error, -EINVAL,
			"affinity: kind %u is not one of inherit, exact, random subset", kind);
	if (kind == KTSTR_AFFINITY_INHERIT)
		return 0;
	if (kind > KTSTR_AFFINITY_RANDOM_SUBSET)
		return ktstr_error_set(error, -EINVAL,
				       "affinity '%s' requires scenario context; workers that are "
				       "spawned directly take inherit, exact or random subset",
				       names[kind]);
	if (!affinity->cpus || !CPU_COUNT(affinity->cpus))
		return ktstr_error_set(
			error, -EINVAL,
			"affinity '%s': the set of cpus is empty; name at least one cpu "
			"or leave the affinity unset to inherit",
			names[kind]);
	if (kind == KTSTR_AFFINITY_RANDOM_SUBSET && !affinity->count)
		return ktstr_error_set(error, -EINVAL,
				       "affinity 'random subset': count 0; draw at least one cpu");
	return 0;
}

/* Choose min(count, all) of from: each CPU with probability (still wanted / still there). */
static void draw_subset(const cpu_set_t *from, unsigned count, struct prng *prng,
			cpu_set_t *ret_cpus)
{
	unsigned left = (unsigned)CPU_COUNT(from);

	CPU_ZERO(ret_cpus);
	for (int cpu = 0; cpu < CPU_SETSIZE && count && left; cpu++) {
		if (!CPU_ISSET(cpu, from))
			continue;
		if (prng_next(prng) % left < count) {
			CPU_SET(cpu, ret_cpus);
			count--;
		}
		left--;
	}
}

bool affinity_draw(const struct ktstr_affinity *affinity, struct prng *prng, cpu_set_t *ret_cpus)
{
	switch (affinity->kind) {
	case KTSTR_AFFINITY_INHERIT:
	/* Never get here: the scenario turns them into one of the others, affinity_check() refuses.
	 */
	case KTSTR_AFFINITY_SINGLE_CPU:
	case KTSTR_AFFINITY_LLC_ALIGNED:
	case KTSTR_AFFINITY_CROSS_CGROUP:
	case KTSTR_AFFINITY_SMT_SIBLING_PAIR:
		return false;
	case KTSTR_AFFINITY_EXACT:
		*ret_cpus = *affinity->cpus;
		return true;
	case KTSTR_AFFINITY_RANDOM_SUBSET:
		draw_subset(affinity->cpus, affinity->count, prng, ret_cpus);
		return true;
	}
	return false;
}

int affinity_apply(pid_t tid, const cpu_set_t *cpus, struct ktstr_error *error)
{
	char text[CPULIST_TEXT_MAX];
	int err;

	if (tid <= 0)
		return ktstr_error_set(error, -EINVAL, "set affinity: task id %d is not positive",
				       tid);
	if (!CPU_COUNT(cpus))
		return ktstr_error_set(error, -EINVAL, "set affinity of task %d: no cpu in the set",
				       tid);
	if (!sched_setaffinity(tid, sizeof(*cpus), cpus))
		return 0;
	err = -errno;
	/* EINVAL says neither of the two things it means: off the machine, or out of the cpuset. */
	if (err == -EINVAL)
		return ktstr_error_set(
			error, err,
			"set affinity of task %d: no cpu is both online (%ld are) and in the "
			"task's cpuset among %s",
			tid, sysconf(_SC_NPROCESSORS_ONLN), cpulist_format(cpus, text));
	return ktstr_error_set(error, err, "set affinity of task %d to cpus %s: %s", tid,
			       cpulist_format(cpus, text), strerror(-err));
}
