// SPDX-License-Identifier: GPL-2.0-only
/* Operations: what each does, what it refuses, and to whom belongs what it makes. */
#include "fake_scenario.h"
#include "scenario/captures.h"
#include "scenario/op.h"
#include "scenario/stimulus.h"

#define NO_HOLD .hold = KTSTR_HOLD_MS(0)

static const struct ktstr_payload prog = { .name = "prog" };
static const struct ktstr_payload picky = { .name = "picky", .known_flags = KTSTR_FLAGS("--time") };

/* Claim 59, as far as there are operations. */
static void op_bits_and_names_are_the_tables(void **state)
{
#define X(kind, name, bit) { &ktstr_op_##kind, name, bit },
	static const struct {
		const struct ktstr_op_ops *ops;
		const char *name;
		unsigned bit;
	} rows[] = { KTSTR_OP_KINDS(X) };
#undef X
	uint32_t seen = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(rows[i].ops->name, rows[i].name);
		assert_int_equal(rows[i].ops->bit, rows[i].bit);
		assert_int_equal(seen & (1u << rows[i].bit), 0);
		seen |= 1u << rows[i].bit;
		assert_non_null(rows[i].ops->apply);
	}
	/* 15 to 25 and 27 belong to operations that need the host or the scheduler's life. */
	assert_int_equal(seen, 0x04007fff);
}

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

/* Claim 61. */
static void a_removed_cgroups_name_is_free_again(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	assert_int_equal(
		ktstr_execute_steps(
			&ctx,
			KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("a"), KTSTR_REMOVE_CGROUP("a"),
						    KTSTR_ADD_CGROUP("a"),
						    KTSTR_ADD_CGROUP_DEF("w", .workers = 2),
						    KTSTR_STOP_CGROUP("w"),
						    KTSTR_STOP_CGROUP("nobody")),
				   NO_HOLD)),
		0);
	assert_contains(
		fake.log,
		"create(a) remove(a) create(a) create(w) spawn(2) move(w,2) start(2) kill(2) ");
	assert_string_equal(fake.failures, "");
	assert_null(strstr(fake.log, "judge(w")); /* its reports are lost */
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

/* Claim 61 and C-1: never an error, always a note. */
static void removals_that_are_unusual_are_notes(void **state)
{
	static const struct {
		const char *cgroup;
		int error;
		const char *note;
	} rows[] = {
		{ "nobody", 0,
		  "RemoveCgroup: cgroup 'nobody' is not tracked (step: none; backdrop: b0)" },
		{ "b0", 0, "RemoveCgroup: cgroup 'b0' belongs to the backdrop" },
		{ "b0", -EBUSY, "RemoveCgroup: remove cgroup 'b0': fake; tasks still live in it" },
		{ "b0", -EACCES, "not delegated" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

		fake.remove_error = rows[i].error;
		assert_int_equal(
			ktstr_execute_scenario(
				&ctx, KTSTR_BACKDROP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("b0"))),
				KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_REMOVE_CGROUP(rows[i].cgroup)),
					   NO_HOLD)),
			0);
		assert_contains(fake.notes, rows[i].note);
		assert_string_equal(fake.failures, "");
		fake_ctx_free(&ctx);
	}
}

/* Claims 62, 29 to 31 at their operations: refused before anything exists, with a place and a name.
 */
static void operations_that_cannot_work_create_nothing(void **state)
{
	const struct {
		struct ktstr_op op;
		const char *says[3];
	} rows[] = {
		{ KTSTR_ADD_CGROUP("../x"), { "op 0, AddCgroup: ", "'..'" } },
		{ KTSTR_ADD_CGROUP_DEF("d", .workers = KTSTR_WORKERS_NONE),
		  { "AddCgroupDef", "num_workers=0" } },
		{ KTSTR_SET_CPUSET("c", KTSTR_CPUS_RANGE(0, 0.1)),
		  { "SetCpuset: cgroup 'c': cpuset KTSTR_CPUS_RANGE(0, 0.1) has 0 cpus",
		    "KTSTR_CLEAR_CPUSET" } },
		{ KTSTR_SET_CPUSET("c", KTSTR_CPUS_LLC(7)), { "SetCpuset", "LLC 7" } },
		{ KTSTR_SET_CPUSET("c", (struct ktstr_cpuset){ 0 }),
		  { "SetCpuset", "KTSTR_CLEAR_CPUSET" } },
		{ KTSTR_CLEAR_CPUSET(""), { "ClearCpuset" } },
		{ KTSTR_SWAP_CPUSETS("a", "/b"), { "SwapCpusets", "'/b'" } },
		{ KTSTR_SPAWN("", .workers = 1),
		  { "Spawn", "no cgroup is named", "KTSTR_SPAWN_HOST" } },
		{ KTSTR_SPAWN_HOST(.workers_pct = 0.5),
		  { "<runner>", "workers_pct(0.5)", "no cpuset" } },
		{ KTSTR_SPAWN_HOST(.workers = KTSTR_WORKERS_NONE),
		  { "<runner>", "num_workers=0" } },
		{ KTSTR_SPAWN("c", .pcomm = "host"),
		  { "Spawn", "pcomm 'host' is not supported here" } },
		{ KTSTR_SPAWN_HOST(.pcomm = "host"), { "Spawn", "pcomm 'host'" } },
		{ KTSTR_MOVE_ALL_TASKS("a", "a"), { "MoveAllTasks", "from 'a' to 'a'" } },
		{ KTSTR_MOVE_ALL_TASKS("", ""), { "MoveAllTasks" } },
		{ KTSTR_RUN_PAYLOAD(&picky, .args = KTSTR_ARGS("--typo=1")),
		  { "RunPayload", "'picky'", "--typo" } },
		{ KTSTR_RUN_PAYLOAD(NULL), { "RunPayload", "no payload" } },
		{ KTSTR_WAIT_PAYLOAD(""), { "WaitPayload", "no payload" } },
		{ KTSTR_CAPTURE_CGROUP_PROCS("", "c"),
		  { "CaptureCgroupProcs", "the tag is empty" } },
		{ KTSTR_CAPTURE_CGROUP_PROCS("t", ""),
		  { "CaptureCgroupProcs", "tag 't': no cgroup" } },
		{ { 0 }, { "op 0, unknown", "without a kind" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_ctx ctx = fake_ctx("1n1l4c1t");

		assert_true(ktstr_execute_steps(&ctx, KTSTR_STEP(NO_HOLD),
						KTSTR_STEP(.ops = { &rows[i].op, 1 }, NO_HOLD)) <
			    0);
		assert_string_equal(fake.log, "");
		assert_contains(fake.failures, "step 1: op 0, ");
		for (size_t j = 0; j < COUNT(rows[i].says) && rows[i].says[j]; j++)
			assert_contains(fake.failures, rows[i].says[j]);
		fake_ctx_free(&ctx);
	}
}

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

/* What a cpuset is known to be follows the operations: isolation is judged by the last. */
static void recorded_cpusets_follow_the_operations(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n2l2c1t");

	(void)state;
	assert_int_equal(
		ktstr_execute_steps(
			&ctx,
			KTSTR_STEP(.ops = KTSTR_OPS(
					   KTSTR_ADD_CGROUP_DEF("a", .cpuset = KTSTR_CPUS_LLC(0)),
					   KTSTR_ADD_CGROUP_DEF("c", .cpuset = KTSTR_CPUS_LLC(0)),
					   KTSTR_SET_CPUSET("a", KTSTR_CPUS_LLC(1)),
					   KTSTR_CLEAR_CPUSET("c")),
				   NO_HOLD)),
		0);
	assert_contains(fake.log, "judge(a,1,2-3,Step[0],77)");
	assert_contains(fake.log, "judge(c,1,-,Step[0],77)");
	fake_ctx_free(&ctx);
}

/* Claim 63: the recorder reads back what was written. */
static void swapping_copies_what_only_one_has(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n2l2c1t");

	(void)state;
	assert_int_equal(
		ktstr_execute_steps(&ctx, KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("a"),
								      KTSTR_ADD_CGROUP("c"),
								      KTSTR_SWAP_CPUSETS("a", "c")),
						     NO_HOLD)),
		0);
	assert_contains(fake.log, "[a cpuset.cpus ?] [c cpuset.cpus ?] <hold_start 0>");
	fake_ctx_free(&ctx);
	ctx = fake_ctx("1n2l2c1t");
	assert_int_equal(
		ktstr_execute_steps(
			&ctx,
			KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("a"), KTSTR_ADD_CGROUP("c"),
						    KTSTR_SET_CPUSET("a", KTSTR_CPUS_LLC(1)),
						    KTSTR_SWAP_CPUSETS("a", "c")),
				   NO_HOLD)),
		0);
	assert_contains(fake.log, "[a cpuset.cpus 2-3] [a cpuset.cpus ?] [c cpuset.cpus ?] "
				  "[c cpuset.cpus 2-3] <hold_start 0>");
	fake_ctx_free(&ctx);
}

/* Claim 75. */
static void freezing_says_which_cgroup_is_missing(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	fake.fail_at = 2; /* setup; the write */
	assert_int_equal(
		ktstr_execute_steps(&ctx, KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_FREEZE_CGROUP("gone")),
						     NO_HOLD)),
		0);
	assert_contains(fake.failures, "op 0, FreezeCgroup: ");
	assert_contains(fake.failures, "gone");
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

/* Claims 41, 68, 70. */
static void payloads_are_found_by_name_and_cgroup(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");
	const struct {
		struct ktstr_op op;
		const char *says; /* NULL: it is done */
	} rows[] = {
		{ KTSTR_WAIT_PAYLOAD("prog"),
		  "WaitPayload: payload 'prog' runs 2 times, in cgroups 'a', (no cgroup); say "
		  "which with "
		  "KTSTR_WAIT_PAYLOAD_IN_CGROUP (wait_payload_in_cgroup)" },
		{ KTSTR_KILL_PAYLOAD("prog"),
		  "KTSTR_KILL_PAYLOAD_IN_CGROUP (kill_payload_in_cgroup)" },
		{ KTSTR_KILL_PAYLOAD("other"),
		  "payload 'other' does not run; start it before killing it" },
		{ KTSTR_WAIT_PAYLOAD_IN_CGROUP("prog", "c"),
		  "payload 'prog' in cgroup 'c' does not run; start it before waiting for it" },
		{ KTSTR_RUN_PAYLOAD(&prog),
		  "payload 'prog' already runs in cgroup (no cgroup), started by "
		  "RunPayload" },
		{ KTSTR_RUN_PAYLOAD(&prog, .cgroup = "a"),
		  "already runs in cgroup 'a', started by CgroupDef.payload" },
		{ KTSTR_RUN_PAYLOAD(&prog, .cgroup = "c"), NULL },
		{ KTSTR_WAIT_PAYLOAD_IN_CGROUP("prog", "a"), NULL },
		{ KTSTR_KILL_PAYLOAD_IN_CGROUP("prog", ""), NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		fake_ctx_free(&ctx);
		ctx = fake_ctx("1n1l2c1t");
		assert_int_equal(ktstr_execute_scenario(
					 &ctx,
					 KTSTR_BACKDROP(.cgroups = KTSTR_DEFS(KTSTR_CGROUP(
								"a", .payload = &prog)),
							.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("c"),
									 KTSTR_RUN_PAYLOAD(&prog))),
					 KTSTR_STEP(.ops = { &rows[i].op, 1 }, NO_HOLD)),
				 0);
		if (rows[i].says)
			assert_contains(fake.failures, rows[i].says);
		else
			assert_string_equal(fake.failures, "");
		assert_nothing_left();
	}
	assert_contains(fake.log, "start(1) run(prog,a) ");
	fake_ctx_free(&ctx);
}

/* 8.5, 8.7, 9.3: where payloads end without being asked for, and in which order. */
static void payloads_end_with_what_they_run_in(void **state)
{
	static const struct ktstr_payload first = { .name = "first" }, second = { .name = "second" };
	const struct {
		struct ktstr_op op;
		const char *log;
	} rows[] = {
		/* The last started first, before the cgroups go. */
		{ KTSTR_FREEZE_CGROUP("a"), "<hold_end 0> [a cgroup.freeze 0] slay(second) slay(first) remove(a)" },
		{ KTSTR_STOP_CGROUP("a"), "slay(second) slay(first) <hold_start 0>" },
		{ KTSTR_REMOVE_CGROUP("a"), "slay(second) slay(first) remove(a) <hold_start 0>" },
		/* An operation that fails ends those of the step, then the backdrop's, before all else. */
		{ KTSTR_ADD_CGROUP("a"), "slay(second) slay(first) slay(prog) [a cgroup.freeze 0]" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct ktstr_op ops[] = { KTSTR_ADD_CGROUP("a"),
						KTSTR_RUN_PAYLOAD(&first, .cgroup = "a"),
						KTSTR_RUN_PAYLOAD(&second, .cgroup = "a"), rows[i].op };
		struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

		assert_int_equal(ktstr_execute_scenario(&ctx,
							KTSTR_BACKDROP(.payloads = KTSTR_PAYLOADS(&prog)),
							KTSTR_STEP(.ops = { ops, COUNT(ops) }, NO_HOLD)),
				 0);
		assert_contains(fake.log, rows[i].log);
		assert_nothing_left();
		fake_ctx_free(&ctx);
	}
}

/* 9.3: a name that is free again has no cpuset either. */
static void a_removed_cgroup_takes_its_cpuset_along(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n2l2c1t");

	(void)state;
	assert_int_equal(
		ktstr_execute_steps(
			&ctx,
			KTSTR_STEP(.ops = KTSTR_OPS(
					   KTSTR_ADD_CGROUP_DEF("a", .cpuset = KTSTR_CPUS_LLC(1)),
					   KTSTR_REMOVE_CGROUP("a"), KTSTR_ADD_CGROUP("a"),
					   KTSTR_SPAWN("a", .workers_pct = 1.0)),
				   NO_HOLD)),
		0);
	assert_contains(fake.log, "spawn(3) move(a,3) "); /* the usable CPUs, not the LLC's two */
	assert_contains(fake.log, "judge(a,3,-,Step[0],77)");
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

/* Claim 70: the handle is gone with the first wait. */
static void a_payload_is_waited_for_once(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	assert_int_equal(
		ktstr_execute_steps(&ctx, KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_RUN_PAYLOAD(&prog),
								      KTSTR_WAIT_PAYLOAD("prog"),
								      KTSTR_KILL_PAYLOAD("prog")),
						     NO_HOLD)),
		0);
	assert_contains(fake.log, "run(prog,-) await(prog) ");
	assert_contains(fake.failures, "op 2, KillPayload: payload 'prog' does not run");
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

/* Claim 69: flags. */
static void known_flags_pass(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	assert_int_equal(
		ktstr_execute_steps(
			&ctx,
			KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_RUN_PAYLOAD(
					   &picky, .args = KTSTR_ARGS("--time=3", "-t", "file"))),
				   NO_HOLD)),
		0);
	assert_string_equal(fake.failures, "");
	fake_ctx_free(&ctx);
}

/* Claim 72. */
static void captures_need_somebody_who_keeps_them(void **state)
{
	struct captures captures = { 0 };
	const pid_t *pids = NULL;
	size_t count = 9;

	(void)state;
	for (unsigned kept = 0; kept < 2; kept++) {
		struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

		ctx.captures = kept ? &captures : NULL;
		assert_int_equal(
			ktstr_execute_steps(
				&ctx,
				KTSTR_STEP(.ops = KTSTR_OPS(KTSTR_ADD_CGROUP("c"),
							    KTSTR_CAPTURE_CGROUP_PROCS("t", "c")),
					   NO_HOLD)),
			0);
		if (kept) {
			assert_string_equal(fake.failures, "");
			assert_true(ktstr_ctx_captured_procs(&ctx, "t", &pids, &count));
			assert_false(ktstr_ctx_captured_procs(&ctx, "u", &pids, &count));
		} else {
			assert_contains(fake.failures, "CaptureCgroupProcs: tag 't': nobody keeps");
			assert_null(strstr(fake.log, "procs("));
		}
		fake_ctx_free(&ctx);
	}
	captures_release(&captures);
}

static void captures_add_appends_and_finds_the_first(void **state)
{
	const pid_t first[] = { 1, 2 }, second[] = { 3 };
	struct captures captures = { 0 };

	(void)state;
	assert_int_equal(captures_add(&captures, "t", "c", first, 2, NULL), 0);
	assert_int_equal(captures_add(&captures, "t", "c", second, 1, NULL), 0);
	assert_int_equal(captures_add(&captures, "none", "c", NULL, 0, NULL), 0);
	assert_int_equal(captures.count, 3);
	assert_int_equal(captures_find(&captures, "t")->count, 2);
	assert_int_equal(captures_find(&captures, "t")->pids[1], 2);
	assert_int_equal(captures_find(&captures, "none")->count, 0);
	assert_null(captures_find(&captures, "x"));
	captures_release(&captures);
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
		cmocka_unit_test(op_bits_and_names_are_the_tables),
		cmocka_unit_test(ops_come_before_the_setup_of_a_step),
		cmocka_unit_test(a_looping_step_repeats_its_operations),
		cmocka_unit_test(a_loop_that_finds_no_time_left_applies_nothing),
		cmocka_unit_test(a_backdrop_outlives_the_steps),
		cmocka_unit_test(workers_of_the_backdrop_see_phases),
		cmocka_unit_test(a_backdrop_that_fails_runs_no_step),
		cmocka_unit_test(an_operation_that_fails_ends_the_scenario),
		cmocka_unit_test(a_removed_cgroups_name_is_free_again),
		cmocka_unit_test(removals_that_are_unusual_are_notes),
		cmocka_unit_test(operations_that_cannot_work_create_nothing),
		cmocka_unit_test(workers_are_spawned_only_where_somebody_answers_for_them),
		cmocka_unit_test(host_workers_touch_no_cgroup),
		cmocka_unit_test(spawned_workers_belong_to_their_step),
		cmocka_unit_test(moves_keep_workers_with_those_who_outlive_them),
		cmocka_unit_test(a_move_out_of_the_backdrop_is_refused),
		cmocka_unit_test(a_move_that_fails_leaves_the_workers_where_they_are_filed),
		cmocka_unit_test(recorded_cpusets_follow_the_operations),
		cmocka_unit_test(swapping_copies_what_only_one_has),
		cmocka_unit_test(freezing_says_which_cgroup_is_missing),
		cmocka_unit_test(affinities_are_set_for_every_worker),
		cmocka_unit_test(payloads_are_found_by_name_and_cgroup),
		cmocka_unit_test(payloads_end_with_what_they_run_in),
		cmocka_unit_test(a_removed_cgroup_takes_its_cpuset_along),
		cmocka_unit_test(a_backdrop_moves_its_workers_where_it_wants),
		cmocka_unit_test(a_payload_is_waited_for_once),
		cmocka_unit_test(known_flags_pass),
		cmocka_unit_test(captures_need_somebody_who_keeps_them),
		cmocka_unit_test(captures_add_appends_and_finds_the_first),
		cmocka_unit_test(a_stimulus_says_what_the_step_did),
		cmocka_unit_test(controllers_are_the_smallest_union),
		cmocka_unit_test(whatever_fails_nothing_is_left_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
