// SPDX-License-Identifier: GPL-2.0-only
/* CachePressure, CacheYield, CachePipe and PageFaultChurn. */
#include "test_work.h"

/* Claims 5, 48; the vectors of 7.9. */
static void cache_counts_units_and_samples(void **state)
{
	const struct work_claim claims[] = {
		{ KTSTR_WORK(cache_pressure), 1, 1024, NO_SAMPLES },
		{ KTSTR_WORK(cache_yield), 1, 1024, WAKE },
		{ KTSTR_WORK(cache_pipe), 2, 1024, WAKE },
		{ KTSTR_WORK(cache_pipe, .burst_iters = 7), 4, 7, WAKE },
		{ KTSTR_WORK(page_fault_churn), 1, 320, NO_SAMPLES },
		{ KTSTR_WORK(page_fault_churn, .region_kib = 1, .touches_per_cycle = 3,
			     .spin_iters = KTSTR_ZERO),
		  1, 3, NO_SAMPLES },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(claims); i++)
		assert_work_claim(&claims[i], 20);
}

/* Every pass begins at the start of the buffer and goes around its end. */
static void cache_pressure_increments_along_its_stride(void **state)
{
	struct solo *solo = solo_new(
		KTSTR_WORK(cache_pressure, .size_kib = 1, .stride_bytes = 100));
	unsigned char expected[1024] = { 0 };

	(void)state;
	for (size_t i = 0, at = 0; i < 2 * 1024; i++, at = i == 1024 ? 0 : (at + 100) % 1024)
		expected[at]++;
	assert_int_equal(solo_pass(solo), WORK_NEXT);
	assert_int_equal(solo_pass(solo), WORK_NEXT);
	assert_memory_equal(solo->worker.buffer, expected, sizeof(expected));
	assert_int_equal(solo->worker.checkpoint.last_ns, 0); /* no wait to excuse */
	solo_free(solo);
}

/* Section 6.3: not refused, but there is nothing to do. */
static void cache_without_buffer_or_stride_ends_at_once(void **state)
{
	const struct ktstr_work works[] = {
		KTSTR_WORK(cache_pressure, .size_kib = KTSTR_ZERO),
		KTSTR_WORK(cache_pressure, .stride_bytes = KTSTR_ZERO),
		KTSTR_WORK(cache_yield, .size_kib = KTSTR_ZERO),
		KTSTR_WORK(cache_yield, .stride_bytes = KTSTR_ZERO),
		KTSTR_WORK(page_fault_churn, .region_kib = KTSTR_ZERO),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(works); i++) {
		struct solo *solo = solo_new(works[i]);

		assert_int_equal(solo_pass(solo), WORK_END);
		assert_int_equal(solo->worker.work_units, 0);
		solo_free(solo);
	}
}

/* How many pages of the region are there, and whether huge ones are out of the question. */
static size_t count_pages(const struct solo *solo, bool *ret_small)
{
	char *const *region = (char *const *)(const void *)solo->worker.state;
	char line[512], wanted[32];
	unsigned long kib = 0;
	bool inside = false;
	FILE *smaps = fopen("/proc/self/smaps", "re");

	assert_non_null(smaps);
	snprintf(wanted, sizeof(wanted), "%lx-", (unsigned long)*region);
	while (fgets(line, sizeof(line), smaps)) {
		if (strchr(line, '-') &&
		    strspn(line, "0123456789abcdef") == (size_t)(strchr(line, '-') - line))
			inside = !strncmp(line, wanted, strlen(wanted));
		if (inside && !strncmp(line, "Rss:", 4))
			kib = strtoul(line + 4, NULL, 10);
		if (inside && !strncmp(line, "VmFlags:", 8))
			*ret_small = strstr(line, " nh") != NULL;
	}
	fclose(smaps);
	return kib * 1024 / (size_t)sysconf(_SC_PAGESIZE);
}

/* Every pass begins without pages, so every touch of a new one is a fault, and a small one. */
static void page_fault_churn_gives_all_pages_back(void **state)
{
	struct solo *solo = solo_new(KTSTR_WORK(page_fault_churn, .region_kib = 256));
	struct rusage before, after;
	bool small = false;

	(void)state;
	assert_int_equal(count_pages(solo, &small), 0);
	assert_true(small);
	for (unsigned pass = 0; pass < 3; pass++) {
		getrusage(RUSAGE_SELF, &before);
		assert_int_equal(solo_pass(solo), WORK_NEXT);
		getrusage(RUSAGE_SELF, &after);
		/* 256 touches of 64 pages: 63 of them on average. */
		assert_in_range(after.ru_minflt - before.ru_minflt, 32, 128);
		assert_int_equal(count_pages(solo, &small), 0);
	}
	solo_free(solo);
}

static void page_fault_churn_says_why_it_has_no_region(void **state)
{
	struct solo *solo = solo_new(KTSTR_WORK(page_fault_churn, .region_kib = KTSTR_ZERO));

	(void)state;
	assert_contains(solo->worker.work_error, "region_kib 0: map the region");
	solo_free(solo);
}

/* Claim 11's rule, for this pair. */
static void cache_pipe_comes_in_pairs(void **state)
{
	(void)state;
	assert_work_refused(KTSTR_WORK(cache_pipe),
			    "CachePipe (group 0) requires num_workers divisible by 2, got 1");
}

/* An exchange without a buffer is one; partners take turns. */
static void cache_pipe_takes_turns(void **state)
{
	struct ktstr_reports *reports = run_work(KTSTR_WORK(cache_pipe, .size_kib = KTSTR_ZERO), 2,
						 200);
	const struct ktstr_worker_report *report = reports->reports;
	uint64_t difference = report[0].iterations > report[1].iterations
				      ? report[0].iterations - report[1].iterations
				      : report[1].iterations - report[0].iterations;

	(void)state;
	assert_true(difference <= 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(report[i].work_units, 0);
		assert_in_range(report[i].wake_latencies.total, report[i].iterations - 1,
				report[i].iterations);
	}
	ktstr_reports_free(reports);
}

/* Claims 51 and 58: a silent partner is no gap and does not hold up the stop. */
static void cache_pipe_waits_for_a_silent_partner(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
		.num_workers = 2, .work = KTSTR_WORK(cache_pipe) });
	const pid_t *pids = ktstr_workload_pids(workload, &(size_t){ 0 });
	struct ktstr_reports *reports;
	uint64_t stop_ns;

	(void)state;
	ktstr_workload_start(workload);
	await_iterations(workload, 10);
	kill(pids[0], SIGSTOP);
	await_state(pids[1], 'S');
	hold(300);
	kill(pids[0], SIGCONT);
	stop_ns = clock_now_ns();
	reports = collect(&workload);
	assert_true(clock_now_ns() - stop_ns < 2 * NS_PER_S);
	assert_true(reports->reports[1].completed);
	assert_true(reports->reports[1].max_gap_ms < 250);
	ktstr_reports_free(reports);
}

/* Claim 59: the one that is left goes on and reports. */
static void cache_pipe_survives_its_partner(void **state)
{
	struct ktstr_workload *workload = spawn(&(struct ktstr_workload_config){
		.num_workers = 2, .work = KTSTR_WORK(cache_pipe) });
	const pid_t *pids = ktstr_workload_pids(workload, &(size_t){ 0 });
	struct ktstr_reports *reports;
	uint64_t seen[2];

	(void)state;
	ktstr_workload_start(workload);
	await_iterations(workload, 10);
	kill(pids[0], SIGKILL);
	await_state(pids[0], 'Z');
	ktstr_workload_snapshot_iterations(workload, seen, 2);
	hold(20);
	reports = collect(&workload);
	assert_false(reports->reports[0].completed);
	assert_true(reports->reports[1].completed);
	assert_true(reports->reports[1].iterations >= seen[1]);
	ktstr_reports_free(reports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cache_counts_units_and_samples),
		cmocka_unit_test(cache_pressure_increments_along_its_stride),
		cmocka_unit_test(cache_without_buffer_or_stride_ends_at_once),
		cmocka_unit_test(page_fault_churn_gives_all_pages_back),
		cmocka_unit_test(page_fault_churn_says_why_it_has_no_region),
		cmocka_unit_test(cache_pipe_comes_in_pairs),
		cmocka_unit_test(cache_pipe_takes_turns),
		cmocka_unit_test(cache_pipe_waits_for_a_silent_partner),
		cmocka_unit_test(cache_pipe_survives_its_partner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
