/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include <ktstr/check.h>
#include <ktstr/error.h>
#include <ktstr/topology.h>
#include <ktstr/work.h>

/* What the RUN message says about the test, as far as the test process is concerned. */
struct run_request {
	uint64_t duration_ms;
	unsigned workers_per_cgroup;
	struct ktstr_check check;
	bool scheduler;			/* one is expected to be enabled */
	struct ktstr_topology topology; /* of this machine, confirmed; zeroes: not told */
	struct ktstr_work work;		/* for cgroups that are swappable, if has_work */
	bool has_work;
	/* Not in a guest: where cgroups go. Empty in a guest, which is ours whole. */
	char cgroup_parent[PATH_MAX], walk_root[PATH_MAX];
};

/* -EBADMSG names the field at fault. */
int run_request_parse(const char *text, struct run_request *ret_request,
		      struct ktstr_error *error) KTSTR_MUST_CHECK;
