/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <jansson.h>

#include <ktstr/error.h>

/* Serves the host's requests, one after the other, until it is told to power off. */
struct agent_config {
	int ctl_fd, log_fd;	   /* non-blocking, borrowed */
	const char *cgroup_parent; /* cleaned after each run */
	json_t *hello;		   /* sent first; taken over */
};

/*
 * 0: the host asked to power off. An error: the agent cannot go on, because the host is gone or
 * talks nonsense. The process must be an init: ending a job kills every other process.
 */
int agent_serve(const struct agent_config *config, struct ktstr_error *error) KTSTR_MUST_CHECK;
