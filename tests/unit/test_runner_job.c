// SPDX-License-Identifier: GPL-2.0-only
/* A test from plan to outcome, with sessions that are played back: session_run() is defined here. */
#include <stdlib.h>

#include "runner/job.h"
#include "runner/session.h"
#include "runner/sidecar.h"

#include "unit.h"

#define INT3 "[    2.3] Oops: int3: 0000 [#1] SMP NOPTI\n"

/* What each run sees on the console, and under how many threads it ran. */
static const char *consoles[2];
static unsigned runs;
static bool parallel[2];

void session_run(const struct session_env *env, const struct test_plan *plan, struct run_facts *ret_facts)
{
	const char *console = consoles[runs];

	(void)plan;
	parallel[runs++] = env->accel->parallel;
	*ret_facts = (struct run_facts){ .stage = STAGE_DONE, .exited = true, .verdict = verdict_new() };
	if (!console)
		return;
	ret_facts->trouble = CONSOLE_OOPS;
	ret_facts->console = strdup(console);
	snprintf(ret_facts->trouble_line, sizeof(ret_facts->trouble_line), "%s", console + 12);
}

static struct kernel_entry kernel = { .ref = (char *)"old", .boot = (char *)"/vmlinuz" };
static const struct vm_env env = { .accel = { .kind = ACCEL_TCG, .parallel = true }, .kernel = &kernel };
static struct binary_scheduler scheduler = { .name = (char *)"fixture" };

static struct binary_test test = { .name = (char *)"a", .memory_mib = 512 };
static const struct test_plan plan = { .test = &test, .topology = { 1, 1, 2, 2 } };

static const struct job_case {
	const char *name;
	const char *consoles[2];
	unsigned runs;
	enum outcome_kind kind;
} cases[] = {
	{ "nothing to repeat", { NULL }, 1, OUTCOME_PASS },
	{ "passes the second time", { INT3, NULL }, 2, OUTCOME_PASS },
	{ "a second such Oops", { INT3, INT3 }, 2, OUTCOME_GUEST_OOPS },
	{ "another Oops", { "[    2.3] Oops: 0002 [#1] SMP\n" }, 1, OUTCOME_GUEST_OOPS },
};

static void job_run_repeats_what_qemu_spoiled_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct job job = { .record = { .plan = &plan, .run_id = "run" } };
		json_t *json;

		runs = 0;
		memcpy(consoles, cases[i].consoles, sizeof(consoles));
		job_run(&job, &env, -1, false);
		json = sidecar_to_json(&job.record);
		if (runs != cases[i].runs || job.record.outcome.kind != cases[i].kind)
			fail_msg("%s: %u runs, %s", cases[i].name, runs, outcome_str(job.record.outcome.kind));
		assert_true(parallel[0]);
		assert_int_equal(!!job.record.repeated, runs == 2);
		assert_int_equal(!!json_object_get(json, "repeated"), runs == 2);
		if (runs == 2) {
			assert_false(parallel[1]);
			assert_contains(job.record.repeated, "Oops: int3: 0000 [#1] SMP NOPTI");
		}
		json_decref(json);
		job_release(&job);
	}
}

static void job_run_needs_a_kernel_that_can_load_the_scheduler(void **state)
{
	struct job job = { .record = { .plan = &plan } };

	(void)state;
	runs = 0;
	test.scheduler = &scheduler;
	job_run(&job, &env, -1, false);
	test.scheduler = NULL;
	assert_int_equal(runs, 0);
	assert_int_equal(job.record.outcome.kind, OUTCOME_INFRA);
	assert_contains(job.record.outcome.text, "kernel 'old' has no usable sched_ext");
	job_release(&job);
}

static void job_need_counts_vcpus_and_memory(void **state)
{
	const struct admission_need need = job_need(&plan);

	(void)state;
	assert_int_equal(need.vcpus, 4);
	assert_true(need.memory_mib > 512 && need.memory_mib < 1024);
	test.devices.disk_mib = 3000;
	assert_int_equal(job_need(&plan).memory_mib, need.memory_mib + 3000);
	test.devices.disk_mib = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(job_run_repeats_what_qemu_spoiled_once),
		cmocka_unit_test(job_run_needs_a_kernel_that_can_load_the_scheduler),
		cmocka_unit_test(job_need_counts_vcpus_and_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
