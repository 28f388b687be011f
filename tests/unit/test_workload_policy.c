// SPDX-License-Identifier: GPL-2.0-only
/* Scheduling policies: what is checked before the kernel is asked, and what it then says. */
#include <errno.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ktstr/policy.h>

#include "workload/policy.h"

#include "unit.h"

/* Claim 29: in this order, so each row is sound but for what it is about and what comes later. */
static void policy_apply_checks_deadlines_in_order(void **state)
{
	static const struct {
		struct ktstr_sched_policy policy;
		const char *says;
	} rows[] = {
		{ KTSTR_POLICY_DEADLINE(UINT64_MAX, 0, 0), "deadline_ns must be > 0" },
		{ KTSTR_POLICY_DEADLINE(1ULL << 63, 1, 0), "runtime_ns 9223372036854775808" },
		{ KTSTR_POLICY_DEADLINE(1, 1ULL << 63, 0), "deadline_ns 9223372036854775808" },
		{ KTSTR_POLICY_DEADLINE(1, 1, 1ULL << 63), "period_ns 9223372036854775808" },
		{ KTSTR_POLICY_DEADLINE(1023, 1, 0), "runtime_ns 1023 is below 1024" },
		{ KTSTR_POLICY_DEADLINE(2000, 1999, 1), "runtime_ns 2000 is above deadline_ns" },
		{ KTSTR_POLICY_DEADLINE(1024, 2000, 1999), "2000 is above period_ns 1999" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_error error = { 0 };

		assert_int_equal(policy_apply(gettid(), &rows[i].policy, &error), -EINVAL);
		assert_contains(error.text, rows[i].says);
	}
}

/* Only a number that no task has keeps the kernel from doing it: it is asked, so all checks passed.
 */
static void policy_apply_takes_a_period_of_0(void **state)
{
	const struct ktstr_sched_policy policy = KTSTR_POLICY_DEADLINE(1024, 1024, 0);

	(void)state;
	assert_int_equal(policy_apply(INT32_MAX, &policy, NULL), -ESRCH);
}

/* */
static void policy_apply_wants_the_task_named(void **state)
{
	const struct ktstr_sched_policy batch = KTSTR_POLICY_BATCH();
	const struct ktstr_sched_policy unknown = { .kind = (enum ktstr_policy_kind)77 };
	struct ktstr_error error = { 0 };

	(void)state;
	assert_int_equal(policy_apply(0, &batch, &error), -EINVAL);
	assert_contains(error.text, "task id 0");
	assert_int_equal(policy_apply(-5, &batch, &error), -EINVAL);
	assert_int_equal(policy_apply(gettid(), &unknown, &error), -EINVAL);
	assert_contains(error.text, "kind 77");
}

static int become(const struct ktstr_sched_policy *policy)
{
	struct ktstr_error error = { 0 };
	struct sched_param param;
	int err = policy_apply(gettid(), policy, &error);

	if (err)
		return err == -EPERM ? 200 : 201;
	sched_getparam(0, &param);
	return sched_getscheduler(0) << 4 | param.sched_priority % 16;
}

/* In a child, since it cannot be undone without privilege. */
static int child_becomes(const struct ktstr_sched_policy *policy)
{
	pid_t child = fork();
	int status = 0;

	if (!child)
		_exit(become(policy));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void policy_apply_sets_what_needs_no_privilege(void **state)
{
	(void)state;
	assert_int_equal(child_becomes(&KTSTR_POLICY_BATCH()), SCHED_BATCH << 4);
	assert_int_equal(child_becomes(&KTSTR_POLICY_IDLE()), SCHED_IDLE << 4);
	/* NORMAL resets nothing: it makes no call at all, not even one for a task that is none. */
	assert_int_equal(policy_apply(-1, &(struct ktstr_sched_policy){ 0 }, NULL), 0);
}

/* Claim 28, both halves: by who runs it. Priorities are clamped to 1..99. */
static void policy_apply_clamps_priorities_or_lacks_the_right(void **state)
{
	static const struct {
		struct ktstr_sched_policy policy;
		int result;
	} rows[] = {
		{ KTSTR_POLICY_FIFO(0), SCHED_FIFO << 4 | 1 },
		{ KTSTR_POLICY_FIFO(500), SCHED_FIFO << 4 | 99 % 16 },
		{ KTSTR_POLICY_RR(12), SCHED_RR << 4 | 12 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int result = child_becomes(&rows[i].policy);

		if (result != 200)
			assert_int_equal(result, rows[i].result);
		else
			assert_int_not_equal(geteuid(), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policy_apply_checks_deadlines_in_order),
		cmocka_unit_test(policy_apply_takes_a_period_of_0),
		cmocka_unit_test(policy_apply_wants_the_task_named),
		cmocka_unit_test(policy_apply_sets_what_needs_no_privilege),
		cmocka_unit_test(policy_apply_clamps_priorities_or_lacks_the_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
