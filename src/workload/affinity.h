/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <sys/types.h>

#include <ktstr/affinity.h>
#include <ktstr/error.h>

#include "workload/prng.h"

/* What a group asks for, turned into the mask of one worker. */

/* Refuse what could not give every worker a mask: -EINVAL. */
int affinity_check(const struct ktstr_affinity *affinity,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * The mask of the next worker of a group that affinity_check() has accepted. False: none, the
 * worker inherits. RANDOM_SUBSET draws anew on each call.
 */
bool affinity_draw(const struct ktstr_affinity *affinity, struct prng *prng, cpu_set_t *ret_cpus);

/* sched_setaffinity(2) on one task, which must be named: 0 for "myself" is refused. */
int affinity_apply(pid_t tid, const cpu_set_t *cpus, struct ktstr_error *error) KTSTR_MUST_CHECK;
