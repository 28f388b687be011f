// SPDX-License-Identifier: GPL-2.0-only
/* The order of things in a scenario, its ends, and that nothing is left behind. */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "fake_scenario.h"

static void defs_run_in_the_order_of_the_engine(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n2l2c1t");

	(void)state;
	assert_int_equal(ktstr_execute_defs(&ctx,
					    KTSTR_CGROUP("cg_0", .workers = 2,
							 .cpuset = KTSTR_CPUS_LLC(1)),
					    KTSTR_CGROUP("cg_1")), 0);
	assert_string_equal(fake.log,
			    "setup(1) <scenario_start -1> <step_start 0> "
			    "create(cg_0) [cg_0 cpuset.cpus 2-3] spawn(2) move(cg_0,2) start(2) "
			    "create(cg_1) spawn(1) move(cg_1,1) start(1) "
			    "<hold_start 0> <hold_end 0> [cg_0 cgroup.freeze 0] [cg_1 cgroup.freeze 0] "
			    "stop(2) judge(cg_0,2,2-3,Step[0],77) "
			    "stop(1) judge(cg_1,1,-,Step[0],77) "
			    "remove(cg_1) remove(cg_0) <step_end 0> <scenario_end -1> ");
	assert_string_equal(fake.failures, "");
	assert_string_equal(fake.notes, "");
	assert_string_equal(fake.phase, "");
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

static void steps_see_nothing_of_the_step_before(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	assert_int_equal(ktstr_execute_steps(&ctx,
					     KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("same")),
							.hold = KTSTR_HOLD_MS(0)),
					     KTSTR_STEP(.hold = KTSTR_HOLD_MS(0)),
					     KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("same")),
							.hold = KTSTR_HOLD_FRAC(0.001))), 0);
	assert_contains(fake.log, "setup(0) <scenario_start -1> ");
	assert_contains(fake.log, "judge(same,1,-,Step[0],77) remove(same) <step_end 0> "
				  "<step_start 1> <hold_start 1> <hold_end 1> <step_end 1> "
				  "<step_start 2> create(same) ");
	assert_contains(fake.log, "judge(same,1,-,Step[2],77) ");
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

static void nested_cgroups_go_with_those_above_them(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	assert_int_equal(ktstr_execute_defs(&ctx, KTSTR_CGROUP("a/b")), 0);
	assert_contains(fake.log, "create(a) create(a/b) spawn");
	assert_contains(fake.log, "remove(a/b) remove(a) ");
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

/* Each of the first would last for minutes if it were not cut to the duration, and all of them if
 * they did not share it. */
static void holds_share_the_duration(void **state)
{
	static const struct ktstr_hold holds[] = { KTSTR_HOLD_MS(200000), KTSTR_HOLD_FRAC(20000),
						   KTSTR_HOLD_MS(UINT64_MAX), { 0 } };
	static struct ktstr_step steps[2000];
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");
	uint64_t before_ns, took_ns;

	(void)state;
	ctx.duration_ms = 30;
	ctx.bridge = (struct scenario_bridge){ 0 };
	for (size_t i = 0; i < COUNT(steps); i++)
		steps[i].hold = holds[i % COUNT(holds)];
	before_ns = clock_now_ns();
	assert_int_equal(ktstr_execute(&ctx, &(const struct ktstr_scenario){
						     .steps = { steps, COUNT(steps) } }), 0);
	took_ns = clock_now_ns() - before_ns;
	assert_true(took_ns >= 30 * NS_PER_MS);
	assert_true(took_ns < 20 * NS_PER_S);
	assert_string_equal(fake.failures, "");
	fake_ctx_free(&ctx);
}

static void scheduler_death_ends_the_hold_at_once(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");
	uint64_t before_ns = clock_now_ns();

	(void)state;
	ctx.duration_ms = 300000;
	fake.down_from = 2;
	assert_int_equal(ktstr_execute_steps(&ctx,
					     KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("cg_0"))),
					     KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("cg_1")))), 0);
	assert_true(clock_now_ns() - before_ns < 20 * NS_PER_S);
	assert_contains(fake.failures, "Step[0]|fail SchedulerDiedUnknownReason|scheduler process died");
	assert_contains(fake.failures, "during the workload of Step[0] of 2 steps, 0.");
	assert_contains(fake.log, "judge(cg_0,1,-,Step[0],77)");
	assert_null(strstr(fake.log, "cg_1"));
	assert_null(strstr(fake.log, "scenario_end"));
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

static pid_t scheduler_process;

static pid_t pid_of_scheduler(void *data)
{
	(void)data;
	return scheduler_process;
}

/* A scheduler that lives until something is written, or its other end closed. */
static pid_t start_scheduler(int ends[2])
{
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		char byte;

		close(ends[1]);
		(void)!read(ends[0], &byte, 1);
		_exit(0);
	}
	close(ends[0]);
	return pid;
}

/*
 * Claim 54, with a real process: it is killed as the hold begins. Nothing else could end the hold
 * early: the bridge has no scheduler_down.
 */
static void kill_scheduler_in_hold(void *data, const char *name, int step)
{
	(void)data, (void)step;
	if (!strcmp(name, "hold_start"))
		kill(scheduler_process, SIGKILL);
}

static void death_of_the_schedulers_process_ends_the_hold_at_once(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");
	uint64_t before_ns = clock_now_ns();
	int ends[2];

	(void)state;
	ctx.duration_ms = 300000;
	scheduler_process = start_scheduler(ends);
	ctx.bridge = (struct scenario_bridge){ .scheduler_pid = pid_of_scheduler,
					       .event = kill_scheduler_in_hold };
	assert_int_equal(ktstr_execute_steps(&ctx,
					     KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("cg_0"))),
					     KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("cg_1")))), 0);
	assert_true(clock_now_ns() - before_ns < 20 * NS_PER_S);
	assert_contains(fake.failures, "Step[0]|fail SchedulerDiedUnknownReason|scheduler process died");
	assert_contains(fake.failures, "during the workload of Step[0] of 2 steps");
	assert_contains(fake.log, "judge(cg_0,1,-,Step[0],77)");
	assert_null(strstr(fake.log, "cg_1"));
	assert_nothing_left();
	close(ends[1]);
	/* Reaped, it is no process any more: the same answer, before the first hold. */
	assert_int_equal(waitpid(scheduler_process, NULL, 0), scheduler_process);
	fake.failures[0] = '\0';
	assert_int_equal(ktstr_execute_steps(&ctx, KTSTR_STEP(.hold = KTSTR_HOLD_MS(0))), 0);
	assert_contains(fake.failures, "during the workload of Step[0] of 1 step,");
	fake_ctx_free(&ctx);
}

/* A scheduler that lives is none that died, in a hold of some time and in one of none. */
static void a_schedulers_process_that_lives_ends_nothing(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");
	int ends[2];

	(void)state;
	scheduler_process = start_scheduler(ends);
	ctx.bridge = (struct scenario_bridge){ .scheduler_pid = pid_of_scheduler };
	assert_int_equal(ktstr_execute_steps(&ctx, KTSTR_STEP(.hold = KTSTR_HOLD_MS(5)),
					     KTSTR_STEP(.hold = KTSTR_HOLD_MS(0))), 0);
	assert_string_equal(fake.failures, "");
	close(ends[1]);
	assert_int_equal(waitpid(scheduler_process, NULL, 0), scheduler_process);
	fake_ctx_free(&ctx);
}

static void scheduler_death_between_steps_and_at_the_end_is_told(void **state)
{
	(void)state;
	/* A hold of no time asks once, then each later step asks before it begins. */
	for (unsigned at = 1; at <= 5; at++) {
		static const char *const when[] = {
			"during the workload of Step[0]", "after Step[0]",
			"during the workload of Step[1]", "after Step[1]", NULL,
		};
		struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

		fake.down_from = at;
		assert_int_equal(ktstr_execute_steps(&ctx, KTSTR_STEP(.hold = KTSTR_HOLD_MS(0)),
						     KTSTR_STEP(.hold = KTSTR_HOLD_MS(0))), 0);
		if (when[at - 1])
			assert_contains(fake.failures, when[at - 1]);
		else
			assert_string_equal(fake.failures, "");
		fake_ctx_free(&ctx);
	}
}

static void a_step_that_cannot_be_set_up_fails_the_test(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");
	struct ktstr_step second =
		KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("bad")), .hold = KTSTR_HOLD_MS(0));

	(void)state;
	fake.fail_at = 9; /* setup; create, spawn, move, thaw, stop, remove; create, spawn */
	assert_int_equal(ktstr_execute_steps(&ctx,
					     KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("good")),
							.hold = KTSTR_HOLD_MS(0)),
					     second, KTSTR_STEP(.hold = KTSTR_HOLD_MS(0))), 0);
	assert_string_equal(fake.failures,
			    "Step[1]|fail Other|step 1 failed: cgroup 'bad': fake spawn of 'workers' fails\n");
	assert_contains(fake.log, "judge(good,1,-,Step[0],77)");
	assert_null(strstr(fake.log, "<step_start 2>"));
	assert_null(strstr(fake.log, "scenario_end"));
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

static void workers_already_running_are_judged_when_the_next_fail(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	fake.fail_at = 5; /* setup; create, spawn, move; create */
	assert_int_equal(ktstr_execute_defs(&ctx, KTSTR_CGROUP("cg_0"), KTSTR_CGROUP("cg_1")), 0);
	assert_contains(fake.failures, "step 0 failed: fake create of 'cg_1' fails");
	assert_contains(fake.log, "stop(1) judge(cg_0,1,-,Step[0],77) remove(cg_0) ");
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

static void workers_that_cannot_be_placed_are_killed(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	fake.move_error = -ESRCH;
	assert_int_equal(ktstr_execute_defs(&ctx, KTSTR_CGROUP("cg_0", .workers = 3)), 0);
	assert_contains(fake.failures, "step 0 failed: cgroup 'cg_0': fake move");
	assert_contains(fake.log, "spawn(3) move(cg_0,3) kill(3) ");
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

static void a_cgroup_that_stays_is_a_note(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	fake.remove_error = -EBUSY;
	assert_int_equal(ktstr_execute_defs(&ctx, KTSTR_CGROUP("cg_0")), 0);
	assert_string_equal(fake.failures, "");
	assert_string_equal(fake.notes, "remove cgroup 'cg_0': fake");
	fake_ctx_free(&ctx);
}

static void controllers_that_cannot_be_had_are_an_error(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	fake.fail_at = 1;
	assert_int_equal(ktstr_execute_defs(&ctx, KTSTR_CGROUP("cg_0")), -EIO);
	assert_contains(fake.failures, "enable cgroup controllers in subtree_control: fake setup");
	assert_string_equal(fake.log, "setup(0) ");
	fake_ctx_free(&ctx);
}

/* Let the first, second, third ... call fail until none does. */
static void whatever_fails_nothing_is_left_behind(void **state)
{
	unsigned fail_at = 0;

	(void)state;
	do {
		struct ktstr_ctx ctx = fake_ctx("1n2l2c1t");
		int err;

		fake.fail_at = ++fail_at;
		err = ktstr_execute_steps(
			&ctx,
			KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("a/b", .cpuset = KTSTR_CPUS_LLC(0)),
						       KTSTR_CGROUP("c", .workers_pct = 1.0)),
				   .hold = KTSTR_HOLD_MS(0)),
			KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("d")), .hold = KTSTR_HOLD_MS(0)));
		assert_nothing_left();
		if (fake.calls >= fail_at)
			assert_true(err < 0 || *fake.failures || *fake.notes);
		else
			assert_true(!err && !*fake.failures && !*fake.notes);
		assert_string_equal(fake.phase, "");
		fake_ctx_free(&ctx);
	} while (fake.calls >= fail_at);
	assert_true(fail_at > 20);
}

static void no_steps_and_no_bridge_are_fine(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	ctx.bridge = (struct scenario_bridge){ 0 };
	assert_int_equal(ktstr_execute(&ctx, &(struct ktstr_scenario){ 0 }), 0);
	assert_int_equal(ktstr_execute_steps(&ctx, KTSTR_STEP(.hold = KTSTR_HOLD_MS(1))), 0);
	assert_string_equal(fake.log, "setup(0) setup(0) ");
	assert_string_equal(fake.failures, "");
	fake_ctx_free(&ctx);
}

static void ctx_calls_reach_the_verdict(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");
	struct ktstr_reports reports = { .count = 2 };
	struct ktstr_error error = { 0 };
	cpu_set_t cpus;

	(void)state;
	assert_ptr_equal(ktstr_ctx_machine(&ctx), ctx.machine);
	assert_ptr_equal(ktstr_ctx_cgroups(&ctx), ctx.cgroups);
	assert_int_equal(ktstr_ctx_duration_ms(&ctx), 10);
	assert_int_equal(ktstr_ctx_workers_per_cgroup(&ctx), 1);
	ktstr_fail(&ctx, "gap %d", 5);
	ktstr_skip(&ctx, "needs %d llcs", 2);
	ktstr_note(&ctx, "note %d", 1);
	assert_string_equal(fake.failures, "|fail Other|gap 5\n|skip Skip|needs 2 llcs\n");
	assert_string_equal(fake.notes, "note 1");
	ktstr_machine_cpus(ctx.machine, &cpus);
	ktstr_judge(&ctx, "own", &reports, &cpus);
	assert_string_equal(fake.log, "judge(own,2,0-1,,77) ");
	ktstr_error_set(&error, -EMFILE, "no room");
	assert_int_equal(ktstr_could_not_run(&ctx, &error), -EMFILE);
	assert_contains(fake.failures, "|no room\n");
	error.code = 0;
	assert_true(ktstr_could_not_run(&ctx, &error) < 0);
	fake_ctx_free(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defs_run_in_the_order_of_the_engine),
		cmocka_unit_test(steps_see_nothing_of_the_step_before),
		cmocka_unit_test(nested_cgroups_go_with_those_above_them),
		cmocka_unit_test(holds_share_the_duration),
		cmocka_unit_test(scheduler_death_ends_the_hold_at_once),
		cmocka_unit_test(death_of_the_schedulers_process_ends_the_hold_at_once),
		cmocka_unit_test(a_schedulers_process_that_lives_ends_nothing),
		cmocka_unit_test(scheduler_death_between_steps_and_at_the_end_is_told),
		cmocka_unit_test(a_step_that_cannot_be_set_up_fails_the_test),
		cmocka_unit_test(workers_already_running_are_judged_when_the_next_fail),
		cmocka_unit_test(workers_that_cannot_be_placed_are_killed),
		cmocka_unit_test(a_cgroup_that_stays_is_a_note),
		cmocka_unit_test(controllers_that_cannot_be_had_are_an_error),
		cmocka_unit_test(whatever_fails_nothing_is_left_behind),
		cmocka_unit_test(no_steps_and_no_bridge_are_fine),
		cmocka_unit_test(ctx_calls_reach_the_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
