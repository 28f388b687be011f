/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/report.h>

#include "check/verdict.h"

/*
 * Fill in everything but the name. -ENOMEM: there was no room to pool the wake latencies; they
 * count as not measured, all else is filled in.
 */
int cgroup_stats_roll_up(struct cgroup_stats *ret_stats,
			 const struct ktstr_reports *reports) KTSTR_MUST_CHECK;
