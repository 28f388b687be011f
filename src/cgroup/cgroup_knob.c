// SPDX-License-Identifier: GPL-2.0-only
/* The settings of a cgroup as tables: files and controllers, and the ranges of numbers. */
#include <assert.h>
#include <errno.h>

#include <ktstr/cgroup.h>

#include "cgroup/cgroup_knob.h"

const struct cgroup_knob_info *cgroup_knob_info(enum cgroup_knob knob)
{
	static const struct cgroup_knob_info knobs[] = {
#define X(id, file, controller, needs, takes)                                                      \
	[CGROUP_KNOB_##id] = { file, controller, needs, takes },
		CGROUP_KNOBS(X)
#undef X
	};

	assert((unsigned)knob < CGROUP_KNOB_COUNT);
	return &knobs[knob];
}

/* All of them begin at 1. */
static const struct limit {
	const char *what;
	uint64_t max;	     /* 0: the kernel's business */
	const char *instead; /* of 0; NULL: there is no "unlimited" */
} limits[] = {
	[CGROUP_LIMIT_CPU_WEIGHT] = { .what = "cpu.weight", .max = 10000 },
	[CGROUP_LIMIT_CPU_PERIOD_US] = { .what = "cpu.max period" },
	[CGROUP_LIMIT_CPU_QUOTA_US] = { .what = "cpu.max quota", .instead = "cpu_unlimited" },
	[CGROUP_LIMIT_IO_WEIGHT] = { .what = "io.weight", .max = 10000 },
	[CGROUP_LIMIT_PIDS_MAX] = { .what = "pids.max", .instead = "pids_unlimited" },
};
_Static_assert(sizeof(limits) / sizeof(limits[0]) == CGROUP_LIMIT_COUNT, "a row for each limit");

int cgroup_limit_check(const char *name, enum cgroup_limit limit, uint64_t value,
		       struct ktstr_error *error)
{
	const struct limit *row = &limits[limit];

	if (row->max && (value < 1 || value > row->max))
		return ktstr_error_set(error, -ERANGE, "cgroup '%s': %s %llu out of range 1..=%llu",
				       name, row->what, (unsigned long long)value,
				       (unsigned long long)row->max);
	if (value)
		return 0;
	return ktstr_error_set(error, -ERANGE, "cgroup '%s': %s must be > 0, got 0%s%s%s", name,
			       row->what,
			       row->instead ? "; for no limit use KTSTR_UNLIMITED (" : "",
			       row->instead ? row->instead : "", row->instead ? ")" : "");
}
