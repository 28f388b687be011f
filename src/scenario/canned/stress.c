// SPDX-License-Identifier: GPL-2.0-only
/* Many cgroups, many kinds of work, and cpusets in constant motion. */
#include <errno.h>

#include <ktstr/scenarios.h>

#include "scenario/canned/canned.h"

#define THIRD (1.0 / 3)
#define HOLD(fraction) KTSTR_STEP(.hold = KTSTR_HOLD_FRAC(fraction))

static unsigned num_cpus(const struct ktstr_ctx *ctx)
{
	return ktstr_machine_num_cpus(ktstr_ctx_machine(ctx));
}

/* A name that lives as long as the test. */
static const char *numbered(struct ktstr_ctx *ctx, const char *prefix, unsigned i)
{
	char *name = ktstr_ctx_alloc(ctx, 32);

	if (name)
		snprintf(name, 32, "%s_%u", prefix, i);
	return name;
}

/* A default cgroup on each of the first count CPUs; without memory there are none. */
static struct ktstr_defs one_per_cpu(struct ktstr_ctx *ctx, const char *prefix, unsigned count)
{
	struct ktstr_cgroup_def *defs = ktstr_ctx_alloc(ctx, count * sizeof(*defs));
	cpu_set_t *cpus = ktstr_ctx_alloc(ctx, count * sizeof(*cpus));

	for (unsigned i = 0; defs && cpus && i < count; i++) {
		cpus[i] = canned_usable_range(ctx, i, 1);
		defs[i] = KTSTR_CGROUP(numbered(ctx, prefix, i), .workers = 1,
				       .cpuset = KTSTR_CPUS_EXACT(&cpus[i]));
	}
	return (struct ktstr_defs){ .defs = defs, .count = defs && cpus ? count : 0 };
}

static struct ktstr_defs up_to_64(struct ktstr_ctx *ctx)
{
	unsigned count = num_cpus(ctx) - 1;

	return one_per_cpu(ctx, "many", count < 64 ? count : 64);
}

int ktstr_scenario_custom_cgroup_per_cpu(struct ktstr_ctx *ctx)
{
	if (canned_skip(ctx, num_cpus(ctx), 3, "CPUs"))
		return 0;
	return ktstr_execute_steps(ctx, KTSTR_STEP(.setup_with = up_to_64));
}

#define EXHAUSTED_MAX 15

static unsigned exhausted(const struct ktstr_ctx *ctx)
{
	unsigned count = num_cpus(ctx) - 1;

	return count < EXHAUSTED_MAX ? count : EXHAUSTED_MAX;
}

static struct ktstr_defs reused(struct ktstr_ctx *ctx)
{
	unsigned count = exhausted(ctx) / 2;
	struct ktstr_cgroup_def *defs = ktstr_ctx_alloc(ctx, count * sizeof(*defs));

	for (unsigned i = 0; defs && i < count; i++)
		defs[i] = KTSTR_CGROUP(numbered(ctx, "reuse", i), .workers = 1);
	return (struct ktstr_defs){ .defs = defs, .count = defs ? count : 0 };
}

/* Empty cgroups with a CPU each, then half of them away again; NULL: no memory. */
static struct ktstr_op *exhausting_ops(struct ktstr_ctx *ctx, unsigned count)
{
	struct ktstr_op *ops = ktstr_ctx_alloc(ctx, (2 * count + count / 2) * sizeof(*ops));
	struct ktstr_op_set_cpuset_params *given = ktstr_ctx_alloc(ctx, count * sizeof(*given));
	struct ktstr_op_cgroup_params *named = ktstr_ctx_alloc(ctx, count * sizeof(*named));
	cpu_set_t *cpus = ktstr_ctx_alloc(ctx, count * sizeof(*cpus));

	if (!ops || !given || !named || !cpus)
		return NULL;
	for (unsigned i = 0; i < count; i++) {
		const char *name = numbered(ctx, "exhaust", i);

		cpus[i] = canned_usable_range(ctx, i, 1);
		named[i] = (struct ktstr_op_cgroup_params){ name };
		given[i] = (struct ktstr_op_set_cpuset_params){ name, KTSTR_CPUS_EXACT(&cpus[i]) };
		ops[2 * i] = (struct ktstr_op){ &ktstr_op_add_cgroup, &named[i] };
		ops[2 * i + 1] = (struct ktstr_op){ &ktstr_op_set_cpuset, &given[i] };
		if (i < count / 2)
			ops[2 * count + i] = (struct ktstr_op){ &ktstr_op_remove_cgroup,
								&named[i] };
	}
	return ops;
}

/* In the backdrop, so that there is something for the second step to remove. */
int ktstr_scenario_custom_cgroup_exhaust_reuse(struct ktstr_ctx *ctx)
{
	unsigned count = exhausted(ctx);
	const struct ktstr_hold second = canned_brief_hold(ctx, 1000);
	const struct ktstr_op *ops;

	if (canned_skip(ctx, num_cpus(ctx), 3, "CPUs"))
		return 0;
	ops = exhausting_ops(ctx, count);
	if (!ops)
		return -ENOMEM;
	return ktstr_execute_scenario(
		ctx, KTSTR_BACKDROP(.ops = { ops, 2 * count }), KTSTR_STEP(.hold = second),
		KTSTR_STEP(.ops = { ops + 2 * count, count / 2 }, .hold = second),
		KTSTR_STEP(.setup_with = reused));
}

/* So many workers wake at a time that a queue in common is always full; the pinned ones wait in it.
 */
#define PINNED_MAX 4
#define PINNED_GAP_MS 1500

static int add_pinned(struct canned *canned, const char *cgroup, unsigned count,
		      struct ktstr_error *error)
{
	int err = 0;

	for (unsigned i = 0; !err && i < count; i++) {
		cpu_set_t one = canned_usable_range(canned->ctx, i, 1);
		const struct ktstr_workload_config config = {
			.num_workers = 1,
			.affinity = KTSTR_AFFINITY_EXACT(&one),
		};

		err = canned_add_workers(canned, cgroup, &config, NULL, error);
		if (!err)
			canned->workers[canned->workers_count - 1].max_gap_ms = PINNED_GAP_MS;
	}
	return err;
}

int ktstr_scenario_custom_cgroup_dsq_contention(struct ktstr_ctx *ctx)
{
	struct canned canned = { .ctx = ctx };
	struct ktstr_error error = { 0 };
	unsigned usable = canned_usable(ctx), crowd = 3 * usable < 8 ? 8 : 3 * usable;
	cpu_set_t cpus = canned_usable_range(ctx, 0, usable);
	const struct ktstr_workload_config sleepers = {
		.num_workers = crowd,
		.work = BURSTY(10, 5),
	};
	int err;

	if (canned_skip(ctx, num_cpus(ctx), 4, "CPUs"))
		return 0;
	err = canned_add_cgroup(&canned, "cg_0", &cpus, &error);
	if (!err)
		err = canned_add_workers(&canned, "cg_0", &sleepers, &cpus, &error);
	if (!err)
		err = add_pinned(&canned, "cg_0", usable < PINNED_MAX ? usable : PINNED_MAX,
				 &error);
	if (!err)
		canned_hold_until_ms(&canned, canned_now_ms() + ktstr_ctx_duration_ms(ctx));
	return canned_finish(&canned, err, &error);
}

#define WRITERS .workers = 2, .work = KTSTR_WORK(io_sync_write)

int ktstr_scenario_custom_cgroup_workload_variety(struct ktstr_ctx *ctx)
{
	if (canned_skip(ctx, num_cpus(ctx), 6, "CPUs"))
		return 0;
	return ktstr_execute_defs(ctx, KTSTR_CGROUP("cg_0"),
				  KTSTR_CGROUP("cg_1", .work = BURSTY(50, 100)),
				  KTSTR_CGROUP("cg_2", WRITERS),
				  KTSTR_CGROUP("cg_3", .work = KTSTR_WORK(mixed)),
				  KTSTR_CGROUP("cg_4", .work = KTSTR_WORK(yield_heavy)));
}

int ktstr_scenario_custom_cgroup_cpuset_workload_variety(struct ktstr_ctx *ctx)
{
	if (canned_skip(ctx, num_cpus(ctx), 6, "CPUs"))
		return 0;
	return ktstr_execute_defs(
		ctx, KTSTR_CGROUP("cg_0", .cpuset = KTSTR_CPUS_DISJOINT(0, 3)),
		KTSTR_CGROUP("cg_1", .cpuset = KTSTR_CPUS_DISJOINT(1, 3), .work = BURSTY(50, 100)),
		KTSTR_CGROUP("cg_2", .cpuset = KTSTR_CPUS_DISJOINT(2, 3), WRITERS));
}

int ktstr_scenario_custom_cgroup_dynamic_workload_variety(struct ktstr_ctx *ctx)
{
	if (canned_skip(ctx, num_cpus(ctx), 5, "CPUs"))
		return 0;
	return ktstr_execute_scenario(
		ctx,
		KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("cg_0"),
						     KTSTR_CGROUP("cg_1", .work = BURSTY(50, 100)),
						     KTSTR_CGROUP("cg_2", WRITERS))),
		HOLD(THIRD),
		KTSTR_STEP(.setup = KTSTR_DEFS(
				   KTSTR_CGROUP("cg_3", .workers = 4, .work = BURSTY(100, 50))),
			   .hold = KTSTR_HOLD_FRAC(THIRD)),
		HOLD(THIRD));
}

int ktstr_scenario_custom_cgroup_cpuset_cross_llc_race(struct ktstr_ctx *ctx)
{
	const struct ktstr_machine *machine = ktstr_ctx_machine(ctx);
	cpu_set_t first, second;
	unsigned crowd;
	int reserved = 0;

	if (canned_skip(ctx, ktstr_machine_num_llcs(machine), 2, "LLCs"))
		return 0;
	ktstr_machine_llc_cpus(machine, 0, &first);
	ktstr_machine_llc_cpus(machine, 1, &second);
	crowd = 8 * (CPU_COUNT(&first) > 4 ? (unsigned)CPU_COUNT(&first) : 4);
	while (reserved < CPU_SETSIZE && !CPU_ISSET(reserved, &first))
		reserved++;
	CPU_CLR(reserved, &first);
	if (!CPU_COUNT(&first) || !CPU_COUNT(&second)) {
		ktstr_skip(ctx, "needs two CPUs in the first LLC and one in the second");
		return 0;
	}
	return ktstr_execute_scenario(
		ctx,
		KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(
				       KTSTR_CGROUP("cg_0", .cpuset = KTSTR_CPUS_EXACT(&first),
						    .workers = crowd, .work = KTSTR_WORK(mixed)),
				       KTSTR_CGROUP("cg_1", .cpuset = KTSTR_CPUS_EXACT(&second),
						    .workers = crowd, .work = KTSTR_WORK(mixed)))),
		KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_SWAP_CPUSETS("cg_0", "cg_1")),
			   .hold = KTSTR_HOLD_LOOP_MS(200)));
}
