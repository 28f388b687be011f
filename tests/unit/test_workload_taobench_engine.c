// SPDX-License-Identifier: GPL-2.0-only
/* The engine itself, on a small cache, until enough is done: no time is too short or too long. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "unit.h"
#include "base/clock.h"
#include "workload/taobench/engine.h"
#include "workload/taobench/store.h"

#define SLICES 4

struct run {
	struct taobench *bench;
	_Atomic uint32_t epoch;
	struct ktstr_taobench_slice slices[SLICES];
	struct ktstr_taobench_report report;
};

static int allocate(void **state)
{
	*state = calloc(1, sizeof(struct run));
	return *state ? 0 : -1;
}

/* Also after an assertion that failed with threads running. */
static int release(void **state)
{
	taobench_free(((struct run *)*state)->bench);
	free(*state);
	return 0;
}

static const struct taobench_config small = {
	.client_threads = 3,
	.cache_capacity_mib = 1,
	.target_hit_pct = 90,
	.slow_path_us = 10,
};

static void start(struct run *run, struct taobench_config config)
{
	struct ktstr_error error = { 0 };

	config.slices = run->slices;
	config.slices_max = SLICES;
	config.epoch = &run->epoch;
	if (taobench_new(&config, &run->bench, &error) || taobench_start(run->bench, &error))
		fail_msg("%s", error.text);
}

static void run_until(struct run *run, uint64_t ops)
{
	uint64_t deadline_ns = clock_deadline_ms(20000);

	while (taobench_ops(run->bench) < ops) {
		struct timespec ts = clock_timespec(5 * NS_PER_MS);

		if (clock_now_ns() > deadline_ns)
			fail_msg("%llu ops in 20 s", (unsigned long long)taobench_ops(run->bench));
		nanosleep(&ts, NULL);
	}
}

static void stop(struct run *run)
{
	taobench_stop(run->bench);
	taobench_report(run->bench, &run->report);
}

/*
 * Claims 82 and 83. Places for 3072 of 3509 keys: a hit ratio of 0.875, with a standard error of
 * 0.003 over 10000 lookups.
 */
static void taobench_closed_loop_hits_as_asked_and_finishes_each_request(void **state)
{
	struct run *run = *state;
	const struct ktstr_taobench_counters *whole = &run->report.whole;
	struct ktstr_taobench_rates rates;

	start(run, small);
	run_until(run, 10000);
	stop(run);
	ktstr_taobench_rates(whole, &rates);
	assert_true(rates.hit_ratio >= 0.80 && rates.hit_ratio <= 0.97);
	assert_true(whole->slow_ops > 0);
	assert_int_equal(whole->fast_ops + whole->slow_ops, whole->get_cmds);
	assert_int_equal(whole->slow_ops, whole->get_misses);
	assert_int_equal(whole->get_cmds, taobench_ops(run->bench));
	assert_true(whole->elapsed_ns > 0);
	assert_int_equal(run->report.slices_count, 1);
	/* Closed loop: nothing was due, so nothing was late. */
	assert_int_equal(run->slices[0].serve_us.samples, 0);
}

/* Claim 83: the interval is three seconds long, the stop need not be. */
static void taobench_open_loop_stops_between_requests(void **state)
{
	struct run *run = *state;
	struct taobench_config config = small;
	uint64_t stop_ns;

	config.arrival_rate = 1;
	start(run, config);
	stop_ns = clock_now_ns();
	stop(run);
	/* Ten times what the claim says, on a machine that is busy with other tests. */
	assert_true(clock_now_ns() - stop_ns < NS_PER_S);
	assert_int_equal(run->report.whole.get_cmds, 0);
}

/*
 * Claim 83. Far more requests are due than can be served, so each is later than the one before: the
 * second half of a run has larger latencies than the first.
 */
static void taobench_overload_shows_latency_that_grows(void **state)
{
	struct run *run = *state;
	struct taobench_config config = small;
	struct ktstr_percentiles early, late;

	config.client_threads = 1;
	config.slow_path_us = 500;
	config.arrival_rate = 1000000;
	start(run, config);
	run_until(run, 500);
	atomic_store(&run->epoch, 1);
	run_until(run, taobench_ops(run->bench) + 1000);
	stop(run);
	assert_int_equal(run->report.slices_count, 2);
	ktstr_histogram_percentiles(&run->slices[0].serve_us, &early);
	ktstr_histogram_percentiles(&run->slices[1].serve_us, &late);
	assert_true(run->slices[0].serve_us.samples > 0);
	assert_true(late.values[KTSTR_PERCENTILE_99] > early.values[KTSTR_PERCENTILE_99]);
	assert_true(run->slices[1].serve_us.min > early.values[KTSTR_PERCENTILE_50]);
}

/* A client in the middle of a fetch is served when the stop comes, long before the fetch ends. */
static void taobench_stop_hurries_fetches_along(void **state)
{
	struct run *run = *state;
	struct taobench_config config = small;
	uint64_t stop_ns;

	config.slow_path_us = 3600u * 1000 * 1000;
	config.target_hit_pct = 1;
	start(run, config);
	stop_ns = clock_now_ns();
	stop(run);
	assert_true(clock_now_ns() - stop_ns < 10 * NS_PER_S);
	assert_int_equal(run->report.whole.slow_ops, run->report.whole.get_misses);
}

/* Claim 81. */
static void taobench_threads_follow_the_cpus(void **state)
{
	struct run *run = *state;
	struct taobench_config config = small;
	cpu_set_t cpus;
	unsigned count;

	assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	count = (unsigned)CPU_COUNT(&cpus);
	config.client_threads = 0;
	start(run, config);
	stop(run);
	assert_int_equal(taobench_clients(run->bench), count);
	assert_int_equal(taobench_dispatchers(run->bench), count / 3 ? count / 3 : 1);
	taobench_free(run->bench);
	run->bench = NULL;
	config.client_threads = 7;
	start(run, config);
	stop(run);
	assert_int_equal(taobench_dispatchers(run->bench), 2);
}

static void taobench_check_names_the_field(void **state)
{
	static const struct {
		struct taobench_config config;
		const char *field;
	} rows[] = {
		{ { .target_hit_pct = 90 }, "cache_capacity_mib 0" },
		{ { .cache_capacity_mib = 1 }, "target_hit_pct 0" },
		{ { .cache_capacity_mib = 1, .target_hit_pct = 100 }, "target_hit_pct 100" },
		{ { .cache_capacity_mib = 1, .target_hit_pct = 9, .client_threads = 65537 },
		  "client_threads 65537" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ktstr_error error = { 0 };

		assert_int_equal(taobench_check(&rows[i].config, &error), -EINVAL);
		assert_contains(error.text, rows[i].field);
	}
}

/* Two values a shard: the oldest of its keys goes, one written again stays where it is. */
static void taobench_store_evicts_the_oldest_of_a_shard(void **state)
{
	struct ktstr_error error = { 0 };
	struct taobench_store *store;
	uint64_t sink = 0;

	(void)state;
	if (taobench_store_new(512, 2048, &store, &error))
		fail_msg("%s", error.text);
	assert_int_equal(taobench_store_count(store), 512);
	assert_true(taobench_store_get(store, 3, &sink));
	assert_true(taobench_store_get(store, 259, &sink));
	assert_false(taobench_store_get(store, 515, &sink));
	taobench_store_put(store, 259);
	taobench_store_put(store, 515);
	assert_false(taobench_store_get(store, 3, &sink));
	assert_true(taobench_store_get(store, 259, &sink));
	assert_true(taobench_store_get(store, 515, &sink));
	taobench_store_put(store, 771);
	assert_false(taobench_store_get(store, 259, &sink));
	assert_int_equal(taobench_store_count(store), 512);
	assert_true(sink > 0);
	taobench_store_free(store);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, allocate, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(taobench_closed_loop_hits_as_asked_and_finishes_each_request),
		CASE(taobench_open_loop_stops_between_requests),
		CASE(taobench_overload_shows_latency_that_grows),
		CASE(taobench_stop_hurries_fetches_along),
		CASE(taobench_threads_follow_the_cpus),
		cmocka_unit_test(taobench_check_names_the_field),
		cmocka_unit_test(taobench_store_evicts_the_oldest_of_a_shard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
