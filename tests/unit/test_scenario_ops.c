// SPDX-License-Identifier: GPL-2.0-only
/* Operations: what each does to cgroups, what it refuses, and to whom belongs what it makes. */
#include "fake_scenario.h"
#include "scenario/captures.h"
#include "scenario/op.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(op_bits_and_names_are_the_tables),
		cmocka_unit_test(a_removed_cgroups_name_is_free_again),
		cmocka_unit_test(removals_that_are_unusual_are_notes),
		cmocka_unit_test(operations_that_cannot_work_create_nothing),
		cmocka_unit_test(recorded_cpusets_follow_the_operations),
		cmocka_unit_test(swapping_copies_what_only_one_has),
		cmocka_unit_test(freezing_says_which_cgroup_is_missing),
		cmocka_unit_test(a_removed_cgroup_takes_its_cpuset_along),
		cmocka_unit_test(captures_need_somebody_who_keeps_them),
		cmocka_unit_test(captures_add_appends_and_finds_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
