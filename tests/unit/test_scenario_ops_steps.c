// SPDX-License-Identifier: GPL-2.0-only
/* When operations run: in steps, in loops and in the backdrop, and what a failure of one ends. */
#include "fake_scenario.h"
#include "scenario/captures.h"
#include "scenario/stimulus.h"

static const struct ktstr_payload prog = { .name = "prog" };
static const struct ktstr_payload picky = { .name = "picky", .known_flags = KTSTR_FLAGS("--time") };

/* Claim 48. */
static void ops_come_before_the_setup_of_a_step(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	assert_int_equal(ktstr_execute_steps(&ctx,
					     KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("by_op")),
							.setup = KTSTR_DEFS(KTSTR_CGROUP("by_def")),
							NO_HOLD)),
			 0);
	assert_contains(fake.log, "<step_start 0> create(by_op) create(by_def) spawn(1)");
	assert_contains(fake.log, "remove(by_def) remove(by_op) ");
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

/* Claim 48: setup once, operations over and over until the duration is used up. */
static void a_looping_step_repeats_its_operations(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");
	unsigned rounds = 0;

	(void)state;
	ctx.duration_ms = 500;
	assert_int_equal(ktstr_execute_steps(&ctx,
					     KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("a")),
							.ops = KTSTR_OPS(KTSTR_FREEZE_CGROUP("a")),
							.hold = KTSTR_HOLD_LOOP_MS(50))),
			 0);
	for (const char *at = fake.log; (at = strstr(at, "[a cgroup.freeze 1]")); at++)
		rounds++;
	/* Ten beats; a loaded machine may miss some. */
	assert_in_range(rounds, 2, 11);
	assert_contains(fake.log, "start(1) [a cgroup.freeze 1] ");
	assert_null(strstr(strstr(fake.log, "create(a)") + 1, "create(a)"));
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

static void a_loop_that_finds_no_time_left_applies_nothing(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	ctx.duration_ms = 0;
	assert_int_equal(ktstr_execute_steps(&ctx,
					     KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("a")),
							.ops = KTSTR_OPS(KTSTR_FREEZE_CGROUP("a")),
							.hold = KTSTR_HOLD_LOOP_MS(4))),
			 0);
	assert_contains(fake.log, "create(a)");
	assert_null(strstr(fake.log, "[a cgroup.freeze 1]"));
	fake_ctx_free(&ctx);
}

/* Claims 50, 51. */
static void a_backdrop_outlives_the_steps(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	assert_int_equal(
		ktstr_execute_scenario(
			&ctx,
			KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("b0"),
							     KTSTR_CGROUP("b1")),
				       .ops = KTSTR_OPS(KTSTR_ADD_CGROUP("b2")),
				       .payloads = KTSTR_PAYLOADS(&prog)),
			KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("s0"), KTSTR_CGROUP("s1")),
				   NO_HOLD),
			KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("s2")), NO_HOLD)),
		0);
	assert_contains(fake.log, "create(b2) run(prog,-) <step_start 0> create(s0)");
	assert_contains(fake.log, "remove(s1) remove(s0) <step_end 0> <step_start 1> create(s2)");
	assert_contains(fake.log, "remove(s2) <step_end 1> <scenario_end -1> [b0 cgroup.freeze 0] "
				  "[b1 cgroup.freeze 0] [b2 cgroup.freeze 0] slay(prog) stop(1) "
				  "judge(b0,1,-,,77) stop(1) judge(b1,1,-,,77) "
				  "remove(b2) remove(b1) remove(b0) ");
	assert_string_equal(fake.failures, "");
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

/* One slice before the steps, two for each of them; what a step makes sees no phases. */
static void workers_of_the_backdrop_see_phases(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	assert_int_equal(ktstr_execute_scenario(
				 &ctx, KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("b"))),
				 KTSTR_STEP(NO_HOLD), KTSTR_STEP(NO_HOLD), KTSTR_STEP(NO_HOLD)),
			 0);
	assert_int_equal(fake.config.max_phases, 7);
	assert_int_equal(fake.phases, 6);
	assert_int_equal(ktstr_execute_steps(
				 &ctx, KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("s")), NO_HOLD)),
			 0);
	assert_int_equal(fake.config.max_phases, 0);
	fake_ctx_free(&ctx);
}

/* Claim 53. */
static void a_backdrop_that_fails_runs_no_step(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	fake.fail_at = 6; /* setup; create, spawn, move; create, spawn */
	assert_int_equal(
		ktstr_execute_scenario(&ctx,
				       KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("b0"),
									    KTSTR_CGROUP("b1"))),
				       KTSTR_STEP(NO_HOLD)),
		0);
	assert_string_equal(fake.failures,
			    "|fail Other|Backdrop setup failed: cgroup 'b1': fake spawn of "
			    "'workers' fails\n");
	assert_null(strstr(fake.log, "step_start"));
	assert_contains(fake.log, "judge(b0,1");
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

/* Claim 52. */
static void an_operation_that_fails_ends_the_scenario(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	assert_int_equal(
		ktstr_execute_steps(
			&ctx, KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("a")), NO_HOLD),
			KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("x"), KTSTR_ADD_CGROUP("x"),
						    KTSTR_ADD_CGROUP("y")),
				   NO_HOLD),
			KTSTR_STEP(NO_HOLD)),
		0);
	assert_contains(fake.failures,
			"Step[1]|fail Other|step 1 failed: op 1, AddCgroup: cgroup 'x' "
			"is already tracked by the step; declare it once or use a fresh name");
	assert_contains(fake.log, "judge(a,1,-,Step[0],77)");
	assert_null(strstr(fake.log, "create(y)"));
	assert_null(strstr(fake.log, "<step_start 2>"));
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

static struct stimulus last_stimulus;

static unsigned stimuli, step_seen;

static void keep_stimulus(void *data, const struct stimulus *stimulus)
{
	const struct ktstr_ctx *ctx = data;

	last_stimulus = *stimulus;
	stimuli++;
	step_seen = ktstr_ctx_current_step(ctx);
}

/* Claims 55, 58. */
static void a_stimulus_says_what_the_step_did(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	stimuli = 0;
	ctx.bridge.stimulus = keep_stimulus;
	ctx.bridge.scheduler_down = NULL;
	ctx.bridge.event = NULL;
	ctx.bridge.data = &ctx;
	assert_int_equal(
		ktstr_execute_scenario(
			&ctx,
			KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("b", .workers = 2))),
			KTSTR_STEP(NO_HOLD),
			KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("a"), KTSTR_FREEZE_CGROUP("a"),
						    KTSTR_SPAWN("a", .workers = 3)),
				   .setup = KTSTR_DEFS(KTSTR_CGROUP("n/x")), NO_HOLD),
			KTSTR_STEP(.hold = KTSTR_HOLD_LOOP_MS(1))),
		0);
	assert_int_equal(stimuli, 2); /* none for a loop */
	assert_int_equal(step_seen, 2);
	assert_int_equal(last_stimulus.step_index, 2);
	assert_int_equal(last_stimulus.op_count, 3);
	assert_int_equal(last_stimulus.op_kinds, 1u << 0 | 1u << 13 | 1u << 6);
	assert_int_equal(last_stimulus.cgroup_count, 3);
	assert_int_equal(last_stimulus.worker_count, 3);
	assert_int_equal(last_stimulus.total_iterations, 6 * 10);
	assert_int_equal(ktstr_ctx_current_step(&ctx), 0);
	fake_ctx_free(&ctx);
}

/* Claim 56. */
static void controllers_are_the_smallest_union(void **state)
{
	const struct {
		struct ktstr_op op;
		unsigned controllers;
	} rows[] = {
		{ KTSTR_ADD_CGROUP("a"), 0 },
		{ KTSTR_ADD_CGROUP_DEF("a", .memory = { .max_bytes = 1 }),
		  KTSTR_CONTROLLER_MEMORY },
		{ KTSTR_ADD_CGROUP_DEF("a", .cpuset_mems = KTSTR_NODES(0)),
		  KTSTR_CONTROLLER_CPUSET },
		{ KTSTR_ADD_CGROUP_DEF("a", .cpu = { .weight = 5 }, .io = { .weight = 5 },
				       .pids = { .max = 5 }),
		  KTSTR_CONTROLLER_CPU | KTSTR_CONTROLLER_IO | KTSTR_CONTROLLER_PIDS },
		{ KTSTR_SET_CPUSET("a", KTSTR_CPUS_LLC(0)), KTSTR_CONTROLLER_CPUSET },
		{ KTSTR_CLEAR_CPUSET("a"), KTSTR_CONTROLLER_CPUSET },
		{ KTSTR_SWAP_CPUSETS("a", "b"), KTSTR_CONTROLLER_CPUSET },
		{ KTSTR_SET_AFFINITY("a", KTSTR_AFFINITY_SINGLE_CPU()), KTSTR_CONTROLLER_CPUSET },
		{ KTSTR_MOVE_ALL_TASKS("a", "b"), 0 },
		{ KTSTR_FREEZE_CGROUP("a"), 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(ops_controllers(&(struct ktstr_ops){ &rows[i].op, 1 }),
				 rows[i].controllers);
}

/* Let the first, second, third ... call fail until none does. */
static void whatever_fails_nothing_is_left_behind(void **state)
{
	unsigned fail_at = 0;

	(void)state;
	do {
		struct ktstr_ctx ctx = fake_ctx("1n2l2c1t");
		struct captures captures = { 0 };
		int err;

		ctx.captures = &captures;
		fake.fail_at = ++fail_at;
		err = ktstr_execute_scenario(
			&ctx,
			KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP(
					       "b", .cpuset = KTSTR_CPUS_LLC(0), .payload = &prog)),
				       .ops = KTSTR_OPS(KTSTR_ADD_CGROUP("mobile"))),
			KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("a"),
						    KTSTR_SPAWN("a", .workers = 2),
						    KTSTR_MOVE_ALL_TASKS("a", "mobile"),
						    KTSTR_SWAP_CPUSETS("a", "b"),
						    KTSTR_SET_AFFINITY("mobile",
								       KTSTR_AFFINITY_SINGLE_CPU()),
						    KTSTR_CAPTURE_CGROUP_PROCS("t", "mobile"),
						    KTSTR_RUN_PAYLOAD(&picky, .cgroup = "a"),
						    KTSTR_FREEZE_CGROUP("mobile")),
				   .setup = KTSTR_DEFS(
					   KTSTR_CGROUP("d", .cpu = KTSTR_CPU_QUOTA_PCT(50))),
				   NO_HOLD),
			KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_REMOVE_CGROUP("mobile"),
						    KTSTR_KILL_PAYLOAD("prog")),
				   NO_HOLD));
		assert_nothing_left();
		if (fake.calls < fail_at)
			assert_true(!err && !*fake.failures);
		captures_release(&captures);
		fake_ctx_free(&ctx);
	} while (fake.calls >= fail_at);
	assert_true(fail_at > 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ops_come_before_the_setup_of_a_step),
		cmocka_unit_test(a_looping_step_repeats_its_operations),
		cmocka_unit_test(a_loop_that_finds_no_time_left_applies_nothing),
		cmocka_unit_test(a_backdrop_outlives_the_steps),
		cmocka_unit_test(workers_of_the_backdrop_see_phases),
		cmocka_unit_test(a_backdrop_that_fails_runs_no_step),
		cmocka_unit_test(an_operation_that_fails_ends_the_scenario),
		cmocka_unit_test(a_stimulus_says_what_the_step_did),
		cmocka_unit_test(controllers_are_the_smallest_union),
		cmocka_unit_test(whatever_fails_nothing_is_left_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
