// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lives of workloads at random, over and over: of every sort, of many kinds, ended in every way.
 * KTSTR_STRESS_CYCLES and KTSTR_STRESS_KILLS make it longer (10000 and 500 have passed); the seed
 * of a failure is printed and goes into KTSTR_STRESS_SEED.
 */
#include "test_workload.h"

#include "workload/prng.h"

#define CYCLES_DEFAULT 60
#define KILLS_DEFAULT 12
#define COLLECT_MS 700 /* a stopped worker costs so much */

static struct prng prng;

static unsigned long setting(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : otherwise;
}

static unsigned draw(unsigned below)
{
	return (unsigned)(prng_next(&prng) % below);
}

/* Kinds that need neither privileges nor devices, and of whose cohorts 4 is a multiple. */
static struct ktstr_work draw_work(void)
{
	static const struct ktstr_work_ops *const kinds[] = {
		&ktstr_work_spin_wait,	    &ktstr_work_yield_heavy,
		&ktstr_work_mixed,	    &ktstr_work_bursty,
		&ktstr_work_idle_churn,	    &ktstr_work_timer_latency,
		&ktstr_work_alu_hot,	    &ktstr_work_smt_sibling_spin,
		&ktstr_work_pipe_io,	    &ktstr_work_futex_ping_pong,
		&ktstr_work_wake_chain,	    &ktstr_work_mutex_contention,
		&ktstr_work_cache_pipe,	    &ktstr_work_page_fault_churn,
		&ktstr_work_signal_storm,   &ktstr_work_nice_sweep,
		&ktstr_work_affinity_churn,
	};

	return (struct ktstr_work){ .ops = kinds[draw(COUNT(kinds))] };
}

static struct ktstr_workload *spawn_some(void)
{
	const struct ktstr_work_spec specs[] = {
		{ .work = draw_work(), .workers = 4 },
		{ .work = draw_work(), .workers = 4 },
	};
	struct ktstr_workload *workload = NULL;
	struct ktstr_error error = { 0 };
	unsigned sort = draw(4), second = draw(2);
	int err;

	if (sort == 0)
		err = ktstr_workload_spawn_pcomm(
			&(struct ktstr_pcomm_config){
				.pcomm = "stress", .works = specs, .num_works = 1 + second },
			&workload, &error);
	else
		err = ktstr_workload_spawn(
			&(struct ktstr_workload_config){
				.work = specs[0].work,
				.num_workers = 4,
				.max_phases = draw(2) ? 3 : 0,
				.clone_mode = sort == 1 ? KTSTR_CLONE_THREAD : KTSTR_CLONE_FORK,
				.composed = &specs[1],
				.num_composed = second },
			&workload, &error);
	if (err)
		fail_msg("spawn: %s", error.text);
	return workload;
}

static void live_once(void)
{
	struct ktstr_workload *workload = spawn_some();
	struct ktstr_reports *reports;

	if (draw(4)) {
		ktstr_workload_start(workload);
		hold(draw(10));
		ktstr_workload_set_phase(workload, draw(3));
		hold(draw(4));
	}
	switch (draw(4)) {
	case 0:
		ktstr_workload_free(workload);
		return;
	case 1:
		ktstr_workload_kill(workload);
		ktstr_workload_free(workload);
		return;
	default:
		reports = collect(&workload);
		for (size_t i = 0; i < reports->count; i++)
			assert_true(reports->reports[i].completed);
		ktstr_reports_free(reports);
	}
}

static void lives_of_all_sorts_leave_nothing(void **state)
{
	unsigned long cycles = setting("KTSTR_STRESS_CYCLES", CYCLES_DEFAULT);
	struct leftovers before = leftovers_count();

	(void)state;
	for (unsigned long cycle = 0; cycle < cycles; cycle++) {
		live_once();
		assert_nothing_left(before);
	}
}

enum fate { LIVES, KILLED, STOPPED };

static void assert_fate(const struct ktstr_worker_report *report, enum fate fate)
{
	static const enum ktstr_exit_kind kinds[] = { KTSTR_EXIT_NONE, KTSTR_EXIT_SIGNALED,
						      KTSTR_EXIT_TIMED_OUT };
	char text[KTSTR_EXIT_TEXT_MAX];

	if (report->exit_info.kind != kinds[fate])
		fail_msg("fate %u: %s", fate, ktstr_exit_info_format(&report->exit_info, text));
	assert_int_equal(report->completed, fate == LIVES);
	if (fate == KILLED)
		assert_int_equal(report->exit_info.code, SIGKILL);
}

static void hurt_some(void)
{
	struct workload_timeouts timeouts = WORKLOAD_TIMEOUTS_DEFAULT;
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;
	enum fate fates[8] = { LIVES };
	pid_t tids[COUNT(fates)];
	struct ktstr_error error = { 0 };
	const pid_t *pids;
	uint64_t start_ns;

	timeouts.collect_ms = COLLECT_MS;
	if (workload_spawn(&(struct ktstr_workload_config){ .num_workers = 8, .work = draw_work() },
			   &timeouts, &workload, &error))
		fail_msg("spawn: %s", error.text);
	pids = ktstr_workload_pids(workload, &(size_t){ 0 });
	memcpy(tids, pids, sizeof(tids));
	ktstr_workload_start(workload);
	hold(draw(20));
	for (unsigned i = 1 + draw(3); i; i--) {
		unsigned worker = draw(COUNT(fates));

		if (fates[worker] != LIVES)
			continue;
		fates[worker] = draw(3) ? KILLED : STOPPED;
		kill(pids[worker], fates[worker] == KILLED ? SIGKILL : SIGSTOP);
		hold(draw(5));
	}
	start_ns = clock_now_ns();
	reports = collect(&workload);
	/* Both deadlines, and a machine that is busy with other tests. */
	assert_true(clock_now_ns() - start_ns <
		    (timeouts.collect_ms + timeouts.reap_ms + PATIENCE_MS) * NS_PER_MS);
	assert_int_equal(reports->count, COUNT(fates));
	for (size_t i = 0; i < reports->count; i++) {
		assert_fate(&reports->reports[i], fates[i]);
		assert_int_equal(reports->reports[i].tid, tids[i]);
	}
	ktstr_reports_free(reports);
}

/* SIGKILL and SIGSTOP to some of them: each has the report or the sentinel that it should have. */
static void hurt_workers_have_the_right_sentinels(void **state)
{
	unsigned long kills = setting("KTSTR_STRESS_KILLS", KILLS_DEFAULT);
	struct leftovers before = leftovers_count();

	(void)state;
	for (unsigned long i = 0; i < kills; i++) {
		hurt_some();
		assert_nothing_left(before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lives_of_all_sorts_leave_nothing),
		cmocka_unit_test(hurt_workers_have_the_right_sentinels),
	};
	unsigned long seed = setting("KTSTR_STRESS_SEED", (unsigned long)clock_now_ns());

	prng = prng_seeded(seed);
	print_message("KTSTR_STRESS_SEED=%lu\n", seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
