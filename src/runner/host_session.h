/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/machine.h>

#include "runner/facts.h"
#include "runner/host_cgroup.h"
#include "runner/plan.h"

/* What tests on this machine itself share. */
struct host_env {
	struct host_cgroups cgroups;
	struct ktstr_machine *machine;
};

/* Refused where the machine's cgroups are of no use to tests; the text says what to do. */
int host_env_open(struct host_env *ret_env, struct ktstr_error *error) KTSTR_MUST_CHECK;
void host_env_close(struct host_env *env); /* safe on a zeroed one */

/*
 * One test in a process of its own on this machine. As session_run(): fills in ret_facts, which
 * the caller releases, whatever happens; everything that the test started is gone afterwards.
 */
void host_session_run(const struct host_env *env, const struct test_plan *plan, int stop_fd,
		      struct run_facts *ret_facts);

/* Why the test cannot run on the machine; NULL: it can. */
#define HOST_REASON_MAX 320
const char *host_skip_reason(const struct test_plan *plan, const struct ktstr_machine *machine,
			     char text[HOST_REASON_MAX]);
