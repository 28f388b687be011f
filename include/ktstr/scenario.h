/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_SCENARIO_H
#define KTSTR_SCENARIO_H

#include <stddef.h>
#include <stdint.h>

#include <ktstr/cgroup_def.h>
#include <ktstr/check.h>
#include <ktstr/error.h>
#include <ktstr/export.h>
#include <ktstr/op.h>
#include <ktstr/payload.h>

struct ktstr_ctx;

/* How long a step lasts; the zero value is the test's whole duration. */
enum ktstr_hold_kind {
	KTSTR_HOLD_FULL,
	KTSTR_HOLD_KIND_FRAC,
	KTSTR_HOLD_KIND_FIXED,
	KTSTR_HOLD_KIND_LOOP,
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
/* The rest of the duration, with the step's operations again and again, n milliseconds between. */
#define KTSTR_HOLD_LOOP_MS(n) ((struct ktstr_hold){ .kind = KTSTR_HOLD_KIND_LOOP, .ms = (n) })

/*
 * The test's settle_ms and then a fraction of its duration, for the step after cgroups came into
 * being. A fraction that KTSTR_HOLD_FRAC() could not have is refused like it.
 */
KTSTR_API struct ktstr_hold ktstr_settled_hold(const struct ktstr_ctx *ctx, double fraction);

/*
 * A step: operations, then the cgroups of setup with their workers, then the hold; then all that
 * it has made is taken down. In a step that loops, setup comes first, once, so that the operations
 * can refer to it.
 */
struct ktstr_step {
	struct ktstr_defs setup;
	/*
	 * Instead of setup: cgroups that depend on the machine. Called at least twice, before the
	 * scenario and when the step begins, so it has to give the same answer each time. What it
	 * returns has to live until the scenario ends; ktstr_ctx_alloc() is good for that.
	 */
	struct ktstr_defs (*setup_with)(struct ktstr_ctx *ctx);
	struct ktstr_ops ops;
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
 * What is there before the first step and until after the last: cgroups with workers, operations
 * behind them, payloads behind these. Its set-up counts against the test's duration.
 */
struct ktstr_backdrop {
	struct ktstr_defs cgroups;
	struct ktstr_ops ops;
	struct ktstr_payloads payloads;
};

#define KTSTR_BACKDROP(...) ((struct ktstr_backdrop){ __VA_ARGS__ })

struct ktstr_scenario {
	struct ktstr_backdrop backdrop;
	struct ktstr_steps steps;
	const struct ktstr_check *check; /* instead of the test's; NULL: the test's */
};

/*
 * Run a scenario: the backdrop, then step after step, and add what the workers report to the
 * verdict in ctx.
 *
 * Returns 0 when the scenario could be judged, also when the judgement is a failure: a step that
 * the kernel will not set up is a failed test, not a failed call, and ends the scenario. A
 * negative errno means that nothing was started, and the reason is in the verdict too: -EINVAL
 * when the declaration cannot work on this machine (a hold of 0 percent, a name twice in a step, a
 * cpuset without CPUs, no workers), another when the controllers it needs cannot be enabled.
 *
 * Whatever the outcome, no cgroup, worker or payload of the scenario exists afterwards; a cgroup
 * that resists removal is a note in the verdict. When the scheduler under test is gone, the hold
 * ends at once and no further step runs.
 */
KTSTR_API int ktstr_execute(struct ktstr_ctx *ctx, const struct ktstr_scenario *scenario);

/* Steps without a backdrop. */
#define ktstr_execute_steps(ctx, ...)                                                              \
	ktstr_execute((ctx), &(const struct ktstr_scenario){ .steps = KTSTR_STEPS(__VA_ARGS__) })
/* One step with these cgroups that lasts the test's whole duration. */
#define ktstr_execute_defs(ctx, ...)                                                               \
	ktstr_execute_steps((ctx), KTSTR_STEP(.setup = KTSTR_DEFS(__VA_ARGS__)))
/* ktstr_execute_scenario(ctx, KTSTR_BACKDROP(...), KTSTR_STEP(...), ...) */
#define ktstr_execute_scenario(ctx, backdrop_, ...)                                                \
	ktstr_execute((ctx), &(const struct ktstr_scenario){ .backdrop = backdrop_,                \
							     .steps = KTSTR_STEPS(__VA_ARGS__) })

#endif
