/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "guest/job.h"

/*
 * Begin a SHELL: a busybox shell on a pseudoterminal, or one command on plain pipes, whose bytes
 * go over the port "ktstr.tty". As run_start().
 */
int shell_start(const struct job_context *context, const struct frame *frame, struct job *ret_job,
		struct ktstr_error *error) KTSTR_MUST_CHECK;
