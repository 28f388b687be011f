/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "runner/admission.h"
#include "runner/env.h"
#include "runner/group.h"
#include "runner/host_session.h"
#include "runner/record.h"
#include "runner/repeat.h"

enum job_state {
	JOB_WAITING,
	JOB_RUNNING,
	JOB_ENDED,	 /* with a result */
	JOB_INTERRUPTED, /* by the user: there is no result */
};

#define JOB_NOTICES_MAX 2048

/* One test on its way from plan to result. */
struct job {
	/* Of the thread that reports. */
	enum job_state state;
	uint64_t started_ns;
	bool saved; /* its result file is written; else why not */
	struct ktstr_error save_error;

	/* Of the thread that runs it, as long as it runs. */
	struct test_record record;
	struct test_group *group;
	struct run_facts facts;
	char *rerun;
	char repeated[REPEAT_TEXT_MAX];
	char notices[JOB_NOTICES_MAX]; /* lines about its template; the last may be cut */
};

void job_release(struct job *job); /* safe on a zeroed one */

/* What the VM of a test takes from the machine. */
struct admission_need job_need(const struct test_plan *plan);

/*
 * Run job->record.plan in a VM, a second time when QEMU spoiled the first (repeat.h), and fill in
 * what was seen and the outcome, which means nothing when job->facts.interrupted. env is shared
 * and only read.
 */
void job_run(struct job *job, const struct vm_env *env, int stop_fd, bool kernel_verbose);

/* The same in a process of its own on this machine. */
void job_run_on_host(struct job *job, const struct host_env *env, int stop_fd);
