// SPDX-License-Identifier: GPL-2.0-only
/* What the kinds of work promise about their reports, each on one real worker. */
#include "test_workload.h"

#define NAME(kind, name) { &ktstr_work_##kind, name },

/* Claim 72, as far as there are names. */
static void work_name_is_that_of_the_table(void **state)
{
	static const struct {
		const struct ktstr_work_ops *ops;
		const char *name;
	} rows[] = { KTSTR_WORK_TYPES(NAME) };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(ktstr_work_name(&(struct ktstr_work){ .ops = rows[i].ops }),
				    rows[i].name);
	assert_string_equal(ktstr_work_name(&(struct ktstr_work){ 0 }), "SpinWait");
}

/* Claim 72. */
static void work_from_name_is_the_way_back(void **state)
{
	static const char *const names[] = {
#define X(kind, name) name,
		KTSTR_WORK_TYPES(X)
#undef X
	};
	static const struct {
		const char *name, *part;
	} bad[] = {
		{ "Sequence", "is nothing without parameters" },
		{ "Custom", "is nothing without parameters" },
		{ "spinwait", "nearest is 'SpinWait'" },
		{ "BURSTY", "no kind of work 'BURSTY'" },
		{ " SpinWait", "no kind of work ' SpinWait'" },
		{ "", "no kind of work ''" },
		{ "SpinWai", "nearest is 'SpinWait'" },
		{ "no such thing at all", "ktstr_work(3) lists them" },
	};
	struct ktstr_error error = { 0 };
	struct ktstr_work work;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		if (!strcmp(names[i], "Sequence") || !strcmp(names[i], "Custom"))
			continue;
		if (ktstr_work_from_name(names[i], &work, &error))
			fail_msg("%s", error.text);
		assert_null(work.params);
		assert_string_equal(ktstr_work_name(&work), names[i]);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		work = (struct ktstr_work){ 0 };
		assert_int_equal(ktstr_work_from_name(bad[i].name, &work, &error), -EINVAL);
		assert_contains(error.text, bad[i].part);
		assert_null(work.ops);
	}
}

/* Claims 3, 4, 48. */
static void work_counts_units_per_iteration_and_no_samples(void **state)
{
	const struct {
		struct ktstr_work work;
		uint64_t units;
	} rows[] = {
		{ KTSTR_WORK(spin_wait), 1024 },
		{ KTSTR_WORK(mixed), 1024 },
		{ KTSTR_WORK(yield_heavy), 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_reports *reports = run(
			&(struct ktstr_workload_config){ .work = rows[i].work }, 100);
		const struct ktstr_worker_report *report = reports->reports;

		print_message("row: %s\n", ktstr_work_name(&rows[i].work));
		assert_true(report->completed);
		assert_true(report->iterations >= 100);
		assert_int_equal(report->work_units, rows[i].units * report->iterations);
		assert_int_equal(report->wake_latencies.total, 0);
		assert_int_equal(report->wake_latencies.count, 0);
		assert_int_equal(report->iteration_costs.total, 0);
		assert_int_equal(report->timer_latencies.total, 0);
		ktstr_reports_free(reports);
	}
}

/*
 * Claim 53: a worker that never blocks is off the CPU while others run there, which the kernel
 * counts too, and at most a fifth of the time for what it does not count.
 */
static bool off_cpu_is_waiting(void)
{
	struct ktstr_reports *reports = run(&(struct ktstr_workload_config){ 0 }, 2000);
	const struct ktstr_worker_report *report = reports->reports;
	bool is = report->off_cpu_ns <= report->schedstat_run_delay_ns + report->wall_time_ns / 5;

	ktstr_reports_free(reports);
	return is;
}

/* A host that takes the CPU of this machine away is counted by nobody: then once more. */
static void spinning_is_off_the_cpu_only_while_it_waits_for_one(void **state)
{
	bool is = false;

	(void)state;
	if (access("/proc/self/schedstat", R_OK))
		skip_because("needs /proc/PID/schedstat");
	for (unsigned attempt = 0; attempt < 5 && !is; attempt++)
		is = off_cpu_is_waiting();
	assert_true(is);
}

/* Two that want one CPU wait for it, and are picked again and again. */
static void schedstat_says_who_waited_for_a_cpu(void **state)
{
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;
	cpu_set_t allowed, one;
	int cpu = 0;

	(void)state;
	if (access("/proc/self/schedstat", R_OK))
		skip_because("needs /proc/PID/schedstat");
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	while (!CPU_ISSET(cpu, &allowed))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	workload = spawn(&(struct ktstr_workload_config){ .num_workers = 2,
							  .affinity = KTSTR_AFFINITY_EXACT(&one),
							  .work = KTSTR_WORK(yield_heavy) });
	ktstr_workload_start(workload);
	/* Both at work: from then on each yields to the other. */
	await_iterations(workload, 1);
	hold(30);
	reports = collect(&workload);
	for (size_t i = 0; i < reports->count; i++) {
		assert_true(reports->reports[i].schedstat_run_delay_ns > 0);
		assert_true(reports->reports[i].schedstat_run_count > 0);
		assert_true(reports->reports[i].schedstat_cpu_time_ns > 0);
	}
	ktstr_reports_free(reports);
}

/* Claims 53 and 54; all that a report says about one worker fits together. */
static void work_report_is_consistent(void **state)
{
	cpu_set_t allowed, one;
	struct ktstr_reports *reports;
	const struct ktstr_worker_report *report;
	int cpu = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	while (!CPU_ISSET(cpu, &allowed))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	reports = run(&(struct ktstr_workload_config){ .affinity = KTSTR_AFFINITY_EXACT(&one) },
		      500);
	report = reports->reports;
	assert_string_equal(report->affinity_error, "");
	assert_true(CPU_EQUAL(&report->cpus_used, &one));
	assert_int_equal(report->migration_count, 0);
	assert_int_equal(report->migrations_kept, 0);
	assert_true(report->wall_time_ns > 0 && report->cpu_time_ns > 0);
	assert_int_equal(report->off_cpu_ns, report->wall_time_ns > report->cpu_time_ns
						     ? report->wall_time_ns - report->cpu_time_ns
						     : 0);
	assert_true(report->max_gap_at_ms <= report->wall_time_ns / NS_PER_MS);
	assert_true(report->max_gap_ms <= report->max_gap_at_ms);
	assert_int_equal(report->max_gap_cpu, cpu);
	if (!access("/proc/self/schedstat", R_OK))
		assert_true(report->schedstat_cpu_time_ns > 0);
	if (!access("/proc/self/numa_maps", R_OK))
		assert_true(report->numa_pages_count > 0 && report->numa_pages[0].pages > 0);
	ktstr_reports_free(reports);
}

/* A worker is moved between two CPUs by hand: each move is an event of its own. */
static void work_reports_migrations(void **state)
{
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;
	const struct ktstr_worker_report *report;
	cpu_set_t allowed, sets[2];
	unsigned found = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	for (int cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++) {
		if (!CPU_ISSET(cpu, &allowed))
			continue;
		CPU_ZERO(&sets[found]);
		CPU_SET(cpu, &sets[found++]);
	}
	if (found < 2)
		skip_because("needs two CPUs that it may use");
	workload = spawn(
		&(struct ktstr_workload_config){ .affinity = KTSTR_AFFINITY_EXACT(&sets[0]) });
	ktstr_workload_start(workload);
	for (unsigned move = 1; move <= 4; move++) {
		uint64_t seen;

		ktstr_workload_snapshot_iterations(workload, &seen, 1);
		await_iterations(workload, seen + 2);
		assert_int_equal(ktstr_workload_set_affinity(workload, 0, &sets[move % 2], NULL),
				 0);
	}
	await_iterations(workload, 20);
	reports = collect(&workload);
	report = reports->reports;
	assert_in_range(report->migration_count, 3, 4); /* the last may come after the stop */
	assert_int_equal(report->migrations_kept, report->migration_count);
	assert_int_equal(CPU_COUNT(&report->cpus_used), 2);
	for (size_t i = 0; i < report->migrations_kept; i++) {
		assert_true(CPU_ISSET(report->migrations[i].from_cpu, &sets[i % 2]));
		assert_true(CPU_ISSET(report->migrations[i].to_cpu, &sets[(i + 1) % 2]));
		assert_true(!i || report->migrations[i].at_ns >= report->migrations[i - 1].at_ns);
	}
	ktstr_reports_free(reports);
}

/* Claim 51: samples are whole sleeps, and the sleep counts as a gap. */
static void bursty_samples_its_sleeps(void **state)
{
	struct ktstr_reports *reports = run(
		&(struct ktstr_workload_config){
			.work = KTSTR_WORK(bursty, .burst_ms = 2, .sleep_ms = 10) },
		4);
	const struct ktstr_worker_report *report = reports->reports;

	(void)state;
	assert_in_range(report->wake_latencies.total, report->iterations - 1, report->iterations);
	assert_int_equal(report->wake_latencies.count, report->wake_latencies.total);
	for (size_t i = 0; i < report->wake_latencies.count; i++)
		assert_in_range(report->wake_latencies.values[i], 10 * NS_PER_MS, 1000 * NS_PER_MS);
	assert_true(report->max_gap_ms >= 10);
	assert_true(report->work_units % 1024 == 0 && report->work_units > 0);
	assert_true(report->off_cpu_ns >= 20 * NS_PER_MS); /* 40 less what comes before the loop */
	ktstr_reports_free(reports);
}

/* Defaults: 50 ms of burst, 100 ms of sleep, and a stop in the middle of it costs no sample. */
static void bursty_defaults_and_stops_inside_its_sleep(void **state)
{
	struct ktstr_workload *workload = spawn(
		&(struct ktstr_workload_config){ .work = { .ops = &ktstr_work_bursty } });
	pid_t pid = ktstr_workload_pids(workload, &(size_t){ 0 })[0];
	struct ktstr_reports *reports;
	uint64_t start_ns, stop_ns;

	(void)state;
	ktstr_workload_start(workload);
	start_ns = clock_now_ns();
	await_state(pid, 'R');
	await_state(pid, 'S');
	stop_ns = clock_now_ns();
	assert_true(stop_ns - start_ns > 40 * NS_PER_MS);
	reports = collect(&workload);
	assert_true(reports->reports[0].completed);
	assert_int_equal(reports->reports[0].wake_latencies.total,
			 reports->reports[0].iterations - 1);
	ktstr_reports_free(reports);
}

/* A sleep of an hour ends with the stop (section 9.8: within 100 ms). */
static void bursty_stops_at_once(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
		.num_workers = 3,
		.work = KTSTR_WORK(bursty, .burst_ms = 1, .sleep_ms = 3600 * 1000) });
	size_t count;
	const pid_t *pids = ktstr_workload_pids(workload, &count);
	struct ktstr_reports *reports;
	uint64_t stop_ns;

	(void)state;
	ktstr_workload_start(workload);
	for (size_t i = 0; i < count; i++)
		await_state(pids[i], 'S');
	stop_ns = clock_now_ns();
	reports = collect(&workload);
	assert_true(clock_now_ns() - stop_ns < 1000 * NS_PER_MS);
	for (size_t i = 0; i < count; i++)
		assert_true(reports->reports[i].completed);
	ktstr_reports_free(reports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(work_name_is_that_of_the_table),
		cmocka_unit_test(work_from_name_is_the_way_back),
		cmocka_unit_test(work_counts_units_per_iteration_and_no_samples),
		cmocka_unit_test(spinning_is_off_the_cpu_only_while_it_waits_for_one),
		cmocka_unit_test(schedstat_says_who_waited_for_a_cpu),
		cmocka_unit_test(work_report_is_consistent),
		cmocka_unit_test(work_reports_migrations),
		cmocka_unit_test(bursty_samples_its_sleeps),
		cmocka_unit_test(bursty_defaults_and_stops_inside_its_sleep),
		cmocka_unit_test(bursty_stops_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
