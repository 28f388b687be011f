/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_SCENARIO_H
#define KTSTR_SCENARIO_H

#include <stddef.h>
#include <stdint.h>

#include <ktstr/cpuset.h>
#include <ktstr/error.h>
#include <ktstr/export.h>
#include <ktstr/work.h>

struct ktstr_ctx;

/*
 * A cgroup with workers in it. Zero means default; the struct and all it points to is borrowed
 * for the call that takes it.
 */
struct ktstr_cgroup_def {
	const char *name;	    /* below the scenario's parent cgroup; may be nested */
	struct ktstr_cpuset cpuset; /* zero: inherit, no file written */
	unsigned workers;	    /* 0: ktstr_ctx_workers_per_cgroup() */
	double workers_pct;	/* workers per CPU of the cpuset, rounded up; not with workers */
	struct ktstr_work work; /* zero: SpinWait */
};

#define KTSTR_CGROUP(name_, ...) ((struct ktstr_cgroup_def){ .name = (name_), __VA_ARGS__ })

struct ktstr_defs {
	const struct ktstr_cgroup_def *defs;
	size_t count;
};

#define KTSTR_DEFS(...)                                                                            \
	((struct ktstr_defs){ .defs = (const struct ktstr_cgroup_def[]){ __VA_ARGS__ },            \
			      .count = sizeof((const struct ktstr_cgroup_def[]){ __VA_ARGS__ }) /  \
				       sizeof(struct ktstr_cgroup_def) })

/* How long a step lasts; the zero value is the test's whole duration. */
enum ktstr_hold_kind {
	KTSTR_HOLD_FULL,
	KTSTR_HOLD_KIND_FRAC,
	KTSTR_HOLD_KIND_FIXED,
};

struct ktstr_hold {
	enum ktstr_hold_kind kind;
	double fraction;
	uint64_t ms;
};

/* A fraction of the test's duration, > 0; what is left of the duration caps it. */
#define KTSTR_HOLD_FRAC(f) ((struct ktstr_hold){ .kind = KTSTR_HOLD_KIND_FRAC, .fraction = (f) })
/* Milliseconds; 0 only checks that the scheduler is alive. */
#define KTSTR_HOLD_MS(n) ((struct ktstr_hold){ .kind = KTSTR_HOLD_KIND_FIXED, .ms = (n) })

/* One step: create the cgroups of setup with their workers, hold, tear them down again. */
struct ktstr_step {
	struct ktstr_defs setup;
	struct ktstr_hold hold;
};

#define KTSTR_STEP(...) ((struct ktstr_step){ __VA_ARGS__ })

struct ktstr_steps {
	const struct ktstr_step *steps;
	size_t count;
};

#define KTSTR_STEPS(...)                                                                           \
	((struct ktstr_steps){ .steps = (const struct ktstr_step[]){ __VA_ARGS__ },                \
			       .count = sizeof((const struct ktstr_step[]){ __VA_ARGS__ }) /       \
					sizeof(struct ktstr_step) })

/*
 * Run steps one after another and add what the workers report to the verdict in ctx.
 *
 * Returns 0 when the scenario could be judged, also when the judgement is a failure: a step that
 * the kernel will not set up is a failed test, not a failed call. A negative errno means that
 * nothing was started, and the reason is in the verdict too: -EINVAL when the declaration cannot
 * work on this machine (a hold of 0 percent, a name twice in a step, a cpuset without CPUs, no
 * workers), another when the controllers it needs cannot be enabled.
 *
 * Whatever the outcome, no cgroup and no worker of the steps exists afterwards; a cgroup that
 * resists removal is a note in the verdict.
 */
KTSTR_API int ktstr_execute_steps_list(struct ktstr_ctx *ctx, struct ktstr_steps steps);
#define ktstr_execute_steps(ctx, ...) ktstr_execute_steps_list((ctx), KTSTR_STEPS(__VA_ARGS__))

/* One step with these cgroups that lasts the test's whole duration. */
KTSTR_API int ktstr_execute_defs_list(struct ktstr_ctx *ctx, struct ktstr_defs defs);
#define ktstr_execute_defs(ctx, ...) ktstr_execute_defs_list((ctx), KTSTR_DEFS(__VA_ARGS__))

#endif
