// SPDX-License-Identifier: GPL-2.0-only
/* Claims 33, 36, 37 and 75: work that the user brings. */
#include "test_workload.h"

static struct ktstr_work custom(void (*function)(const struct ktstr_custom *,
						 struct ktstr_worker_report *),
				struct ktstr_work_custom_params *params)
{
	params->run = function;
	return (struct ktstr_work){ .ops = &ktstr_work_custom, .params = params };
}

static void fill_report(const struct ktstr_custom *custom, struct ktstr_worker_report *report)
{
	static uint64_t values[3];
	const struct ktstr_custom_config *config = ktstr_custom_config(custom);
	cpu_set_t mask;

	while (!ktstr_custom_stopping(custom))
		poll(NULL, 0, 1);
	values[0] = config->u64[3];
	values[1] = config->blob[31];
	values[2] = config->blob_bytes;
	report->completed = true;
	report->tid = config->i32[1];
	report->group_index = 77;
	report->work_units = config->size[2];
	report->iterations = config->flag[0];
	report->migration_count = 5; /* counted, not written down */
	report->wake_latencies = (struct ktstr_samples){ values, 3, 4 };
	sched_getaffinity(0, sizeof(mask), &mask);
	report->max_gap_cpu = CPU_EQUAL(&mask, ktstr_custom_cpus(custom)) ? 1 : 0;
	report->cpus_used = *ktstr_custom_cpus(custom);
}

static void custom_report_goes_out_as_it_is(void **state)
{
	struct ktstr_work_custom_params params = {
		.name = "Mine",
		.config = { .u64[3] = UINT64_MAX, .size[2] = 9, .i32[1] = -7, .flag[0] = true },
	};
	char forty[40];
	struct ktstr_work work = custom(fill_report, &params);
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;
	cpu_set_t allowed, one;
	int cpu = 0;

	(void)state;
	memset(forty, 'x', sizeof(forty));
	ktstr_custom_set_blob(&params.config, forty, sizeof(forty));
	sched_getaffinity(0, sizeof(allowed), &allowed);
	while (!CPU_ISSET(cpu, &allowed))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_string_equal(ktstr_work_name(&work), "Mine");
	for (unsigned threads = 0; threads < 2; threads++) {
		const struct ktstr_worker_report *report;

		workload = spawn(&(struct ktstr_workload_config){
			.work = work,
			.affinity = KTSTR_AFFINITY_EXACT(&one),
			.clone_mode = threads ? KTSTR_CLONE_THREAD : KTSTR_CLONE_FORK });
		reports = collect(&workload);
		report = &reports->reports[0];
		assert_true(report->completed);
		assert_int_equal(report->tid, -7);
		assert_int_equal(report->group_index, 77);
		assert_int_equal(report->work_units, 9);
		assert_int_equal(report->iterations, 1);
		assert_int_equal(report->migration_count, 5);
		assert_int_equal(report->migrations_kept, 0);
		assert_int_equal(report->wall_time_ns, 0);
		assert_int_equal(report->wake_latencies.total, 4);
		assert_true(report->wake_latencies.values[0] == UINT64_MAX);
		assert_int_equal(report->wake_latencies.values[1], 'x');
		assert_int_equal(report->wake_latencies.values[2], 32);
		assert_int_equal(report->max_gap_cpu, 1);
		assert_true(CPU_EQUAL(&report->cpus_used, &one));
		ktstr_reports_free(reports);
	}
}

static void only_units(const struct ktstr_custom *custom, struct ktstr_worker_report *report)
{
	(void)custom;
	report->work_units = 3;
}

/* The remark goes to the worker's stderr, so this process's is a file meanwhile. */
static void units_without_iterations_are_remarked_once(void **state)
{
	struct ktstr_work_custom_params params = { .name = "Lopsided" };
	struct ktstr_workload *workload;
	FILE *file = tmpfile();
	int before = dup(STDERR_FILENO);
	char text[512];
	size_t size;

	(void)state;
	assert_non_null(file);
	assert_int_not_equal(dup2(fileno(file), STDERR_FILENO), -1);
	workload = spawn(&(struct ktstr_workload_config){ .work = custom(only_units, &params) });
	ktstr_reports_free(collect(&workload));
	dup2(before, STDERR_FILENO);
	close(before);
	rewind(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	text[size] = '\0';
	fclose(file);
	assert_string_equal(text,
			    "ktstr: custom work 'Lopsided' reports work_units but no iterations\n");
}

static void leave_with_7(const struct ktstr_custom *custom, struct ktstr_worker_report *report)
{
	(void)custom;
	(void)report;
	_exit(7);
}

static void custom_exit_is_its_exit_info(void **state)
{
	struct ktstr_work_custom_params params = { 0 };
	struct ktstr_workload *workload = spawn(
		&(struct ktstr_workload_config){ .work = custom(leave_with_7, &params) });
	struct ktstr_reports *reports = collect(&workload);

	(void)state;
	assert_false(reports->reports[0].completed);
	assert_int_equal(reports->reports[0].exit_info.kind, KTSTR_EXIT_EXITED);
	assert_int_equal(reports->reports[0].exit_info.code, 7);
	ktstr_reports_free(reports);
}

static void ignore_the_stop(const struct ktstr_custom *custom, struct ktstr_worker_report *report)
{
	(void)custom;
	(void)report;
	for (;;)
		poll(NULL, 0, 100);
}

static void custom_that_ignores_the_stop_times_out_alone(void **state)
{
	struct workload_timeouts timeouts = WORKLOAD_TIMEOUTS_DEFAULT;
	struct ktstr_work_custom_params params = { 0 };
	struct ktstr_workload *workload;
	struct ktstr_reports *reports;
	uint64_t seen[2] = { 0 };

	(void)state;
	timeouts.collect_ms = 500;
	assert_int_equal(
		workload_spawn(
			&(struct ktstr_workload_config){
				.work = custom(ignore_the_stop, &params),
				.composed = &(const struct ktstr_work_spec){ .workers = 1 },
				.num_composed = 1 },
			&timeouts, &workload, NULL),
		0);
	ktstr_workload_start(workload);
	while (!seen[1]) {
		hold(1);
		ktstr_workload_snapshot_iterations(workload, seen, 2);
	}
	reports = collect(&workload);
	assert_int_equal(reports->count, 2);
	assert_false(reports->reports[0].completed);
	assert_int_equal(reports->reports[0].exit_info.kind, KTSTR_EXIT_TIMED_OUT);
	assert_true(reports->reports[1].completed);
	assert_int_equal(reports->reports[1].group_index, 1);
	assert_int_equal(reports->reports[1].work_units, 1024 * reports->reports[1].iterations);
	assert_true(reports->reports[1].iterations >= seen[1]);
	ktstr_reports_free(reports);
}

/* Two children that sleep: one stays in the worker's process group, one leaves it. */
static void fork_sleepers(const struct ktstr_custom *custom, struct ktstr_worker_report *report)
{
	pid_t stays, leaves;
	sigset_t none;

	sigemptyset(&none);
	stays = fork();
	if (!stays) {
		alarm(20);
		for (;;)
			sigsuspend(&none);
	}
	leaves = fork();
	if (!leaves) {
		alarm(20);
		setpgid(0, 0);
		for (;;)
			sigsuspend(&none);
	}
	setpgid(leaves, leaves);
	while (!ktstr_custom_stopping(custom))
		poll(NULL, 0, 1);
	report->completed = true;
	report->tid = stays;
	report->group_index = (unsigned)leaves;
}

static void children_in_the_workers_group_die_with_it(void **state)
{
	struct ktstr_work_custom_params params = { 0 };
	struct ktstr_workload *workload = spawn(
		&(struct ktstr_workload_config){ .work = custom(fork_sleepers, &params) });
	struct ktstr_reports *reports = collect(&workload);
	pid_t stays = reports->reports[0].tid, leaves = (pid_t)reports->reports[0].group_index;

	(void)state;
	ktstr_reports_free(reports);
	assert_true(stays > 0 && leaves > 0);
	assert_false(process_is_alive(stays));
	assert_true(process_is_alive(leaves));
	kill(leaves, SIGKILL);
}

static void probe_cgroups(const struct ktstr_custom *custom, struct ktstr_worker_report *report)
{
	struct ktstr_error error;
	size_t siblings = 99;

	ktstr_custom_siblings(custom, &siblings);
	report->completed = true;
	report->iterations = 1;
	report->exit_info.code = ktstr_custom_open_sibling_procs(custom, "../up", &error);
	report->max_gap_cpu = ktstr_custom_open_sibling_procs(custom, "no-such", &error);
	report->work_units = ktstr_custom_cgroup(custom) ? 1 : 0;
	report->migration_count = siblings;
}

static void custom_sees_its_cgroup_or_that_it_has_none(void **state)
{
	struct ktstr_work_custom_params params = { 0 };
	struct ktstr_workload *workload = spawn(
		&(struct ktstr_workload_config){ .work = custom(probe_cgroups, &params) });
	struct ktstr_reports *reports = collect(&workload);
	const struct ktstr_worker_report *report = &reports->reports[0];

	(void)state;
	assert_int_equal(report->exit_info.code, -EINVAL);
	assert_true(report->max_gap_cpu < 0);
	if (!report->work_units) {
		assert_int_equal(report->max_gap_cpu, -ENOENT);
		assert_int_equal(report->migration_count, 0);
	}
	ktstr_reports_free(reports);
}

static void custom_needs_a_function(void **state)
{
	const struct ktstr_work work = { .ops = &ktstr_work_custom };
	struct ktstr_error error = { 0 };

	(void)state;
	assert_string_equal(ktstr_work_name(&work), "Custom");
	assert_int_equal(ktstr_work_check(&work, 1, &error), -EINVAL);
	assert_contains(error.text, "run: there is no function");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(custom_report_goes_out_as_it_is),
		cmocka_unit_test(units_without_iterations_are_remarked_once),
		cmocka_unit_test(custom_exit_is_its_exit_info),
		cmocka_unit_test(custom_that_ignores_the_stop_times_out_alone),
		cmocka_unit_test(children_in_the_workers_group_die_with_it),
		cmocka_unit_test(custom_sees_its_cgroup_or_that_it_has_none),
		cmocka_unit_test(custom_needs_a_function),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
