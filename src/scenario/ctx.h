/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ktstr/cgroup.h>
#include <ktstr/check.h>
#include <ktstr/machine.h>
#include <ktstr/scenario.h>
#include <ktstr/test.h>

#include "check/verdict.h"

struct captures;
struct ctx_memory;
struct stimulus;

/*
 * What the scenario engine asks of whoever runs it, without knowing who that is: the harness
 * fills it in (in the guest: sysfs and the pipe to the agent), tests fill it in with a recorder.
 */
struct scenario_bridge {
	/*
	 * True when the scheduler under test is gone though nobody asked it to go. NULL: there is
	 * none. Called about every 100 ms during a hold, so it has to be cheap.
	 */
	bool (*scheduler_down)(void *data);
	/*
	 * The process of the scheduler under test, whose end is the scheduler's; 0: it has none.
	 * Asked anew before each hold, so that one that takes its place is followed. May be NULL.
	 */
	pid_t (*scheduler_pid)(void *data);
	/*
	 * A milestone: "scenario_start"; for each step "step_start", "hold_start" and "hold_end"
	 * when it could be set up, "step_end" when it is torn down; "scenario_end" unless a step
	 * failed. step counts from 0 and is -1 outside steps. May be NULL.
	 */
	void (*event)(void *data, const char *name, int step);
	/* What a step that does not loop did before its hold. May be NULL. */
	void (*stimulus)(void *data, const struct stimulus *stimulus);
	void *data;
};

struct ktstr_ctx {
	struct ktstr_cgroups *cgroups;
	const struct ktstr_machine *machine;
	uint64_t duration_ms;
	unsigned workers_per_cgroup;
	uint64_t settle_ms;
	const struct ktstr_work *work_override; /* for cgroups that are swappable; NULL: none */
	bool watch_stalls;	  /* nobody else would notice a worker that gets nowhere */
	struct ktstr_check check; /* effective: scheduler's and test's merged */
	struct verdict *verdict;
	struct captures *captures; /* where captured process lists go; NULL: nowhere */
	unsigned current_step;	   /* from 1 on; 0: before the first step */
	struct ctx_memory *memory; /* what ktstr_ctx_alloc() gave out */
	struct scenario_bridge bridge;
	unsigned payloads_started;
};

/* Free what ktstr_ctx_alloc() gave out. */
void ctx_release_memory(struct ktstr_ctx *ctx);
