// SPDX-License-Identifier: GPL-2.0-only
/* Which runs are worth a second try. */
#include "runner/repeat.h"

#include "unit.h"

#define BOOT "[    0.016000] tsc: Unable to calibrate against PIT\n"
#define INT3 "[    2.307526] Oops: int3: 0000 [#1] SMP NOPTI\n[    2.3] CPU: 1 PID: 80\n"
#define PANIC "[    2.4] Kernel panic - not syncing: Fatal exception in interrupt\n"

static const struct accel threads = { .kind = ACCEL_TCG, .parallel = true };
static const struct accel one_thread = { .kind = ACCEL_TCG };
static const struct accel kvm = { .kind = ACCEL_KVM, .parallel = true };

static const struct repeat_case {
	const char *name;
	const struct accel *accel;
	enum console_notice trouble;
	const char *console;
	bool interrupted, due;
	uint64_t timed_out_ms; /* not 0: in this stage */
	enum run_stage stage;
} cases[] = {
	{ "the race", &threads, CONSOLE_OOPS, BOOT INT3, false, true },
	{ "the race, with a panic behind it", &threads, CONSOLE_PANIC, BOOT INT3 PANIC, false, true },
	{ "as older kernels say it", &threads, CONSOLE_OOPS, "[ 2.3] int3: 0000 [#1] SMP\n", false, true },
	{ "without a newline at the end", &threads, CONSOLE_OOPS, "Oops: int3: 0000 [#1] SMP", false, true },
	{ "not with one thread: the kernel's own fault", &one_thread, CONSOLE_OOPS, INT3, false, false },
	{ "not under KVM", &kvm, CONSOLE_OOPS, INT3, false, false },
	{ "another Oops", &threads, CONSOLE_OOPS, "[ 2.3] Oops: divide error: 0000 [#1] SMP\n", false, false },
	{ "another Oops that led to this one", &threads, CONSOLE_OOPS,
	  "[ 2.3] Oops: 0002 [#1] SMP\n[ 2.4] Oops: int3: 0000 [#2] SMP\n", false, false },
	{ "a BUG that led to it", &threads, CONSOLE_OOPS, "[ 2.3] BUG: kernel NULL pointer\n" INT3, false, false },
	{ "a warning before it", &threads, CONSOLE_OOPS, "[ 2.3] WARNING: CPU: 0 at x.c\n" INT3, false, true },
	{ "a panic by itself", &threads, CONSOLE_PANIC, BOOT PANIC, false, false },
	{ "only talk of it", &threads, CONSOLE_OOPS,
	  "[ 2.3] note: int3: is a word\n[ 2.4] Oops: 0002 [#1] SMP\n", false, false },
	{ "no trouble", &threads, CONSOLE_NONE, BOOT, false, false },
	{ "no console", &threads, CONSOLE_OOPS, NULL, false, false },
	{ "interrupted", &threads, CONSOLE_OOPS, BOOT INT3, true, false },
	{ "a kernel that sleeps on", &threads, CONSOLE_NONE, BOOT, false, true, 62000, STAGE_BOOT },
	{ "an agent that sleeps on", &threads, CONSOLE_NONE, BOOT, false, true, 62000, STAGE_HELLO },
	{ "one that RCU complains of", &threads, CONSOLE_STALL, BOOT, false, true, 62000, STAGE_BOOT },
	{ "one that does with one thread, too", &one_thread, CONSOLE_NONE, BOOT, false, false, 62000, STAGE_BOOT },
	{ "one that crashed", &threads, CONSOLE_PANIC, BOOT PANIC, false, false, 62000, STAGE_BOOT },
	{ "a test that takes too long", &threads, CONSOLE_NONE, BOOT, false, false, 9000, STAGE_SCENARIO },
};

static struct run_facts facts_of(const struct repeat_case *row)
{
	return (struct run_facts){ .trouble = row->trouble, .console = (char *)row->console,
				   .interrupted = row->interrupted,
				   .timed_out_ms = row->timed_out_ms, .stage = row->stage };
}

static void repeat_is_due_after_the_race_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct run_facts facts = facts_of(&cases[i]);

		if (repeat_is_due(&facts, cases[i].accel) != cases[i].due)
			fail_msg("%s: %sdue", cases[i].name, cases[i].due ? "not " : "");
	}
}

static void repeat_explain_tells_of_a_boot_that_hung(void **state)
{
	const struct run_facts facts = { .timed_out_ms = 62000, .stage = STAGE_BOOT };
	char text[REPEAT_TEXT_MAX];

	(void)state;
	assert_contains(repeat_explain(&facts, text), "within 62.0 s");
	assert_contains(text, "one thread");
}

static void repeat_explain_quotes_the_kernel(void **state)
{
	const struct run_facts facts = facts_of(&cases[0]);
	char text[REPEAT_TEXT_MAX];

	(void)state;
	assert_contains(repeat_explain(&facts, text), "Oops: int3: 0000 [#1] SMP NOPTI)");
	assert_contains(text, "one thread");
	assert_null(strchr(text, '\n'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repeat_is_due_after_the_race_alone),
		cmocka_unit_test(repeat_explain_quotes_the_kernel),
		cmocka_unit_test(repeat_explain_tells_of_a_boot_that_hung),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
