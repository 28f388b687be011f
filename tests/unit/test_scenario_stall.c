// SPDX-License-Identifier: GPL-2.0-only
/* Workers that get nowhere: the arithmetic, and a real process that is stopped. */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fake_scenario.h"
#include "scenario/stall.h"
#include "scenario/stall_window.h"

static bool add(struct stall_window *window, uint64_t switches, uint64_t runtime_ns)
{
	const struct stall_sample sample = { .switches = switches, .runtime_ns = runtime_ns };

	return stall_window_add(window, &sample);
}

static void window_fires_on_the_fourth_equal_sample(void **state)
{
	struct stall_window window = { 0 };

	(void)state;
	assert_false(add(&window, 7, 100));
	assert_false(add(&window, 7, 100));
	assert_false(add(&window, 7, 100));
	assert_true(add(&window, 7, 100));
}

static void window_takes_either_counter_for_progress(void **state)
{
	struct stall_window switches = { 0 }, runtime = { 0 };

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		/* Three equal ones, then one that differs, again and again. */
		assert_false(add(&switches, i / 3, 100));
		assert_false(add(&runtime, 7, 100 + i / 3));
	}
}

static void window_fires_again_only_after_progress(void **state)
{
	struct stall_window window = { 0 };

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_false(add(&window, 7, 100));
	assert_true(add(&window, 7, 100));
	for (unsigned i = 0; i < 10; i++)
		assert_false(add(&window, 7, 100));
	/* It moves once: then it takes a whole flat window again. */
	assert_false(add(&window, 8, 100));
	assert_false(add(&window, 8, 100));
	assert_false(add(&window, 8, 100));
	assert_true(add(&window, 8, 100));
	assert_false(add(&window, 8, 100));
}

static void window_forgets_what_it_knew_when_nothing_can_be_read(void **state)
{
	struct stall_window window = { 0 };

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_false(add(&window, 7, 100));
	assert_false(stall_window_add(&window, NULL));
	for (unsigned i = 0; i < 3; i++)
		assert_false(add(&window, 7, 100));
	assert_true(add(&window, 7, 100));
}

/* As Linux 6.12 prints it, cut. */
#define SCHED_HEAD                                                                                 \
	"spin (4711, #threads: 1)\n"                                                               \
	"-------------------------------------------------------------\n"                          \
	"se.exec_start                                :      95123.456789\n"
#define SCHED_TAIL                                                                                 \
	"se.nr_migrations                             :                3\n"                        \
	"nr_switches_of_a_later_kernel                :               99\n"                        \
	"nr_switches                                  :               42\n"                        \
	"nr_voluntary_switches                        :               40\n"

static const struct {
	const char *name, *text;
	uint64_t switches, runtime_ns;
	bool bad;
} sched_texts[] = {
	{ .name = "whole",
	  .text = SCHED_HEAD "se.sum_exec_runtime   :   1234.567890\n" SCHED_TAIL,
	  .switches = 42,
	  .runtime_ns = 1234567890 },
	{ .name = "no colon",
	  .text = "nr_switches 1\nse.sum_exec_runtime 1234.567890\n",
	  .switches = 1,
	  .runtime_ns = 1234567890 },
	{ .name = "zero",
	  .text = "nr_switches : 0\nse.sum_exec_runtime : 0.000000",
	  .switches = 0,
	  .runtime_ns = 0 },
	{ .name = "few decimals",
	  .text = "nr_switches : 5\nse.sum_exec_runtime : 3.5\n",
	  .switches = 5,
	  .runtime_ns = 3500000 },
	{ .name = "many decimals",
	  .text = "nr_switches : 5\nse.sum_exec_runtime : 3.0000019\n",
	  .switches = 5,
	  .runtime_ns = 3000001 },
	{ .name = "no decimals, a dot in the next line",
	  .text = "nr_switches : 5\nse.sum_exec_runtime : 3\nse.5 : 0.7\n",
	  .switches = 5,
	  .runtime_ns = 3000000 },
	{ .name = "no runtime", .text = SCHED_HEAD SCHED_TAIL, .bad = true },
	{ .name = "no switches", .text = "se.sum_exec_runtime : 1.0\n", .bad = true },
	{ .name = "only a longer key",
	  .text = "nr_switches2 : 5\nse.sum_exec_runtime : 1.0\n",
	  .bad = true },
	{ .name = "negative",
	  .text = "nr_switches : -1\nse.sum_exec_runtime : 1.0\n",
	  .bad = true },
	{ .name = "no number",
	  .text = "nr_switches : x\nse.sum_exec_runtime : 1.0\n",
	  .bad = true },
	{ .name = "cut behind the key",
	  .text = "se.sum_exec_runtime : 1.0\nnr_switches",
	  .bad = true },
	{ .name = "empty", .text = "", .bad = true },
};

static void sample_parse_reads_the_two_counters(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sched_texts); i++) {
		struct stall_sample sample = { 1234, 5678 };
		bool parsed = stall_sample_parse(sched_texts[i].text, &sample);

		if (parsed == sched_texts[i].bad)
			fail_msg("%s: parsed %d", sched_texts[i].name, parsed);
		if (sched_texts[i].bad)
			continue;
		if (sample.switches != sched_texts[i].switches ||
		    sample.runtime_ns != sched_texts[i].runtime_ns)
			fail_msg("%s: %lu switches, %lu ns", sched_texts[i].name,
				 (unsigned long)sample.switches, (unsigned long)sample.runtime_ns);
	}
}

static void poll_interval_is_a_positive_number_or_500(void **state)
{
	static const struct {
		const char *text;
		unsigned ms;
	} rows[] = {
		{ NULL, 500 },	{ "", 500 },	    { "0", 500 },
		{ "000", 500 }, { "abc", 500 },	    { "100x", 500 },
		{ "-1", 500 },	{ " 100", 500 },    { "100", 100 },
		{ "1", 1 },	{ "60000", 60000 }, { "99999999999999999999", 60000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (stall_poll_ms(rows[i].text) != rows[i].ms)
			fail_msg("'%s': %u, not %u", rows[i].text ? rows[i].text : "(unset)",
				 stall_poll_ms(rows[i].text), rows[i].ms);
}

/* A step with one worker: the process pid. */
struct step {
	struct ktstr_ctx ctx;
	struct scenario_state state;
};

static void step_begin(struct step *step, pid_t pid)
{
	struct ktstr_workload *workload = calloc(1, sizeof(*workload));

	assert_non_null(workload);
	*step = (struct step){ .ctx = fake_ctx("1n1l2c1t") };
	step->ctx.watch_stalls = true;
	step->state.ctx = &step->ctx;
	scenario_slot_init(&step->state.step, "step", step->ctx.cgroups);
	scenario_slot_init(&step->state.backdrop, "backdrop", step->ctx.cgroups);
	step->state.target = &step->state.step;
	workload->count = 1;
	workload->pids[0] = pid;
	fake.workloads = 1;
	assert_int_equal(scenario_file_workers(&step->state.step, "cg", &workload, NULL), 0);
}

static void step_end(struct step *step)
{
	stall_report(&step->state.step, step->ctx.verdict);
	assert_null(step->state.step.monitor);
	scenario_drop_workers(&step->state.step, TAILQ_FIRST(&step->state.step.workers));
	scenario_slot_release(&step->state.step);
	scenario_slot_release(&step->state.backdrop);
	fake_ctx_free(&step->ctx);
}

static pid_t child;

/* Kernels without CONFIG_SCHED_DEBUG tell nothing. */
static void need_counters(void)
{
	if (access("/proc/self/sched", R_OK))
		skip_because("needs /proc/PID/sched, a kernel with CONFIG_SCHED_DEBUG");
}

/* A process that sleeps until it is killed; with us at the latest. */
static int start_child(void **state)
{
	(void)state;
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return child < 0;
}

static int end_child(void **state)
{
	(void)state;
	unsetenv("KTSTR_STALL_POLL_MS");
	unsetenv("KTSTR_STUCK_POLL_MS");
	if (child <= 0)
		return 0;
	kill(child, SIGKILL);
	return waitpid(child, NULL, 0) != child;
}

/* Watch long enough for several windows, a few times over: the machine may be busy. */
static void watch_until_reported(struct step *step)
{
	const struct timespec pause = { .tv_nsec = 150000000 };

	for (unsigned i = 0; i < 40 && !fake.failures[0]; i++) {
		stall_watch(&step->state);
		assert_non_null(step->state.step.monitor);
		nanosleep(&pause, NULL);
		stall_report(&step->state.step, step->ctx.verdict);
	}
}

static void stopped_worker_is_reported_with_what_is_known(void **state)
{
	char pid[32];
	int status;
	struct step step;

	(void)state;
	need_counters();
	setenv("KTSTR_STALL_POLL_MS", "5", 1);
	assert_int_equal(kill(child, SIGSTOP), 0);
	assert_int_equal(waitpid(child, &status, WUNTRACED), child);
	step_begin(&step, child);
	watch_until_reported(&step);
	snprintf(pid, sizeof(pid), "worker %d (test_scenario_s) ", (int)child);
	assert_contains(fake.failures, "|fail WorkerStalled|");
	assert_contains(fake.failures, pid);
	assert_contains(fake.failures, "\n  nr_switches: ");
	assert_contains(fake.failures, " (+0)\n  sum_exec_runtime_ns: ");
	assert_contains(fake.failures, "\n  samples: 4\n  state: T\n  wchan: ");
	assert_contains(fake.failures, "\n  syscall: ");
	assert_contains(fake.failures, "\n  cgroup: ");
	assert_contains(fake.failures, "\n  loadavg: ");
	step_end(&step);
}

/* Once for all of its silence, however long that is. */
static void stopped_worker_is_reported_once(void **state)
{
	const struct timespec pause = { .tv_nsec = 300000000 };
	struct step step;
	int status;

	(void)state;
	need_counters();
	setenv("KTSTR_STALL_POLL_MS", "", 1);
	setenv("KTSTR_STUCK_POLL_MS", "2", 1);
	assert_int_equal(kill(child, SIGSTOP), 0);
	assert_int_equal(waitpid(child, &status, WUNTRACED), child);
	step_begin(&step, child);
	stall_watch(&step.state);
	nanosleep(&pause, NULL);
	if (!fake.failures[0])
		watch_until_reported(&step);
	assert_contains(fake.failures, "WorkerStalled");
	assert_null(strstr(strstr(fake.failures, "WorkerStalled") + 1, "WorkerStalled"));
	step_end(&step);
}

static unsigned count_reports(void)
{
	unsigned count = 0;

	for (const char *at = fake.failures; (at = strstr(at, "WorkerStalled")); at++)
		count++;
	return count;
}

/*
 * It sleeps, is stopped, which counts as progress, and stays so: two silences. Each is given more
 * time until a busy machine has looked often enough.
 */
static void worker_that_stalls_again_is_reported_again(void **state)
{
	unsigned reports = 0;
	struct step step;
	int status;

	(void)state;
	need_counters();
	setenv("KTSTR_STALL_POLL_MS", "5", 1);
	step_begin(&step, child);
	for (long ms = 50; reports < 2 && ms < 1000; ms *= 2) {
		const struct timespec pause = { .tv_nsec = ms * 1000000 };

		fake.failures[0] = '\0';
		stall_watch(&step.state);
		nanosleep(&pause, NULL);
		assert_int_equal(kill(child, SIGSTOP), 0);
		assert_int_equal(waitpid(child, &status, WUNTRACED), child);
		nanosleep(&pause, NULL);
		stall_report(&step.state.step, step.ctx.verdict);
		assert_int_equal(kill(child, SIGCONT), 0);
		reports = count_reports();
	}
	assert_int_equal(reports, 2);
	step_end(&step);
}

static void worker_that_is_gone_is_not_reported(void **state)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	pid_t gone = child;
	struct step step;

	(void)state;
	setenv("KTSTR_STALL_POLL_MS", "2", 1);
	assert_int_equal(end_child(NULL), 0);
	child = 0;
	setenv("KTSTR_STALL_POLL_MS", "2", 1);
	step_begin(&step, gone);
	stall_watch(&step.state);
	assert_non_null(step.state.step.monitor);
	nanosleep(&pause, NULL);
	stall_report(&step.state.step, step.ctx.verdict);
	assert_string_equal(fake.failures, "");
	step_end(&step);
}

static void nothing_watches_where_it_is_not_wanted(void **state)
{
	struct stall_monitor *first;
	struct step step;

	(void)state;
	step_begin(&step, child);
	step.ctx.watch_stalls = false; /* as in a guest, which its host watches */
	stall_watch(&step.state);
	assert_null(step.state.step.monitor);

	step.ctx.watch_stalls = true;
	step.state.target = &step.state.backdrop;
	stall_watch(&step.state);
	assert_null(step.state.step.monitor);
	assert_null(step.state.backdrop.monitor);

	step.state.target = &step.state.step;
	stall_watch(&step.state);
	first = step.state.step.monitor;
	assert_non_null(first);
	stall_watch(&step.state);
	assert_ptr_equal(step.state.step.monitor, first);
	step_end(&step);
	assert_string_equal(fake.failures, "");
}

static void step_without_workers_has_no_monitor(void **state)
{
	struct step step;

	(void)state;
	step_begin(&step, child);
	scenario_drop_workers(&step.state.step, TAILQ_FIRST(&step.state.step.workers));
	stall_watch(&step.state);
	assert_null(step.state.step.monitor);
	scenario_slot_release(&step.state.step);
	scenario_slot_release(&step.state.backdrop);
	fake_ctx_free(&step.ctx);
}

/* Through the whole engine: the monitor begins with a step and ends with it. */
static void execute_watches_each_step(void **state)
{
	struct ktstr_ctx ctx = fake_ctx("1n1l2c1t");

	(void)state;
	ctx.watch_stalls = true;
	assert_int_equal(ktstr_execute_steps(&ctx,
					     KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("a"))),
					     KTSTR_STEP(.setup = KTSTR_DEFS(KTSTR_CGROUP("b")))),
			 0);
	assert_contains(fake.log, "judge(a,");
	assert_string_equal(fake.failures, "");
	assert_string_equal(fake.notes, "");
	assert_nothing_left();
	fake_ctx_free(&ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(window_fires_on_the_fourth_equal_sample),
		cmocka_unit_test(window_takes_either_counter_for_progress),
		cmocka_unit_test(window_fires_again_only_after_progress),
		cmocka_unit_test(window_forgets_what_it_knew_when_nothing_can_be_read),
		cmocka_unit_test(sample_parse_reads_the_two_counters),
		cmocka_unit_test(poll_interval_is_a_positive_number_or_500),
		cmocka_unit_test_setup_teardown(stopped_worker_is_reported_with_what_is_known,
						start_child, end_child),
		cmocka_unit_test_setup_teardown(stopped_worker_is_reported_once, start_child,
						end_child),
		cmocka_unit_test_setup_teardown(worker_that_stalls_again_is_reported_again,
						start_child, end_child),
		cmocka_unit_test_setup_teardown(worker_that_is_gone_is_not_reported, start_child,
						end_child),
		cmocka_unit_test_setup_teardown(nothing_watches_where_it_is_not_wanted, start_child,
						end_child),
		cmocka_unit_test_setup_teardown(step_without_workers_has_no_monitor, start_child,
						end_child),
		cmocka_unit_test(execute_watches_each_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
