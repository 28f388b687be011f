// SPDX-License-Identifier: GPL-2.0-only
/* Definitions of cgroups: which files are written in which order, and which workers come of them. */
#include "fake_scenario.h"
#include "scenario/cgroup_limits.h"
#include "scenario/plan.h"

static const struct ktstr_payload prog = { .name = "prog" };

static int run(struct ktstr_ctx *ctx, struct ktstr_cgroup_def def)
{
	return ktstr_execute_steps(ctx, KTSTR_STEP(.setup = { &def, 1 }, NO_HOLD));
}

/* Claim 17. */
static void a_full_definition_is_made_in_one_order(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("2n2l2c1t");

	(void)state;
	assert_int_equal(
		run(&ctx, KTSTR_CGROUP("a", .cpuset = KTSTR_CPUS_NUMA(1), .cpuset_mems = KTSTR_NODES(0, 1),
				       .cpu = { .weight = 7, .quota_us = 5000, .period_us = 10000 },
				       .memory = { .max_bytes = 4096, .high_bytes = 2048, .low_bytes = 1024,
						   .swap_max_bytes = KTSTR_ZERO_BYTES },
				       .io = { .weight = 9 }, .pids = { .max = 11 }, .workers = 2,
				       .payload = &prog)), 0);
	assert_contains(fake.log, "create(a) [a cpuset.cpus 2-3] [a cpuset.mems 0-1] [a cpu.weight 7] "
				  "[a cpu.max 5000 10000] [a memory.max 4096] [a memory.high 2048] "
				  "[a memory.low 1024] [a memory.swap.max 0] [a io.weight 9] [a pids.max 11] "
				  "spawn(2) move(a,2) start(2) run(prog,a) ");
	assert_string_equal(fake.failures, "");
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

/* Claims 18, 19, 20, 23, 24. */
static void blocks_are_written_as_a_whole(void **state)
{
	const struct {
		struct ktstr_cgroup_def def;
		const char *writes;
	} rows[] = {
		{ { .name = "a" }, "create(a) spawn" },
		{ { .name = "a", .memory = { .max_bytes = 4096 } },
		  "create(a) [a memory.max 4096] [a memory.high max] [a memory.low 0] spawn" },
		{ { .name = "a", .memory = { .unlimited = true } },
		  "create(a) [a memory.max max] [a memory.high max] [a memory.low 0] spawn" },
		{ { .name = "a", .memory = { .swap_max_bytes = 8192 } },
		  "[a memory.low 0] [a memory.swap.max 8192] spawn" },
		{ { .name = "a", .cpu = { .weight = 50 } },
		  "create(a) [a cpu.weight 50] [a cpu.max max 100000] spawn" },
		{ { .name = "a", .cpu = KTSTR_CPU_QUOTA_PCT(150) }, "create(a) [a cpu.max 150000 100000] spawn" },
		{ { .name = "a", .cpu = { .unlimited = true, .weight = 3, .period_us = 20000 } },
		  "create(a) [a cpu.weight 3] [a cpu.max max 20000] spawn" },
		{ { .name = "a", .pids = { .unlimited = true } }, "create(a) [a pids.max max] spawn" },
		{ { .name = "a", .cpuset_mems = KTSTR_NODES(0) }, "create(a) [a cpuset.mems 0] spawn" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

		assert_int_equal(run(&ctx, rows[i].def), 0);
		assert_contains(fake.log, rows[i].writes);
		fake_ctx_free(&ctx);
	}
}

/* Claims 21, 22: before anything exists. */
static void limits_out_of_range_are_refused(void **state)
{
	const struct {
		struct ktstr_cgroup_def def;
		const char *says[3]; /* none: accepted */
	} rows[] = {
		{ { .name = "a", .cpu = { .weight = KTSTR_ZERO } }, { "'a'", "cpu.weight 0", "1..=10000" } },
		{ { .name = "a", .cpu = { .weight = 10001 } }, { "cpu.weight 10001", "1..=10000" } },
		{ { .name = "a", .cpu = { .weight = 1 } }, { 0 } },
		{ { .name = "a", .cpu = { .weight = 10000 } }, { 0 } },
		{ { .name = "a", .io = { .weight = KTSTR_ZERO } }, { "'a'", "io.weight 0", "1..=10000" } },
		{ { .name = "a", .io = { .weight = 10001 } }, { "io.weight 10001" } },
		{ { .name = "a", .io = { .weight = 10000 } }, { 0 } },
		{ { .name = "a", .cpu = { .period_us = KTSTR_ZERO } }, { "'a'", "period", "0" } },
		{ { .name = "a", .cpu = { .quota_us = KTSTR_ZERO } }, { "'a'", "quota", "unlimited" } },
		{ { .name = "a", .pids = { .max = KTSTR_ZERO } }, { "'a'", "pids.max", "unlimited" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");
		int err = run(&ctx, rows[i].def);

		assert_int_equal(err, rows[i].says[0] ? -ERANGE : 0);
		if (rows[i].says[0])
			assert_string_equal(fake.log, "");
		for (size_t j = 0; j < COUNT(rows[i].says) && rows[i].says[j]; j++)
			assert_contains(fake.failures, rows[i].says[j]);
		fake_ctx_free(&ctx);
	}
}

/* Claim 25: what a definition says is a default; a 0 of one's own is kept. */
static void definitions_fill_in_what_works_leave_out(void **state)
{
	const struct ktstr_cgroup_def def = {
		.name = "a",
		.nice = KTSTR_SOME(5),
		.comm = "def",
		.uid = KTSTR_SOME(1000),
		.works = KTSTR_WORKS({ .workers = 1 }, { .workers = 2, .nice = KTSTR_SOME(0), .comm = "own" }),
	};
	size_t count = 0;
	struct ktstr_work_spec *works = plan_merged_works(&def, &count);

	(void)state;
	assert_non_null(works);
	assert_int_equal(count, 2);
	assert_true(works[0].nice.given && works[0].nice.value == 5);
	assert_string_equal(works[0].comm, "def");
	assert_true(works[1].nice.given && works[1].nice.value == 0);
	assert_string_equal(works[1].comm, "own");
	assert_true(works[1].uid.given && works[1].uid.value == 1000);
	assert_false(works[0].gid.given);
	free(works);
}

/* Claims 26 and 28. Declarations have no order, so a definition's pcomm is a default, too. */
static void definitions_without_works_have_one_group(void **state)
{
	const struct {
		struct ktstr_cgroup_def def;
		size_t count;
		const char *pcomm[3];
	} rows[] = {
		{ { .name = "a" }, 1, { NULL } },
		{ { .name = "a", .pcomm = "host" }, 1, { "host" } },
		{ { .name = "a", .pcomm = "" }, 1, { NULL } },
		{ { .name = "a", .workers = 2, .works = KTSTR_WORKS({ .workers = 1 }) }, 2, { NULL, NULL } },
		{ { .name = "a", .pcomm = "host", .works = KTSTR_WORKS({ .workers = 1 }, { .pcomm = "own" }) },
		  2, { "host", "own" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t count = 0;
		struct ktstr_work_spec *works = plan_merged_works(&rows[i].def, &count);

		assert_non_null(works);
		assert_int_equal(count, rows[i].count);
		for (size_t j = 0; j < count; j++) {
			assert_int_equal(!works[j].pcomm, !rows[i].pcomm[j]);
			if (works[j].pcomm)
				assert_string_equal(works[j].pcomm, rows[i].pcomm[j]);
		}
		free(works);
	}
}

/* Claim 27: bytes, not letters. */
static void names_of_workers_are_what_the_kernel_keeps(void **state)
{
	static const struct {
		const char *comm, *says;
	} rows[] = {
		{ "123456789012345", NULL },
		{ "1234567890123456", "comm '1234567890123456' has 16 bytes" },
		{ "12345678901234\303\244", "has 16 bytes" },
		{ "", "comm is empty" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

		assert_int_equal(run(&ctx, KTSTR_CGROUP("a", .comm = rows[i].comm)),
				 rows[i].says ? -EINVAL : 0);
		if (rows[i].says)
			assert_contains(fake.failures, rows[i].says);
		fake_ctx_free(&ctx);
	}
}

/* Claims 29, 30. */
static void counts_that_contradict_are_named_by_place(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l4c1t");

	(void)state;
	assert_int_equal(run(&ctx, KTSTR_CGROUP("a", .cpuset = KTSTR_CPUS_RANGE(0, 0.1),
						.works = KTSTR_WORKS({ .workers_pct = 0.5 }, { .workers = 1 },
								     { .workers_pct = 2 }))), -EINVAL);
	assert_contains(fake.failures, "[works[0]=0.5, works[2]=2]");
	fake_ctx_free(&ctx);
	ctx = fake_ctx("1n1l4c1t");
	assert_int_equal(run(&ctx, KTSTR_CGROUP("a", .works = KTSTR_WORKS({ .workers = 3, .workers_pct = 0.5 }))),
			 -EINVAL);
	assert_contains(fake.failures, "BOTH workers(3) and workers_pct(0.5)");
	fake_ctx_free(&ctx);
}

/* Claim 34, 35. */
static void memory_policies_fit_the_cpuset(void **state)
{
	const struct {
		struct ktstr_mem_policy policy;
		bool cpuset; /* of node 0 */
		const char *says;
	} rows[] = {
		{ KTSTR_MEM_BIND(1), false, NULL },
		{ KTSTR_MEM_BIND(0), true, NULL },
		{ KTSTR_MEM_BIND(1), true, "'a': memory policy names nodes 1, its cpuset covers 0; add "
					   "KTSTR_MPOL_STATIC_NODES or widen" },
		{ KTSTR_MEM_POLICY(KTSTR_MEM_BIND, KTSTR_MPOL_STATIC_NODES, 1), true, NULL },
		{ KTSTR_MEM_POLICY(KTSTR_MEM_BIND, KTSTR_MPOL_STATIC_NODES, 7), true,
		  "names nodes 7, the machine has 0-1" },
		{ KTSTR_MEM_POLICY(KTSTR_MEM_BIND, KTSTR_MPOL_RELATIVE_NODES, 7), true, NULL },
		{ KTSTR_MEM_LOCAL(), true, NULL },
		{ { .kind = KTSTR_MEM_BIND }, false, "'a': memory policy 'bind': needs at least one NUMA node" },
		{ { .kind = KTSTR_MEM_INTERLEAVE }, true, "'interleave': needs at least one" },
		{ { .kind = KTSTR_MEM_PREFERRED_MANY }, true, "'preferred many': needs at least one" },
		{ { .kind = KTSTR_MEM_WEIGHTED_INTERLEAVE }, true, "'weighted interleave': needs at least one" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_ctx ctx = fake_ctx("2n2l2c1t");
		struct ktstr_cgroup_def def = { .name = "a", .mem_policy = rows[i].policy };

		if (rows[i].cpuset)
			def.cpuset = KTSTR_CPUS_NUMA(0);
		assert_int_equal(run(&ctx, def), rows[i].says ? -EINVAL : 0);
		if (rows[i].says)
			assert_contains(fake.failures, rows[i].says);
		fake_ctx_free(&ctx);
	}
}

static void memory_policy_flags_exclude_each_other(void **state)
{
	const struct {
		unsigned flags;
		const char *says;
	} rows[] = {
		{ KTSTR_MPOL_STATIC_NODES | KTSTR_MPOL_RELATIVE_NODES,
		  "KTSTR_MPOL_STATIC_NODES and KTSTR_MPOL_RELATIVE_NODES exclude each other" },
		{ 1 << 3, "flags 0x8 are none of KTSTR_MPOL_*, which are 0xe000" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_ctx ctx = fake_ctx("2n2l2c1t");

		assert_int_equal(run(&ctx, KTSTR_CGROUP("a", .cpuset = KTSTR_CPUS_NUMA(0),
							.mem_policy = KTSTR_MEM_POLICY(KTSTR_MEM_BIND,
										       rows[i].flags, 0))),
				 -EINVAL);
		assert_contains(fake.failures, rows[i].says);
		assert_contains(fake.failures, "'a'");
		fake_ctx_free(&ctx);
	}
}

/* Claim 36. */
static void only_swappable_cgroups_take_other_work(void **state)
{
	const struct ktstr_work pairs = KTSTR_WORK(pipe_io), spin = KTSTR_WORK(yield_heavy);
	const struct {
		const struct ktstr_work *over;
		bool swappable;
		unsigned workers;
		const struct ktstr_work_ops *ops;
	} rows[] = {
		{ &spin, false, 3, NULL },
		{ NULL, true, 3, NULL },
		{ &spin, true, 3, &ktstr_work_yield_heavy },
		{ &pairs, true, 4, &ktstr_work_pipe_io },
		{ &pairs, true, 3, NULL }, /* pairs do not divide three */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

		ctx.work_override = rows[i].over;
		assert_int_equal(run(&ctx, KTSTR_CGROUP("a", .swappable = rows[i].swappable,
							.workers = rows[i].workers)), 0);
		assert_ptr_equal(fake.config.work.ops, rows[i].ops);
		fake_ctx_free(&ctx);
	}
}

/* Claims 37, 39: processes first, then a process for each name in the order of first use. */
static void groups_of_one_pcomm_share_a_process(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	assert_int_equal(run(&ctx, KTSTR_CGROUP("a", .works = KTSTR_WORKS({ .workers = 1, .pcomm = "one" },
									  { .workers = 2, .pcomm = "two" },
									  { .workers = 3 },
									  { .workers = 4, .pcomm = "one" }))), 0);
	assert_contains(fake.log, "create(a) spawn(3) move(a,3) start(3) container(one,1+4) move(a,1) start(1) "
				  "container(two,2) move(a,1) start(1) ");
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

/* Claim 38. */
static void groups_of_one_process_agree_on_whose_it_is(void **state)
{
	const struct {
		struct ktstr_work_spec first, second;
		const char *says;
	} rows[] = {
		{ { .pcomm = "p", .uid = KTSTR_SOME(1000) }, { .pcomm = "p" },
		  "uid: the first has 1000, works[1] has unset" },
		{ { .pcomm = "p", .gid = KTSTR_SOME(1) }, { .pcomm = "p", .gid = KTSTR_SOME(2) },
		  "gid: the first has 1, works[1] has 2" },
		{ { .pcomm = "p", .uid = KTSTR_SOME(1) }, { .pcomm = "q" }, NULL },
		{ { .pcomm = "p", .uid = KTSTR_SOME(1) }, { .pcomm = "p", .uid = KTSTR_SOME(1) }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct ktstr_work_spec works[] = { rows[i].first, rows[i].second };
		struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

		assert_int_equal(run(&ctx, KTSTR_CGROUP("a", .works = { works, 2 })), rows[i].says ? -EINVAL : 0);
		if (rows[i].says)
			assert_contains(fake.failures, rows[i].says);
		fake_ctx_free(&ctx);
	}
}

static void affinities_reach_the_workers_resolved(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n2l2c1t");

	(void)state;
	assert_int_equal(run(&ctx, KTSTR_CGROUP("a", .cpuset = KTSTR_CPUS_LLC(1),
						.affinity = KTSTR_AFFINITY_SINGLE_CPU())), 0);
	assert_int_equal(fake.config.affinity.kind, KTSTR_AFFINITY_EXACT);
	fake_ctx_free(&ctx);
	ctx = fake_ctx("1n2l2c1t");
	assert_int_equal(run(&ctx, KTSTR_CGROUP("a", .affinity = KTSTR_AFFINITY_SMT_SIBLING_PAIR())), -EINVAL);
	assert_string_equal(fake.log, "");
	fake_ctx_free(&ctx);
}

static struct ktstr_defs defs_of_machine(struct ktstr_ctx *ctx)
{
	unsigned count = ktstr_machine_num_cpus(ktstr_ctx_machine(ctx));
	struct ktstr_cgroup_def *defs = ktstr_ctx_alloc(ctx, count * sizeof(*defs));

	assert_non_null(defs);
	for (unsigned i = 0; i < count; i++) {
		char *name = ktstr_ctx_alloc(ctx, 16);

		assert_non_null(name);
		snprintf(name, 16, "f%u", i);
		defs[i] = KTSTR_CGROUP(name);
	}
	return (struct ktstr_defs){ defs, count };
}

static void setup_may_be_made_up_for_the_machine(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l3c1t");

	(void)state;
	assert_int_equal(ktstr_execute_steps(&ctx, KTSTR_STEP(.setup_with = defs_of_machine, NO_HOLD)), 0);
	assert_contains(fake.log, "create(f0) spawn(1)");
	assert_contains(fake.log, "create(f2) spawn(1)");
	assert_nothing_left();
	assert_int_equal(ktstr_execute_steps(&ctx, KTSTR_STEP(.setup_with = defs_of_machine,
							      .setup = KTSTR_DEFS(KTSTR_CGROUP("x")), NO_HOLD)),
			 -EINVAL);
	assert_contains(fake.failures, "both setup and setup_with");
	ctx_release_memory(&ctx);
	fake_ctx_free(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_definition_is_made_in_one_order),
		cmocka_unit_test(blocks_are_written_as_a_whole),
		cmocka_unit_test(limits_out_of_range_are_refused),
		cmocka_unit_test(definitions_fill_in_what_works_leave_out),
		cmocka_unit_test(definitions_without_works_have_one_group),
		cmocka_unit_test(names_of_workers_are_what_the_kernel_keeps),
		cmocka_unit_test(counts_that_contradict_are_named_by_place),
		cmocka_unit_test(memory_policies_fit_the_cpuset),
		cmocka_unit_test(memory_policy_flags_exclude_each_other),
		cmocka_unit_test(only_swappable_cgroups_take_other_work),
		cmocka_unit_test(groups_of_one_pcomm_share_a_process),
		cmocka_unit_test(groups_of_one_process_agree_on_whose_it_is),
		cmocka_unit_test(affinities_reach_the_workers_resolved),
		cmocka_unit_test(setup_may_be_made_up_for_the_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
