/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "guest/job.h"

/*
 * Begin a RUN: attach the scheduler, start the test binary, or hand the request to the one that
 * waits as ret_job: see waiting.h. What keeps it from starting has been
 * reported to the host as FAILED when this returns 0 with ret_job->ops NULL; an error means that
 * the host cannot be reached.
 */
int run_start(const struct job_context *context, const struct frame *frame, struct job *ret_job,
	      struct ktstr_error *error) KTSTR_MUST_CHECK;
