// SPDX-License-Identifier: GPL-2.0-only
/* What declarations come to, and which are refused before anything exists. */
#include <math.h>

#include "fake_scenario.h"
#include "scenario/hold.h"
#include "scenario/plan.h"

static const struct {
	const char *topology;
	struct ktstr_cgroup_def def;
	unsigned workers;
	const char *cpus; /* NULL: no cpuset */
} planned[] = {
	{ "1n2l4c1t", { .name = "x" }, 3, NULL },
	{ "1n2l4c1t", { .name = "x", .workers = 5 }, 5, NULL },
	/* A share of the usable CPUs, 7 of 8, where there is no cpuset. */
	{ "1n2l4c1t", { .name = "x", .workers_pct = 0.5 }, 4, NULL },
	{ "1n2l4c1t", { .name = "x", .workers_pct = 2.0 }, 14, NULL },
	{ "1n1l4c1t", { .name = "x", .workers_pct = 0.1 }, 1, NULL },
	{ "1n1l9c1t", { .name = "x", .workers_pct = 0.9 }, 8, NULL },
	{ "1n2l4c1t", { .name = "x", .workers_pct = 1.0, .cpuset = { KTSTR_CPUSET_LLC, 1 } }, 4, "4-7" },
	{ "1n2l4c1t", { .name = "x", .workers_pct = 5e-324 }, 1, NULL },
	{ "1n2l4c1t",
	  { .name = "x/y", .cpuset = { .kind = KTSTR_CPUSET_LIST, .list = "0,7" } }, 3, "0,7" },
};

static void plan_cgroup_counts_workers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(planned); i++) {
		struct ktstr_ctx ctx = fake_ctx(planned[i].topology);
		char list[CPULIST_TEXT_MAX];
		struct planned_cgroup plan;

		ctx.workers_per_cgroup = 3;
		assert_int_equal(plan_cgroup(&ctx, &planned[i].def, &plan, NULL), 0);
		assert_int_equal(plan.works_count, 1);
		assert_int_equal(plan.works[0].spec.workers, planned[i].workers);
		assert_int_equal(plan.has_cpuset, !!planned[i].cpus);
		if (planned[i].cpus)
			assert_string_equal(cpulist_format(&plan.cpus, list), planned[i].cpus);
		plan_cgroup_release(&plan);
		fake_ctx_free(&ctx);
	}
}

#define EMPTY_RANGE { .kind = KTSTR_CPUSET_RANGE, .start = 0, .end = 0.1 }

static const struct {
	const char *topology;
	struct ktstr_cgroup_def def;
	unsigned per_cgroup;
	const char *names[4]; /* must stand in the message */
} refused[] = {
	{ "1n1l4c1t", { .name = NULL }, 1, { "without a name" } },
	{ "1n1l4c1t", { .name = "../x" }, 1, { "'../x'", "'..'" } },
	{ "1n1l4c1t", { .name = "cg_7", .workers_pct = -0.5 }, 1, { "'cg_7'", "workers_pct(-0.5)", "> 0" } },
	{ "1n1l4c1t", { .name = "cg_7", .workers_pct = NAN }, 1, { "'cg_7'", "workers_pct(nan)", "finite" } },
	{ "1n1l4c1t", { .name = "cg_7", .workers_pct = INFINITY }, 1, { "workers_pct(inf)", "finite" } },
	{ "1n1l4c1t", { .name = "cg_7", .workers_pct = 1e10 }, 1, { "workers_pct(1e+10)", "3 cpus" } },
	{ "1n1l4c1t", { .name = "cg_7", .workers = 3, .workers_pct = 0.5 }, 1,
	  { "'cg_7'", "BOTH workers(3) and workers_pct(0.5)", "pick one" } },
	{ "1n1l4c1t", { .name = "cg_7", .workers = 3, .workers_pct = 0.5, .cpuset = EMPTY_RANGE }, 1,
	  { "BOTH workers(3) and workers_pct(0.5)", "pick one", "0 cpus", "hide the conflict" } },
	{ "1n1l4c1t", { .name = "cg_7", .workers_pct = 0.5, .cpuset = EMPTY_RANGE }, 1,
	  { "'cg_7'", "workers_pct(0.5)", "0 workers", "workers(N)" } },
	{ "1n1l4c1t", { .name = "cg_7", .cpuset = EMPTY_RANGE }, 1,
	  { "'cg_7'", "KTSTR_CPUS_RANGE(0, 0.1)", "0 cpus", "adjust" } },
	{ "1n1l4c1t", { .name = "cg_7", .cpuset = { .kind = KTSTR_CPUSET_EXACT } }, 1,
	  { "'cg_7'", "0 cpus", "adjust" } },
	{ "1n1l4c1t", { .name = "cg_7", .cpuset = { .kind = KTSTR_CPUSET_LIST, .list = "0-x" } }, 1,
	  { "'cg_7'", "'0-x'", "adjust" } },
	{ "1n1l4c1t", { .name = "cg_7", .cpuset = { KTSTR_CPUSET_LLC, .index = 3 } }, 1,
	  { "'cg_7'", "KTSTR_CPUS_LLC(3)", "LLC 3", "has 1" } },
	{ "1n1l4c1t", { .name = "cg_7", .cpuset = { KTSTR_CPUSET_DISJOINT, .index = 3, .of = 4 } }, 1,
	  { "'cg_7'", "KTSTR_CPUS_DISJOINT(3, 4)", "4 partitions", "3 usable" } },
	{ "1n1l4c1t", { .name = "cg_7", .workers = KTSTR_WORKERS_NONE }, 1,
	  { "'cg_7'", "num_workers=0", "at least 1", "drop" } },
	{ "1n1l4c1t", { .name = "cg_7" }, 0, { "'cg_7'", "num_workers=0" } },
};

static void declarations_that_cannot_work_create_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct ktstr_ctx ctx = fake_ctx(refused[i].topology);
		const struct ktstr_cgroup_def good = { .name = "good", .workers = 1 };
		const struct ktstr_cgroup_def defs[] = { good, refused[i].def };

		ctx.workers_per_cgroup = refused[i].per_cgroup;
		assert_int_equal(ktstr_execute_steps(&ctx, KTSTR_STEP(.hold = KTSTR_HOLD_MS(0)),
						     KTSTR_STEP(.setup = { defs, 2 })), -EINVAL);
		assert_string_equal(fake.log, "");
		assert_contains(fake.failures, "|step 1: cgroup ");
		for (size_t j = 0; j < COUNT(refused[i].names) && refused[i].names[j]; j++)
			assert_contains(fake.failures, refused[i].names[j]);
		fake_ctx_free(&ctx);
	}
}

static void a_name_declared_twice_in_a_step_is_refused(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l4c1t");

	(void)state;
	assert_int_equal(ktstr_execute_defs(&ctx, KTSTR_CGROUP("cg_0"), KTSTR_CGROUP("cg_1"),
					    KTSTR_CGROUP("cg_0")), -EINVAL);
	assert_contains(fake.failures, "step 0: cgroup 'cg_0': already tracked");
	assert_contains(fake.failures, "fresh name");
	assert_string_equal(fake.log, "");
	fake_ctx_free(&ctx);
}

static void holds_that_are_no_time_are_refused(void **state)
{
	static const double fractions[] = { 0, -1, NAN, INFINITY, -INFINITY };
	struct ktstr_ctx ctx = fake_ctx("1n1l4c1t");

	(void)state;
	for (size_t i = 0; i < COUNT(fractions); i++) {
		char shown[32];

		fake.failures[0] = '\0';
		snprintf(shown, sizeof(shown), "fraction %g", fractions[i]);
		assert_int_equal(ktstr_execute_steps(&ctx, KTSTR_STEP(.hold = KTSTR_HOLD_MS(0)),
						     KTSTR_STEP(.hold = KTSTR_HOLD_MS(0)),
						     KTSTR_STEP(.hold = KTSTR_HOLD_FRAC(fractions[i]))),
				 -EINVAL);
		assert_contains(fake.failures, "step 2: hold");
		assert_contains(fake.failures, shown);
	}
	assert_int_equal(ktstr_execute_steps(&ctx, KTSTR_STEP(.hold = { .kind = 9 })), -EINVAL);
	assert_contains(fake.failures, "kind 9");
	assert_string_equal(fake.log, "");
	fake_ctx_free(&ctx);
}

static void hold_duration_is_cut_to_the_test(void **state)
{
	const struct {
		struct ktstr_hold hold;
		uint64_t duration_ms, ns;
	} rows[] = {
		{ { 0 }, 200, 200000000 },
		{ KTSTR_HOLD_FRAC(0.25), 200, 50000000 },
		{ KTSTR_HOLD_FRAC(1.0), 200, 200000000 },
		{ KTSTR_HOLD_FRAC(1e300), 200, 200000000 },
		{ KTSTR_HOLD_FRAC(1e-300), 200, 0 },
		{ KTSTR_HOLD_MS(0), 200, 0 },
		{ KTSTR_HOLD_MS(150), 200, 150000000 },
		{ KTSTR_HOLD_MS(UINT64_MAX), 200, 200000000 },
		{ { 0 }, 0, 0 },
	};
	const struct ktstr_hold full = { 0 }, fixed = KTSTR_HOLD_MS(UINT64_MAX);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(hold_duration_ns(&rows[i].hold, rows[i].duration_ms), rows[i].ns);
	/* An absurd duration does not wrap to a short one. */
	assert_true(hold_duration_ns(&full, UINT64_MAX) > UINT64_C(1) << 61);
	assert_true(hold_duration_ns(&fixed, UINT64_MAX) > UINT64_C(1) << 61);
}

/* The sheet's SH(f): settle and a share, whatever that comes to. */
static void settled_hold_adds_the_settle(void **state)
{
	static const struct {
		uint64_t settle_ms, duration_ms;
		double fraction;
		uint64_t ms;
	} rows[] = {
		{ 0, 200, 0.5, 100 },  { 30, 200, 0.5, 130 },		    { 30, 200, 1, 230 },
		{ 30, 0, 0.5, 30 },    { UINT64_MAX, 200, 0.5, UINT64_MAX }, { 7, 100, 1.0 / 3, 40 },
	};
	static const double wrong[] = { 0, -1, NAN, INFINITY };
	struct ktstr_ctx ctx = fake_ctx("1n1l4c1t");

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_hold hold;

		ctx.settle_ms = rows[i].settle_ms;
		ctx.duration_ms = rows[i].duration_ms;
		hold = ktstr_settled_hold(&ctx, rows[i].fraction);
		assert_int_equal(hold.kind, KTSTR_HOLD_KIND_FIXED);
		assert_int_equal(hold.ms, rows[i].ms);
		assert_int_equal(ktstr_ctx_settle_ms(&ctx), rows[i].settle_ms);
	}
	for (size_t i = 0; i < COUNT(wrong); i++) {
		const struct ktstr_hold hold = ktstr_settled_hold(&ctx, wrong[i]);

		assert_int_equal(hold_check(&hold, NULL), -EINVAL);
	}
	fake_ctx_free(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plan_cgroup_counts_workers),
		cmocka_unit_test(declarations_that_cannot_work_create_nothing),
		cmocka_unit_test(a_name_declared_twice_in_a_step_is_refused),
		cmocka_unit_test(holds_that_are_no_time_are_refused),
		cmocka_unit_test(hold_duration_is_cut_to_the_test),
		cmocka_unit_test(settled_hold_adds_the_settle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
