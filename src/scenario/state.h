/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sys/queue.h>

#include <ktstr/workload.h>

#include "cgroup/cgroup_group.h"
#include "scenario/ctx.h"

struct stall_monitor;

/* One group of workers, filed under its cgroup; "" for those in the test's own. */
struct scenario_workers {
	TAILQ_ENTRY(scenario_workers) link;
	char *cgroup;
	struct ktstr_workload *workload;
};

/* The CPUs that a cgroup was given. */
struct scenario_cpuset {
	TAILQ_ENTRY(scenario_cpuset) link;
	char *cgroup;
	cpu_set_t cpus;
};

/* A program that runs, filed under its cgroup; "" for the test's own. */
struct scenario_payload {
	TAILQ_ENTRY(scenario_payload) link;
	char *cgroup;
	const struct ktstr_payload *payload;
	struct ktstr_payload_run *run;
	const char *origin; /* who started it, for messages */
};

TAILQ_HEAD(scenario_workers_list, scenario_workers);
TAILQ_HEAD(scenario_cpuset_list, scenario_cpuset);
TAILQ_HEAD(scenario_payload_list, scenario_payload);

/* What belongs together and goes together: a step's things, or the backdrop's. */
struct scenario_slot {
	const char *name; /* "step", "backdrop" */
	struct cgroup_group group;
	struct scenario_workers_list workers; /* in the order in which they were started */
	struct scenario_cpuset_list cpusets;
	struct scenario_payload_list payloads; /* likewise */
	struct stall_monitor *monitor;	       /* of a step; NULL: none */
};

/*
 * A running scenario. What is created goes to the target; what is looked up is looked for in the
 * step first, then in the backdrop.
 */
struct scenario_state {
	struct ktstr_ctx *ctx;
	const struct ktstr_check *check;
	struct scenario_slot step, backdrop;
	struct scenario_slot *target;
	size_t num_steps; /* of the whole scenario */
};

void scenario_slot_init(struct scenario_slot *slot, const char *name,
			struct ktstr_cgroups *cgroups);

/* Both slots, the step's first: for (i = 0; i < SCENARIO_SLOTS; i++) scenario_slot_at(state, i) */
#define SCENARIO_SLOTS 2
struct scenario_slot *scenario_slot_at(struct scenario_state *state, unsigned index);

/* Whose cgroup this is; NULL: nobody's. */
const struct scenario_slot *scenario_owner(struct scenario_state *state, const char *cgroup);

/* -EEXIST when the name is in use. */
int scenario_check_free(struct scenario_state *state, const char *cgroup,
			struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The names in use, "step: cg_0, cg_1; backdrop: none", for messages. Returns text. */
#define SCENARIO_NAMES_MAX 512
const char *scenario_names(struct scenario_state *state, char text[SCENARIO_NAMES_MAX]);

/* The CPUs that a cgroup was given; NULL: none. Valid until the next change. */
const cpu_set_t *scenario_cpuset(struct scenario_state *state, const char *cgroup);

/* Remember them: where they are known already, else in the target. */
int scenario_record_cpuset(struct scenario_state *state, const char *cgroup, const cpu_set_t *cpus,
			   struct ktstr_error *error) KTSTR_MUST_CHECK;
void scenario_forget_cpuset(struct scenario_state *state, const char *cgroup);

/* File a workload, which the slot then owns: *workload is NULL afterwards. */
int scenario_file_workers(struct scenario_slot *slot, const char *cgroup,
			  struct ktstr_workload **workload,
			  struct ktstr_error *error) KTSTR_MUST_CHECK;
/* File a running payload, likewise. */
int scenario_file_payload(struct scenario_slot *slot, const char *cgroup,
			  const struct ktstr_payload *payload, const char *origin,
			  struct ktstr_payload_run **run,
			  struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Kill what is filed, without reports and metrics being judged. */
void scenario_drop_workers(struct scenario_slot *slot, struct scenario_workers *workers);
void scenario_drop_payload(struct scenario_slot *slot, struct scenario_payload *payload);

/* Free the lists of a slot whose workers and payloads are gone, cpusets included. */
void scenario_slot_release(struct scenario_slot *slot);
