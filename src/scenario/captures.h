/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include <ktstr/error.h>

/* What CaptureCgroupProcs has seen, in its order, until the test is over. {0} is empty. */
struct captures {
	struct capture {
		char *tag, *cgroup;
		pid_t *pids;
		size_t count;
	} * captures;
	size_t count;
};

/* Copies everything. */
int captures_add(struct captures *captures, const char *tag, const char *cgroup, const pid_t *pids,
		 size_t count, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The first with that tag; NULL: none. */
const struct capture *captures_find(const struct captures *captures, const char *tag);
void captures_release(struct captures *captures);
