// SPDX-License-Identifier: GPL-2.0-only
/* Operations on payloads: found by name, waited for once, ended in order. */
#include "fake_scenario.h"

static const struct ktstr_payload prog = { .name = "prog" };
static const struct ktstr_payload picky = { .name = "picky", .known_flags = KTSTR_FLAGS("--time") };

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(payloads_are_found_by_name_and_cgroup),
		cmocka_unit_test(payloads_end_with_what_they_run_in),
		cmocka_unit_test(a_payload_is_waited_for_once),
		cmocka_unit_test(known_flags_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
