/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sys/types.h>

#include <ktstr/error.h>
#include <ktstr/policy.h>

/*
 * Put one task under policy; NORMAL does nothing. The task must be named: 0 for "myself" is
 * refused. -EINVAL for times that DEADLINE cannot have, else the errno of the system call.
 */
int policy_apply(pid_t tid, const struct ktstr_sched_policy *policy,
		 struct ktstr_error *error) KTSTR_MUST_CHECK;
