// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine itself, started as the command line starts it. Runs last tenths of a second, and what
 * is asserted holds however slow the machine is.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "unit.h"
#include "base/clock.h"
#include "workload/schbench/engine.h"
#include "workload/schbench/multiply.h"

#define SLICES 4

/* What a run came to. The slices are too large for a stack. */
struct run {
	struct schbench *bench;
	_Atomic uint32_t epoch;
	struct ktstr_schbench_slice slices[SLICES];
	struct ktstr_schbench_report report;
};

static int allocate(void **state)
{
	*state = calloc(1, sizeof(struct run));
	return *state ? 0 : -1;
}

/* Also after an assertion that failed with threads running. */
static int release(void **state)
{
	schbench_free(((struct run *)*state)->bench);
	free(*state);
	return 0;
}

/* By their names: a sanitizer has threads of its own. */
static unsigned count_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	unsigned count = 0;

	assert_non_null(tasks);
	for (const struct dirent *entry; (entry = readdir(tasks));) {
		char path[300], name[32] = "";
		FILE *comm;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", entry->d_name);
		comm = fopen(path, "re");
		if (!comm)
			continue;
		if (fgets(name, sizeof(name), comm))
			count += strncmp(name, "schbench-", 9) == 0;
		fclose(comm);
	}
	closedir(tasks);
	return count;
}

static void start(struct run *run, struct schbench_config config)
{
	struct ktstr_error error = { 0 };

	config.slices = run->slices;
	config.slices_max = SLICES;
	config.epoch = &run->epoch;
	if (schbench_new(&config, &run->bench, &error) || schbench_start(run->bench, &error))
		fail_msg("%s", error.text);
}

/* Until enough requests are done: a slow machine takes longer, a hang ends the test program. */
static void run_until(struct run *run, uint64_t loops)
{
	uint64_t deadline_ns = clock_deadline_ms(20000);

	while (schbench_loop_count(run->bench) < loops) {
		struct timespec ts = clock_timespec(5 * NS_PER_MS);

		if (clock_now_ns() > deadline_ns)
			fail_msg("%llu loops in 20 s",
				 (unsigned long long)schbench_loop_count(run->bench));
		nanosleep(&ts, NULL);
	}
}

static void stop(struct run *run)
{
	schbench_tick(run->bench);
	schbench_stop(run->bench);
	schbench_report(run->bench, &run->report);
}

static const struct schbench_config defaults = {
	.message_threads = 1,
	.cache_footprint_kib = 256,
	.operations = 5,
	.sleep_us = 100,
};

/* Claim 79. */
static void schbench_default_fills_both_histograms_and_leaves_no_thread(void **state)
{
	struct run *run = *state;
	/* A shorter time gives no sample of the rate. */
	struct timespec window = clock_timespec(60 * NS_PER_MS);
	struct ktstr_percentiles request;

	start(run, defaults);
	nanosleep(&window, NULL);
	run_until(run, 8);
	assert_true(count_threads() >= 2);
	stop(run);
	assert_int_equal(count_threads(), 0);
	assert_int_equal(run->report.slices_count, 1);
	assert_int_equal(run->slices[0].epoch, 0);
	assert_true(run->slices[0].loop_count >= 8);
	assert_int_equal(run->slices[0].loop_count, schbench_loop_count(run->bench));
	assert_int_equal(run->slices[0].request_us.samples, run->slices[0].loop_count);
	assert_true(run->slices[0].wakeup_us.samples > 0);
	assert_int_equal(run->slices[0].rps.samples, 1);
	ktstr_histogram_percentiles(&run->slices[0].request_us, &request);
	/* The think time alone is that long. */
	assert_true(request.values[KTSTR_PERCENTILE_50] >= 100);
	assert_true(run->slices[0].request_us.min >= 100);
	assert_true(run->report.runtime_ns > 0);
	assert_true(run->report.worker_runtime_us > 0);
}

/* Claim 80. */
static void schbench_cycles_without_sleep_or_operations(void **state)
{
	struct run *run = *state;
	struct schbench_config config = defaults;

	config.sleep_us = 0;
	config.operations = 0;
	config.worker_threads = 2;
	start(run, config);
	run_until(run, 500);
	stop(run);
	assert_true(run->slices[0].loop_count >= 500);
}

/* Claim 80. Without matrix work there is no request to time. */
static void schbench_pipe_mode_wakes_and_does_no_matrix_work(void **state)
{
	struct run *run = *state;
	struct schbench_config config = defaults;

	config.pipe_bytes = 4096;
	config.worker_threads = 2;
	start(run, config);
	run_until(run, 500);
	stop(run);
	assert_true(run->slices[0].wakeup_us.samples > 0);
	assert_int_equal(run->slices[0].request_us.samples, 0);
	assert_int_equal(run->slices[0].rps.samples, 0);
}

/* Two message threads, private and shared matrices, locks off: every path of the computation. */
static void schbench_split_runs_with_two_message_threads(void **state)
{
	struct run *run = *state;
	struct schbench_config config = defaults;

	config.message_threads = 2;
	config.worker_threads = 2;
	config.cache_footprint_kib = 16;
	config.split = true;
	config.split_pct = 50;
	config.skip_locking = true;
	start(run, config);
	run_until(run, 100);
	stop(run);
	assert_true(run->slices[0].loop_count >= 100);
}

/* No second has more than its requests, half of them from each message thread. */
static void schbench_rate_bounds_the_requests_of_a_second(void **state)
{
	struct run *run = *state;
	struct schbench_config config = defaults;
	uint64_t start_ns = clock_now_ns(), seconds;

	config.message_threads = 2;
	config.worker_threads = 1;
	config.operations = 0;
	config.requests_per_sec = 20;
	start(run, config);
	run_until(run, 20);
	stop(run);
	seconds = (clock_now_ns() - start_ns) / NS_PER_S;
	assert_true(run->slices[0].loop_count <= 20 * (seconds + 1));
	assert_int_equal(schbench_goal_rps(run->bench), 20);
}

/* The rate starts at 10 and changes with the second tick. */
static void schbench_auto_rps_looks_for_a_rate(void **state)
{
	struct run *run = *state;
	struct schbench_config config = defaults;

	config.worker_threads = 1;
	config.cache_footprint_kib = 16;
	config.auto_rps_pct = 100;
	start(run, config);
	assert_int_equal(schbench_goal_rps(run->bench), 10);
	schbench_tick(run->bench);
	assert_int_equal(schbench_goal_rps(run->bench), 10);
	run_until(run, 5);
	schbench_stop(run->bench);
}

/* Numbers before and after the change of the epoch go to slices of their own. */
static void schbench_epochs_get_a_slice_each(void **state)
{
	struct run *run = *state;
	struct schbench_config config = defaults;
	struct ktstr_schbench_slice *seen = calloc(1, sizeof(*seen));
	uint64_t total = 0;

	assert_non_null(seen);
	config.cache_footprint_kib = 16;
	config.worker_threads = 2;
	start(run, config);
	run_until(run, 20);
	atomic_store(&run->epoch, UINT32_MAX);
	run_until(run, schbench_loop_count(run->bench) + 20);
	atomic_store(&run->epoch, 7);
	run_until(run, schbench_loop_count(run->bench) + 20);
	schbench_read(run->bench, seen);
	stop(run);
	assert_int_equal(seen->epoch, 7);
	assert_true(seen->loop_count > 0);
	free(seen);
	assert_int_equal(run->report.slices_count, 3);
	assert_int_equal(run->report.slices[0].epoch, 0);
	assert_int_equal(run->report.slices[1].epoch, 7);
	assert_int_equal(run->report.slices[2].epoch, UINT32_MAX);
	for (size_t i = 0; i < 3; i++) {
		assert_true(run->report.slices[i].loop_count > 0);
		assert_true(run->report.slices[i].wakeup_us.samples > 0);
		total += run->report.slices[i].loop_count;
	}
	assert_int_equal(total, schbench_loop_count(run->bench));
}

/* A stop need not wait for think time, nor for a rate's second to be over. */
static void schbench_stop_interrupts_sleep(void **state)
{
	struct run *run = *state;
	struct schbench_config config = defaults;
	uint64_t deadline_ns;

	config.sleep_us = 3600u * 1000 * 1000;
	start(run, config);
	deadline_ns = clock_deadline_ms(20000);
	schbench_stop(run->bench);
	assert_true(clock_now_ns() < deadline_ns);
	schbench_report(run->bench, &run->report);
	assert_int_equal(schbench_loop_count(run->bench), 0);
}

static void schbench_check_names_the_field(void **state)
{
	static const struct {
		struct schbench_config config;
		const char *field;
	} rows[] = {
		{ { .message_threads = 0 }, "message_threads 0" },
		{ { .message_threads = 300, .worker_threads = 300 }, "threads 90300" },
		{ { .message_threads = 1, .auto_rps_pct = 101 }, "auto_rps_pct 101" },
		{ { .message_threads = 1, .split = true, .split_pct = 101 }, "split_pct 101" },
		{ { .message_threads = 1, .pipe_bytes = (1 << 20) + 1 },
		  "pipe_transfer_bytes 1048577" },
		{ { .message_threads = 4, .requests_per_sec = 3 }, "requests_per_sec 3" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_error error = { 0 };

		assert_int_equal(schbench_check(&rows[i].config, &error), -EINVAL);
		assert_contains(error.text, rows[i].field);
	}
}

static void multiply_matrices_gives_the_product(void **state)
{
	struct stop_flag stop = { 0 };
	uint64_t matrices[12] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	(void)state;
	multiply_matrices(matrices, 2, &stop);
	assert_int_equal(matrices[8], 19);
	assert_int_equal(matrices[9], 22);
	assert_int_equal(matrices[10], 43);
	assert_int_equal(matrices[11], 50);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, allocate, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(schbench_default_fills_both_histograms_and_leaves_no_thread),
		CASE(schbench_cycles_without_sleep_or_operations),
		CASE(schbench_pipe_mode_wakes_and_does_no_matrix_work),
		CASE(schbench_split_runs_with_two_message_threads),
		CASE(schbench_rate_bounds_the_requests_of_a_second),
		CASE(schbench_auto_rps_looks_for_a_rate),
		CASE(schbench_epochs_get_a_slice_each),
		CASE(schbench_stop_interrupts_sleep),
		cmocka_unit_test(schbench_check_names_the_field),
		cmocka_unit_test(multiply_matrices_gives_the_product),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
