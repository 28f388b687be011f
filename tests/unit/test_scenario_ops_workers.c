// SPDX-License-Identifier: GPL-2.0-only
/* Operations on workers: who joins, who moves, and with whom they go. */
#include "fake_scenario.h"

/* Claim 64: before a single fork. */
static void workers_are_spawned_only_where_somebody_answers_for_them(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	assert_int_equal(ktstr_execute_scenario(
				 &ctx, KTSTR_BACKDROP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("b"))),
				 KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("s"),
							     KTSTR_SPAWN("gone", .workers = 1)),
					    NO_HOLD)),
			 0);
	assert_contains(fake.failures,
			"op 1, Spawn: cgroup 'gone' is not tracked (step: s; backdrop: b)");
	assert_null(strstr(fake.log, "spawn("));
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

/* Claim 65. */
static void host_workers_touch_no_cgroup(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	assert_int_equal(ktstr_execute_steps(
				 &ctx, KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_SPAWN_HOST(.workers = 3)),
						  NO_HOLD)),
			 0);
	assert_string_equal(fake.log,
			    "setup(0) <scenario_start -1> <step_start 0> spawn(3) start(3) "
			    "<hold_start 0> <hold_end 0> stop(3) judge(<runner>,3,-,Step[0],77) "
			    "<step_end 0> <scenario_end -1> ");
	fake_ctx_free(&ctx);
}

/* Workers that a step puts into a cgroup of the backdrop go with the step. */
static void spawned_workers_belong_to_their_step(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n2l2c1t");

	(void)state;
	assert_int_equal(
		ktstr_execute_scenario(
			&ctx,
			KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(
					       KTSTR_CGROUP("b", .cpuset = KTSTR_CPUS_LLC(1)))),
			KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_SPAWN("b", .workers_pct = 1.0)), NO_HOLD),
			KTSTR_STEP(NO_HOLD)),
		0);
	assert_contains(fake.log, "<step_start 0> spawn(2) move(b,2) start(2) ");
	assert_contains(fake.log, "stop(2) judge(b,2,2-3,Step[0],77) <step_end 0> <step_start 1> ");
	assert_contains(fake.log, "stop(1) judge(b,1,2-3,,77) ");
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

/* Claim 66: the table of 9.6. */
static void moves_keep_workers_with_those_who_outlive_them(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	assert_int_equal(
		ktstr_execute_scenario(
			&ctx, KTSTR_BACKDROP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("b"))),
			KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP_DEF("s", .workers = 2),
						    KTSTR_MOVE_ALL_TASKS("s", "b"),
						    KTSTR_SPAWN_HOST(.workers = 3),
						    KTSTR_ADD_CGROUP("t"),
						    KTSTR_MOVE_ALL_TASKS("", "t"),
						    KTSTR_MOVE_ALL_TASKS("s", "t")),
				   NO_HOLD),
			KTSTR_STEP(NO_HOLD)),
		0);
	assert_string_equal(fake.failures, "");
	assert_contains(fake.log, "move(b,2) ");
	assert_contains(fake.log, "stop(3) judge(t,3,-,Step[0],77) ");
	/* Those that moved into the backdrop are judged at its end. */
	assert_contains(
		fake.log,
		"<scenario_end -1> [b cgroup.freeze 0] stop(2) judge(b,2,-,,77) remove(b) ");
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

static void a_move_out_of_the_backdrop_is_refused(void **state)
{
	static const char *const targets[] = { "s", "nobody" };

	(void)state;
	for (size_t i = 0; i < COUNT(targets); i++) {
		struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

		assert_int_equal(
			ktstr_execute_scenario(
				&ctx, KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("b"))),
				KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("s"),
							    KTSTR_MOVE_ALL_TASKS("b", targets[i])),
					   NO_HOLD)),
			0);
		assert_contains(fake.failures,
				"MoveAllTasks: from 'b', which belongs to the backdrop");
		assert_contains(fake.failures, targets[i]);
		assert_nothing_left();
		fake_ctx_free(&ctx);
	}
}

/* Claim 67: they are still found under their old name. */
static void a_move_that_fails_leaves_the_workers_where_they_are_filed(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	fake.fail_at =
		8; /* setup; create, spawn, move; create; clear_subtree_control, procs, move */
	assert_int_equal(ktstr_execute_steps(
				 &ctx, KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP_DEF("a"),
								   KTSTR_ADD_CGROUP("c"),
								   KTSTR_MOVE_ALL_TASKS("a", "c")),
						  NO_HOLD)),
			 0);
	assert_contains(fake.failures, "MoveAllTasks: from 'a' to 'c': fake move_tasks");
	assert_contains(fake.log, "judge(a,1,-,Step[0],77)");
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

/* Claim 44: SINGLE_CPU, and nothing for a cgroup without workers. */
static void affinities_are_set_for_every_worker(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n2l2c1t");

	(void)state;
	assert_int_equal(
		ktstr_execute_steps(
			&ctx,
			KTSTR_STEP(.ops = KTSTR_OPS(
					   KTSTR_ADD_CGROUP_DEF("a", .cpuset = KTSTR_CPUS_LLC(1),
								.workers = 2),
					   KTSTR_SET_AFFINITY("a", KTSTR_AFFINITY_SINGLE_CPU()),
					   KTSTR_SET_AFFINITY("nobody",
							      KTSTR_AFFINITY_CROSS_CGROUP())),
				   NO_HOLD)),
		0);
	assert_contains(fake.log, "start(2) affinity(0,2) affinity(1,2) <hold_start 0>");
	assert_string_equal(fake.failures, "");
	fake_ctx_free(&ctx);
}

/* 9.6: in the backdrop's own operations nothing can go away before the workers. */
static void a_backdrop_moves_its_workers_where_it_wants(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	assert_int_equal(ktstr_execute_scenario(
				 &ctx,
				 KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP("b")),
						.ops = KTSTR_OPS(KTSTR_MOVE_ALL_TASKS("b", "nobodys"))),
				 KTSTR_STEP(NO_HOLD)),
			 0);
	assert_string_equal(fake.failures, "");
	assert_contains(fake.notes, "MoveAllTasks: cgroup 'nobodys' is not tracked (step: none; backdrop: b)");
	assert_contains(fake.log, "move(nobodys,1) ");
	assert_contains(fake.log, "judge(nobodys,1,-,,77)");
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(workers_are_spawned_only_where_somebody_answers_for_them),
		cmocka_unit_test(host_workers_touch_no_cgroup),
		cmocka_unit_test(spawned_workers_belong_to_their_step),
		cmocka_unit_test(moves_keep_workers_with_those_who_outlive_them),
		cmocka_unit_test(a_move_out_of_the_backdrop_is_refused),
		cmocka_unit_test(a_move_that_fails_leaves_the_workers_where_they_are_filed),
		cmocka_unit_test(affinities_are_set_for_every_worker),
		cmocka_unit_test(a_backdrop_moves_its_workers_where_it_wants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
