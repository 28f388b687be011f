/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/ktstr.h>

/*
 * What the scenarios of the catalogue share. They are written against the public headers, as users
 * write theirs, but for the merging of their checks with the test's; each file is a family.
 */

/* Workers that compute in bursts. */
#define BURSTY(burst, sleep) KTSTR_WORK(bursty, .burst_ms = (burst), .sleep_ms = (sleep))

/* The first step of many: the cgroups of the backdrop get used to it, then a share of the duration. */
#define SETTLED(fraction) KTSTR_STEP(.hold = ktstr_settled_hold(ctx, fraction))

/* CPUs that cpusets are cut from. */
unsigned canned_usable(const struct ktstr_ctx *ctx);

/* The set of the first n usable CPUs behind the first skip of them. */
cpu_set_t canned_usable_range(const struct ktstr_ctx *ctx, unsigned skip, unsigned n);

/* The first CPU behind the first skip of the machine's, usable or not. */
cpu_set_t canned_nth_cpu(const struct ktstr_ctx *ctx, unsigned skip);

/*
 * A hold of so many milliseconds that others follow: a quarter of the duration at most, so that
 * in a short test they have their share.
 */
struct ktstr_hold canned_brief_hold(const struct ktstr_ctx *ctx, uint64_t ms);

/* Skip the test unless there are enough: true when it was skipped. */
bool canned_skip(struct ktstr_ctx *ctx, unsigned have, unsigned need, const char *what);

/*
 * Cgroups and workers that a scenario handles itself, because no list of steps could say it. Made
 * empty by {0}; canned_finish() stops and judges the workers and removes the cgroups, whatever has
 * happened.
 */
#define CANNED_MAX 64

struct canned {
	struct ktstr_ctx *ctx;
	size_t cgroups_count, workers_count;
	char cgroups[CANNED_MAX][32];
	struct {
		char cgroup[32];
		struct ktstr_workload *workload;
		bool has_cpus;
		cpu_set_t cpus;	     /* for the isolation check */
		uint64_t max_gap_ms; /* on top of the test's checks; 0: none */
	} workers[CANNED_MAX];
};

int canned_add_cgroup(struct canned *canned, const char *name, const cpu_set_t *cpus,
		      struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Workers, running in the cgroup; cpus is what the isolation check is to expect, or NULL. */
int canned_add_workers(struct canned *canned, const char *cgroup,
		       const struct ktstr_workload_config *config, const cpu_set_t *cpus,
		       struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * The end of a scenario: judge, clean up, and turn err into what ktstr_execute() would have
 * returned: an error that came before any worker ran is one of the call, a later one a failure.
 */
int canned_finish(struct canned *canned, int err, const struct ktstr_error *error);

uint64_t canned_now_ms(void); /* monotonic */

/*
 * Let time pass until such a point. False when it ended early, because the scheduler is gone: that
 * is in the verdict then, and the scenario is over.
 */
bool canned_hold_until_ms(struct canned *canned, uint64_t ms);
