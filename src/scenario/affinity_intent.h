/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sched.h>

#include <ktstr/affinity.h>
#include <ktstr/error.h>
#include <ktstr/machine.h>

/*
 * What an affinity means for workers in a cgroup with this cpuset (NULL: it has none of its own) on
 * machine: *ret_affinity becomes INHERIT, EXACT or RANDOM_SUBSET, which ktstr_workload_spawn()
 * takes, with *ret_cpus behind its cpus. All workers of a group share an exact set; a random one
 * each of them draws for itself.
 *
 * An affinity that leaves no CPU is -EINVAL, with the sets at fault and a way out; it never
 * becomes a wider one.
 */
int affinity_intent_resolve(const struct ktstr_affinity *intent, const cpu_set_t *cpuset,
			    const struct ktstr_machine *machine,
			    struct ktstr_affinity *ret_affinity, cpu_set_t *ret_cpus,
			    struct ktstr_error *error) KTSTR_MUST_CHECK;
