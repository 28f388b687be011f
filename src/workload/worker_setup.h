/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <sys/types.h>

#include <ktstr/error.h>
#include <ktstr/report.h>
#include <ktstr/work_spec.h>

#include "workload/mem_policy.h"

/*
 * What the workers of a group become before they work, as their spec asks for it. Complete and
 * borrowing nothing, so it outlives the call that took the spec. The affinity is not part of it:
 * it is drawn for each worker.
 */
struct worker_setup {
	struct ktstr_sched_policy policy;
	struct mem_policy_call mem_policy;
	struct ktstr_optional nice, uid, gid, numa_node;
	cpu_set_t node_cpus; /* of numa_node; empty: there is no such node */
	char comm[KTSTR_COMM_MAX + 1];
};

/* An id that exists; -EINVAL names the field. */
int id_check(const char *field, struct ktstr_optional id,
	     struct ktstr_error *error) KTSTR_MUST_CHECK;

/* 1 to KTSTR_COMM_MAX bytes; -EINVAL names the field. NULL is fine. */
int comm_check(const char *field, const char *comm, struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * -EINVAL: a field whose value could not be meant; the text names it. The memory policy is one that
 * mem_policy_check() has accepted.
 */
int worker_setup_init(struct worker_setup *setup, const struct ktstr_work_spec *spec,
		      struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Change the calling thread's ids and no other's. What the kernel refuses is written to text,
 * unless there is one.
 */
void worker_setup_ids(struct ktstr_optional gid, struct ktstr_optional uid,
		      char text[KTSTR_REPORT_TEXT_MAX]);

/*
 * Become it: the calling thread, tid. cpus (NULL: inherit) come first. What the kernel refuses is
 * written into the report's ..._error fields, and the rest is applied all the same.
 */
void worker_setup_apply(const struct worker_setup *setup, pid_t tid, const cpu_set_t *cpus,
			struct ktstr_worker_report *report);
