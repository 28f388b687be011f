// SPDX-License-Identifier: GPL-2.0-only
/* What a worker measures, cut into slices where the parent says that another phase begins. */
#include "test_workload.h"

static enum work_next sample_and_nap(struct ktstr_worker *worker)
{
	uint64_t asleep_ns;

	worker->work_units++;
	worker_sample_wake(worker, worker->iterations);
	worker_sleep(worker, NS_PER_MS, &asleep_ns);
	return WORK_NEXT;
}

/* Until each worker has done two more passes: then it has looked at the epoch between them. */
static void await_two_more(const struct ktstr_workload *workload)
{
	uint64_t now[8] = { 0 }, most = 0;
	size_t count = ktstr_workload_snapshot_iterations(workload, now, COUNT(now));

	for (size_t i = 0; i < count; i++)
		most = now[i] > most ? now[i] : most;
	await_iterations(workload, most + 2);
}

static void assert_slices(const struct ktstr_worker_report *report, const uint32_t *epochs,
			  size_t count)
{
	uint64_t iterations = 0, samples = 0, migrations = 0, wall_ns = 0, max_gap_ms = 0;
	uint64_t cpu_ns = 0, delay_ns = 0;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	assert_int_equal(report->phase_slices_count, count);
	for (size_t i = 0; i < count; i++) {
		const struct ktstr_phase_slice *slice = &report->phase_slices[i];

		assert_int_equal(slice->epoch, epochs[i]);
		assert_true(CPU_COUNT(&slice->cpus_used) > 0);
		assert_true(slice->wall_time_ns > 0);
		assert_true(slice->wake_latencies.total > 0);
		assert_true(slice->numa_pages_count > 0 || access("/proc/self/numa_maps", R_OK));
		/* The samples of a phase are its own: they begin where the last one ended. */
		assert_int_equal(slice->wake_latencies.values[0], samples);
		iterations += slice->iterations;
		samples += slice->wake_latencies.total;
		migrations += slice->migration_count;
		wall_ns += slice->wall_time_ns;
		cpu_ns += slice->schedstat_cpu_time_ns;
		delay_ns += slice->schedstat_run_delay_ns;
		/* It naps in every pass, and is on the CPU for the rest of it. */
		assert_in_range(slice->off_cpu_ns, NS_PER_MS, slice->wall_time_ns - 1);
		max_gap_ms = slice->max_gap_ms > max_gap_ms ? slice->max_gap_ms : max_gap_ms;
		CPU_OR(&cpus, &cpus, &slice->cpus_used);
	}
	assert_int_equal(iterations, report->iterations);
	assert_int_equal(samples, report->wake_latencies.total);
	assert_int_equal(migrations, report->migration_count);
	assert_int_equal(wall_ns, report->wall_time_ns);
	assert_int_equal(cpu_ns, report->schedstat_cpu_time_ns);
	assert_int_equal(delay_ns, report->schedstat_run_delay_ns);
	assert_int_equal(max_gap_ms, report->max_gap_ms);
	assert_true(CPU_EQUAL(&cpus, &report->cpus_used));
}

/* Claim 76, for workers of each sort. */
static void epochs_cut_the_report_into_slices(void **state)
{
	static const uint32_t epochs[] = { KTSTR_PHASE_BASELINE, 1, KTSTR_PHASE_BETWEEN, 2 };
	const struct ktstr_work_spec spec = { .workers = 2, .work = TEST_WORK(sample_and_nap) };

	(void)state;
	for (unsigned sort = 0; sort < 3; sort++) {
		struct ktstr_workload *workload = NULL;
		struct ktstr_reports *reports;

		if (sort == 2)
			assert_int_equal(ktstr_workload_spawn_pcomm(
						 &(struct ktstr_pcomm_config){ .pcomm = "phases",
									       .max_phases = 9,
									       .works = &spec,
									       .num_works = 1 },
						 &workload, NULL),
					 0);
		else
			workload = spawn(&(struct ktstr_workload_config){
				.num_workers = 2,
				.work = spec.work,
				.max_phases = 9,
				.clone_mode = sort ? KTSTR_CLONE_THREAD : KTSTR_CLONE_FORK });
		ktstr_workload_start(workload);
		await_two_more(workload);
		for (size_t i = 1; i < COUNT(epochs); i++) {
			ktstr_workload_set_phase(workload, epochs[i]);
			await_two_more(workload);
		}
		reports = collect(&workload);
		for (size_t i = 0; i < reports->count; i++)
			assert_slices(&reports->reports[i], epochs, COUNT(epochs));
		ktstr_reports_free(reports);
	}
}

/* Timers are cut as wake-ups are. */
static void epochs_cut_the_samples_of_timers(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
		.work = KTSTR_WORK(timer_latency), .max_phases = 2 });
	const struct ktstr_worker_report *report;
	struct ktstr_reports *reports;

	(void)state;
	ktstr_workload_start(workload);
	await_two_more(workload);
	ktstr_workload_set_phase(workload, 1);
	await_two_more(workload);
	reports = collect(&workload);
	report = &reports->reports[0];
	assert_int_equal(report->phase_slices_count, 2);
	assert_true(report->phase_slices[0].timer_latencies.total > 0);
	assert_true(report->phase_slices[1].timer_latencies.total > 0);
	assert_int_equal(report->phase_slices[0].timer_latencies.total +
				 report->phase_slices[1].timer_latencies.total,
			 report->timer_latencies.total);
	assert_int_equal(report->phase_slices[0].wake_latencies.total, 0);
	ktstr_reports_free(reports);
}

/* 11: step-local workers are never told, and cost nothing. */
static void workers_that_are_not_told_have_no_slices(void **state)
{
	(void)state;
	for (unsigned max_phases = 0; max_phases < 2; max_phases++) {
		struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
			.work = TEST_WORK(sample_and_nap), .max_phases = max_phases });
		struct ktstr_reports *reports;

		ktstr_workload_start(workload);
		await_iterations(workload, 2);
		if (!max_phases) {
			ktstr_workload_set_phase(workload, 1);
			await_two_more(workload);
		}
		reports = collect(&workload);
		assert_int_equal(reports->reports[0].phase_slices_count, 0);
		ktstr_reports_free(reports);
	}
}

/* The last slice takes all that comes, and says that it is no step's. */
static void slices_that_run_out_lose_nothing(void **state)
{
	static const uint32_t epochs[] = { 0, KTSTR_PHASE_BETWEEN };
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
		.work = TEST_WORK(sample_and_nap), .max_phases = COUNT(epochs) });
	struct ktstr_reports *reports;

	(void)state;
	ktstr_workload_start(workload);
	await_two_more(workload);
	for (uint32_t epoch = 1; epoch < 6; epoch++) {
		ktstr_workload_set_phase(workload, epoch);
		await_two_more(workload);
	}
	reports = collect(&workload);
	assert_slices(&reports->reports[0], epochs, COUNT(epochs));
	ktstr_reports_free(reports);
}

static enum work_next sample_in_plenty(struct ktstr_worker *worker)
{
	for (unsigned i = 0; i < 2 * KTSTR_PHASE_SAMPLES_MAX; i++)
		worker_sample_wake(worker, i);
	return WORK_NEXT;
}

/* Claim 46. */
static void slices_keep_8192_samples(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
		.work = TEST_WORK(sample_in_plenty), .max_phases = 2 });
	struct ktstr_reports *reports;
	const struct ktstr_phase_slice *slice;

	(void)state;
	ktstr_workload_start(workload);
	await_iterations(workload, 2);
	ktstr_workload_set_phase(workload, 1);
	await_two_more(workload);
	reports = collect(&workload);
	assert_int_equal(reports->reports[0].phase_slices_count, 2);
	slice = &reports->reports[0].phase_slices[0];
	assert_int_equal(slice->wake_latencies.count, 8192);
	assert_int_equal(slice->wake_latencies.total,
			 slice->iterations * 2 * KTSTR_PHASE_SAMPLES_MAX);
	ktstr_reports_free(reports);
}

static void spawn_refuses_more_phases_than_it_can_keep(void **state)
{
	struct ktstr_workload *workload = NULL;
	struct ktstr_error error = { 0 };

	(void)state;
	assert_int_equal(
		ktstr_workload_spawn(
			&(struct ktstr_workload_config){ .max_phases = KTSTR_PHASES_MAX + 1 },
			&workload, &error),
		-EINVAL);
	assert_contains(error.text, "max_phases: 1025");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(epochs_cut_the_report_into_slices),
		cmocka_unit_test(epochs_cut_the_samples_of_timers),
		cmocka_unit_test(workers_that_are_not_told_have_no_slices),
		cmocka_unit_test(slices_that_run_out_lose_nothing),
		cmocka_unit_test(slices_keep_8192_samples),
		cmocka_unit_test(spawn_refuses_more_phases_than_it_can_keep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
