// SPDX-License-Identifier: GPL-2.0-only
/* Cgroups that join and leave while others work. */
#include <ktstr/scenarios.h>

#include "scenario/canned/canned.h"

#define THIRD (1.0 / 3)
#define HOLD(fraction) KTSTR_STEP(.hold = KTSTR_HOLD_FRAC(fraction))

static unsigned num_cpus(const struct ktstr_ctx *ctx)
{
	return ktstr_machine_num_cpus(ktstr_ctx_machine(ctx));
}

int ktstr_scenario_custom_cgroup_add_midrun(struct ktstr_ctx *ctx)
{
	const struct ktstr_cgroup_def joining[] = { KTSTR_CGROUP("cg_2"), KTSTR_CGROUP("cg_3") };
	unsigned room;

	if (canned_skip(ctx, num_cpus(ctx), 4, "CPUs"))
		return 0;
	room = num_cpus(ctx) - 3;
	return ktstr_execute_scenario(
		ctx,
		KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("cg_0"), KTSTR_CGROUP("cg_1"))),
		SETTLED(0.5),
		KTSTR_STEP(.setup = { .defs = joining, .count = room < 2 ? room : 2 },
			   .hold = KTSTR_HOLD_FRAC(0.5)));
}

int ktstr_scenario_cgroup_add(struct ktstr_ctx *ctx)
{
	return ktstr_scenario_custom_cgroup_add_midrun(ctx);
}

/* The first half stays; the rest is there in the first step only. */
int ktstr_scenario_custom_cgroup_remove_midrun(struct ktstr_ctx *ctx)
{
	const struct ktstr_cgroup_def all[] = { KTSTR_CGROUP("cg_0"), KTSTR_CGROUP("cg_1"),
						KTSTR_CGROUP("cg_2"), KTSTR_CGROUP("cg_3") };
	unsigned count, stay;

	if (canned_skip(ctx, num_cpus(ctx), 3, "CPUs"))
		return 0;
	count = num_cpus(ctx) - 1 < 4 ? num_cpus(ctx) - 1 : 4;
	stay = count / 2;
	return ktstr_execute_scenario(
		ctx, KTSTR_BACKDROP(.cgroups = { .defs = all, .count = stay }),
		KTSTR_STEP(.setup = { .defs = all + stay, .count = count - stay },
			   .hold = ktstr_settled_hold(ctx, 0.5)),
		HOLD(0.5));
}

int ktstr_scenario_cgroup_remove(struct ktstr_ctx *ctx)
{
	return ktstr_scenario_custom_cgroup_remove_midrun(ctx);
}

int ktstr_scenario_custom_cgroup_add_during_imbalance(struct ktstr_ctx *ctx)
{
	return ktstr_execute_scenario(
		ctx,
		KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("cg_0", .workers = 8),
						     KTSTR_CGROUP("cg_1", .workers = 2,
								  .work = BURSTY(50, 100)))),
		SETTLED(0.5),
		KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("cg_2", .workers = 4)),
			   .hold = KTSTR_HOLD_FRAC(0.5)));
}

/* Two cgroups with default workers, for scenarios that then do something beside them. */
static int add_two(struct canned *canned, struct ktstr_error *error)
{
	static const char *const names[] = { "cg_0", "cg_1" };
	const struct ktstr_workload_config config = {
		.num_workers = ktstr_ctx_workers_per_cgroup(canned->ctx),
	};
	int err = 0;

	for (unsigned i = 0; !err && i < 2; i++)
		err = canned_add_cgroup(canned, names[i], NULL, error);
	for (unsigned i = 0; !err && i < 2; i++)
		err = canned_add_workers(canned, names[i], &config, NULL, error);
	return err;
}

static void remove_quietly(struct ktstr_ctx *ctx, const char *name)
{
	struct ktstr_error error = { 0 };

	if (ktstr_cgroup_remove(ktstr_ctx_cgroups(ctx), name, &error))
		ktstr_note(ctx, "%s", error.text);
}

/*
 * A cgroup with a name that changes comes and goes every pause_ms. Above is "" or the cgroup it is
 * in; deep makes every third one have a cgroup of its own.
 */
static int churn(struct ktstr_ctx *ctx, const char *prefix, unsigned pause_ms, bool deep)
{
	struct canned canned = { .ctx = ctx };
	struct ktstr_error error = { 0 };
	uint64_t end_ms = canned_now_ms() + ktstr_ctx_duration_ms(ctx);
	int err = add_two(&canned, &error);
	bool up = canned_hold_until_ms(&canned, canned_now_ms() + ktstr_ctx_settle_ms(ctx));

	for (unsigned i = 0; !err && up && canned_now_ms() < end_ms; i++) {
		char name[64], inner[80];

		snprintf(name, sizeof(name), "%s_%u", prefix, i % 100);
		snprintf(inner, sizeof(inner), "%s/deep", name);
		err = ktstr_cgroup_create(ktstr_ctx_cgroups(ctx), name, &error);
		if (!err && deep && i % 3 == 0)
			err = ktstr_cgroup_create(ktstr_ctx_cgroups(ctx), inner, &error);
		up = canned_hold_until_ms(&canned, canned_now_ms() + pause_ms);
		if (deep && i % 3 == 0)
			remove_quietly(ctx, inner);
		remove_quietly(ctx, name);
	}
	return canned_finish(&canned, err, &error);
}

int ktstr_scenario_custom_cgroup_rapid_churn(struct ktstr_ctx *ctx)
{
	return churn(ctx, "ephemeral", 100, false);
}

int ktstr_scenario_custom_nested_cgroup_rapid_churn(struct ktstr_ctx *ctx)
{
	return churn(ctx, "cg_0/churn", 50, true);
}
