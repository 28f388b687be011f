/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>

#include "guest/job.h"
#include "guest/test_process.h"

/*
 * Begin a PREPARE: start a test binary that waits for the test it is to run. Returns as run_start()
 * does. The guest is saved while it waits, so nothing of what it says or prints is read until then.
 */
int waiting_start(const struct job_context *context, const struct frame *frame, struct job *ret_job,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;

bool waiting_is_ready(const struct job *job);

/*
 * Take over the process of job, which is over by that, when it waits for a test of binary. False:
 * there is none, and job is as it was.
 */
bool waiting_take(struct job *job, const char *binary, struct test_process *ret_process);
