// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports against golden files (tests/golden/NAME.tap). Run with KTSTR_GOLDEN_WRITE=1 to rewrite
 * them after a change that is meant, and read the difference before committing it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "runner/ktap.h"

#include "unit.h"

static struct binary_scheduler fixture = {
	.name = (char *)"ktstr_fixture", .bpf_object = (char *)"ktstr_fixture.bpf.o",
};

/* A run, put together as a session would. */
struct scene {
	struct binary_test test;
	struct test_binary binary;
	struct test_plan plan;
	struct run_facts facts;
	struct test_record record;
};

static void scene_init(struct scene *scene, const char *name)
{
	*scene = (struct scene){
		.test = { .name = (char *)name, .file = (char *)"tests/demo.c", .line = 21 },
		.binary = { .path = (char *)"/home/dev/demo" },
		.facts = { .exit_code = -1, .duration_ns = 4300 * NS_PER_MS, .kernel = "7.2.13-cloud" },
		.record = { .accel = "tcg", .rerun = "/home/dev/demo --filter name" },
	};
	scene->plan = (struct test_plan){ .test = &scene->test, .binary = &scene->binary,
					  .topology = { 1, 2, 1, 1 } };
	scene->record.plan = &scene->plan;
	scene->record.facts = &scene->facts;
}

static void judged(struct scene *scene)
{
	scene->facts.stage = STAGE_DONE;
	scene->facts.exited = true;
	scene->facts.exit_code = 0;
	scene->facts.verdict = verdict_new();
	assert_non_null(scene->facts.verdict);
	run_facts_add_phase(&scene->facts, "qemu", 81 * NS_PER_MS);
	run_facts_add_phase(&scene->facts, "test", 2600 * NS_PER_MS);
}

static void add_reports(struct scene *scene, const char *cgroup, const struct ktstr_check *check)
{
	struct ktstr_worker_report workers[2] = {
		{ .tid = 103, .completed = true, .work_units = 90, .iterations = 90,
		  .wall_time_ns = 2 * NS_PER_S, .cpu_time_ns = NS_PER_S, .off_cpu_ns = NS_PER_S,
		  .max_gap_ms = 12 },
		{ .tid = 104, .completed = true, .work_units = 70, .iterations = 70,
		  .wall_time_ns = 2 * NS_PER_S, .cpu_time_ns = NS_PER_S, .off_cpu_ns = NS_PER_S,
		  .max_gap_ms = 2500, .max_gap_cpu = 1, .max_gap_at_ms = 900 },
	};
	struct ktstr_reports reports = { .count = 2, .reports = workers };

	CPU_SET(0, &workers[0].cpus_used);
	CPU_SET(1, &workers[1].cpus_used);
	verdict_set_phase(scene->facts.verdict, "Step[0]");
	verdict_judge_cgroup(scene->facts.verdict, cgroup, check, &reports, NULL);
}

static void make_pass(struct scene *scene)
{
	judged(scene);
	add_reports(scene, "cg_0", &(struct ktstr_check){ 0 });
}

static void make_fail(struct scene *scene)
{
	judged(scene);
	add_reports(scene, "cg_0", &(struct ktstr_check){ .max_gap_ms = 500 });
	add_reports(scene, "cg_1", &(struct ktstr_check){ 0 });
	verdict_note(scene->facts.verdict, "two cgroups share the CPUs");
}

static void make_skip(struct scene *scene)
{
	judged(scene);
	verdict_add(scene->facts.verdict, VERDICT_SKIP, DETAIL_SKIP, "needs 2 LLCs, #1 has one");
}

static void make_timeout(struct scene *scene)
{
	scene->facts.stage = STAGE_SCENARIO;
	scene->facts.timed_out_ms = 32000;
	snprintf(scene->facts.last_milestone, sizeof(scene->facts.last_milestone), "step_start 0");
	tail_append(&scene->facts.test_log, "about to loop\n", 14);
}

static void make_panic(struct scene *scene)
{
	scene->facts.stage = STAGE_SCENARIO;
	scene->facts.trouble = CONSOLE_PANIC;
	snprintf(scene->facts.trouble_line, sizeof(scene->facts.trouble_line),
		 "Kernel panic - not syncing: Fatal exception");
	scene->facts.console = strdup("[    4.0] BUG: kernel NULL pointer dereference, address: 0\n"
				      "[    4.0] \033[1mRIP\033[0m: 0010:boom+0x4\r\n"
				      "[    4.1] Kernel panic - not syncing: Fatal exception\n"
				      "not ok 9 - a guest that plays TAP\n"
				      "  ...\n");
}

static void make_crash(struct scene *scene)
{
	scene->facts.stage = STAGE_SCENARIO;
	scene->facts.exited = true;
	scene->facts.signal = 11;
	tail_append(&scene->facts.test_log, " indented\n\tand \"quoted\"\n\x07\xff", 26);
}

static void make_sched_exit(struct scene *scene)
{
	judged(scene);
	scene->test.scheduler = &fixture;
	scene->facts.scheduler_exit = (struct scheduler_exit){
		.seen = true,
		.name = strdup("ktstr_fixture"),
		.kind = strdup("SCX_EXIT_ERROR_STALL"),
		.reason = strdup("runnable task stall"),
		.trace = strdup("check_rq_for_timeouts+0x10/0x20\nscx_watchdog_workfn+0x30/0x40\n"),
	};
	tail_append(&scene->facts.scheduler_log, "sched_ext: disabled\n", 20);
}

/* A text of several lines, from a process that plays TAP. */
static void make_stall(struct scene *scene)
{
	judged(scene);
	verdict_set_phase(scene->facts.verdict, "Step[0]");
	verdict_add(scene->facts.verdict, VERDICT_FAIL, DETAIL_WORKER_STALLED,
		    "worker 4711 (ktstr) gets nowhere\n  nr_switches: 7 -> 7 (+0)\n  samples: 4\n"
		    "  state: T\n  wchan: do_signal_stop\n...\nok 9 - not so\n  stack: [unreadable]");
	verdict_set_phase(scene->facts.verdict, NULL);
}

static void make_no_boot(struct scene *scene)
{
	scene->facts.stage = STAGE_BOOT;
	scene->facts.kernel[0] = '\0';
	scene->facts.timed_out_ms = 62000;
}

static void make_expected(struct scene *scene)
{
	make_fail(scene);
	scene->test.expect_err = true;
}

static const struct {
	const char *name;
	void (*make)(struct scene *scene);
	bool verbose;
} scenes[] = {
	{ "pass", make_pass, false },
	{ "pass_verbose", make_pass, true },
	{ "fail", make_fail, false },
	{ "skip", make_skip, false },
	{ "expected_failure", make_expected, false },
	{ "timeout", make_timeout, false },
	{ "guest_panic", make_panic, false },
	{ "crashed_test", make_crash, false },
	{ "sched_exit", make_sched_exit, false },
	{ "boot_fail", make_no_boot, false },
	{ "stalled", make_stall, false },
};

static void compare_with_golden(const char *name, const char *text)
{
	const char *folder = getenv("KTSTR_GOLDEN_DIR"), *write = getenv("KTSTR_GOLDEN_WRITE");
	struct ktstr_error error = { 0 };
	char path[512];
	char *golden = NULL;

	assert_non_null(folder);
	snprintf(path, sizeof(path), "%s/%s.tap", folder, name);
	if (write && *write) {
		int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

		assert_int_equal(file_write_all(fd, text, strlen(text)), 0);
		close(fd);
	}
	if (file_read(AT_FDCWD, path, 1 << 20, &golden, NULL, &error))
		fail_msg("%s", error.text);
	assert_string_equal(text, golden);
	free(golden);
}

static void ktap_result_matches_golden_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(scenes); i++) {
		struct scene scene;
		char *text = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&text, &size);

		scene_init(&scene, scenes[i].name);
		scenes[i].make(&scene);
		outcome_classify(&scene.facts, scene.test.expect_err, &scene.record.outcome);
		ktap_result(3, &scene.record, scenes[i].verbose, out);
		fclose(out);
		compare_with_golden(scenes[i].name, text);
		free(text);
		run_facts_release(&scene.facts);
	}
}

static void ktap_frames_the_results(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" };
	struct ktap_totals totals = { 0 };
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	ktap_plan(3, out);
	ktap_count(&totals, &(struct outcome){ .kind = OUTCOME_PASS });
	ktap_count(&totals, &(struct outcome){ .kind = OUTCOME_HANG });
	ktap_count(&totals, &(struct outcome){ .kind = OUTCOME_INFRA });
	ktap_summary(&totals, "out", out);
	ktap_bail_out("interrupted", 1, 3, NULL, 0, out);
	ktap_bail_out("interrupted", 1, 20, names, 2, out);
	ktap_bail_out("interrupted", 1, 20, names, COUNT(names), out);
	fclose(out);
	assert_string_equal(text, "TAP version 13\n1..3\n"
				  "# 1 passed, 1 failed, 0 skipped, 1 could not run\n# results: out\n"
				  "Bail out! interrupted after 1 of 3 tests\n"
				  "Bail out! interrupted after 1 of 20 tests, in 'a', 'b'\n"
				  "Bail out! interrupted after 1 of 20 tests, in 'a', 'b', 'c', 'd', "
				  "'e', 'f', 'g', 'h' and 2 more\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ktap_result_matches_golden_files),
		cmocka_unit_test(ktap_frames_the_results),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
