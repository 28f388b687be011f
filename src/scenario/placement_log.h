/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include <ktstr/cgroup.h>
#include <ktstr/workload.h>

/*
 * Which process was put where, a line for each, for whoever looks into a guest afterwards:
 * /tmp/ktstr-placement.log. Opened to append for each line and never cut; whatever fails here
 * costs a line.
 */
#define PLACEMENT_LOG "/tmp/ktstr-placement.log"

/* Workers have been spawned for cgroup; pcomm names the process that hosts them, NULL: none. */
void placement_log_spawn(const char *cgroup, const char *pcomm,
			 const struct ktstr_workload *workload);

/* Before and after workers are moved: their pids, and what the kernel says is in the cgroup. */
void placement_log_move(const char *when, const char *from, const char *to,
			const struct ktstr_workload *const *workloads, size_t count,
			struct ktstr_cgroups *cgroups, const char *looked_at);
