// SPDX-License-Identifier: GPL-2.0-only
/* The lines that scripts written for schbench read. */
#include <stdio.h>
#include <stdlib.h>

#include "unit.h"
#include "cli/schbench_print.h"
#include "workload/schbench/histogram.h"

static int allocate(void **state)
{
	struct ktstr_schbench_slice *slice = calloc(1, sizeof(*slice));

	if (!slice)
		return -1;
	for (uint32_t value = 1; value <= 100; value++)
		histogram_record(&slice->wakeup_us, value);
	for (unsigned i = 0; i < 1000; i++)
		histogram_record(&slice->request_us, 4096);
	histogram_record(&slice->rps, 300);
	*state = slice;
	return 0;
}

static int release(void **state)
{
	free(*state);
	return 0;
}

static void print_latencies_writes_the_lines_of_the_original(void **state)
{
	char text[4096] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	schbench_print_latencies(out, *state, 30);
	schbench_print_delays(out, 1999, 20000);
	fclose(out);
	assert_string_equal(
		text, "Wakeup Latencies percentiles (usec) runtime 30 (s) (100 total samples)\n"
		      "\t  50.0th: 50         (30 samples)\n"
		      "\t  90.0th: 90         (40 samples)\n"
		      "\t* 99.0th: 99         (9 samples)\n"
		      "\t  99.9th: 100        (1 samples)\n"
		      "\t  min=1, max=100\n"
		      "Request Latencies percentiles (usec) runtime 30 (s) (1000 total samples)\n"
		      "\t  50.0th: 4104       (0 samples)\n"
		      "\t  90.0th: 4104       (0 samples)\n"
		      "\t* 99.0th: 4104       (0 samples)\n"
		      "\t  99.9th: 4104       (0 samples)\n"
		      "\t  min=4096, max=4096\n"
		      "RPS percentiles (requests) runtime 30 (s) (1 total samples)\n"
		      "\t  20.0th: 300        (1 samples)\n"
		      "\t* 50.0th: 300        (0 samples)\n"
		      "\t  90.0th: 300        (0 samples)\n"
		      "\t  min=300, max=300\n"
		      "sched delay: message 1 (usec) worker 20 (usec)\n");
}

/* 3000 loops in 1.5 s of two workers' time: 2000 a second each, 8 MB of pages. */
static void print_pipe_scales_bytes_in_steps_of_1024(void **state)
{
	struct ktstr_schbench_report report = { .worker_runtime_us = 1500000 };
	char text[4096] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	schbench_print_pipe(out, *state, &report, 3000, 4096, 1);
	fclose(out);
	assert_contains(text, "\t  20.0th: 20         (20 samples)\n");
	assert_contains(text, "avg worker transfer: 2000.00 ops/sec 7.81MB/s\n");
}

static void json_has_the_keys_of_the_original(void **state)
{
	json_t *json = schbench_json(*state, false, "job", "schbench -r 30", 30);
	json_t *normal, *numbers;

	assert_non_null(json);
	normal = json_object_get(json, "normal");
	numbers = json_object_get(json, "int");
	assert_string_equal(json_string_value(json_object_get(normal, "jobname")), "job");
	assert_string_equal(json_string_value(json_object_get(normal, "cmdline")),
			    "schbench -r 30");
	assert_true(json_is_string(json_object_get(normal, "sched_ext")));
	assert_int_equal(json_integer_value(json_object_get(numbers, "wakeup_latency_pct99.9")),
			 100);
	assert_int_equal(json_integer_value(json_object_get(numbers, "request_latency_max")), 4096);
	assert_int_equal(json_integer_value(json_object_get(numbers, "rps_pct20.0")), 300);
	assert_int_equal(json_integer_value(json_object_get(numbers, "runtime")), 30);
	json_decref(json);
}

static void json_of_pipe_mode_has_wakeups_only(void **state)
{
	json_t *json = schbench_json(*state, true, NULL, "schbench -p 4096", 30);
	json_t *numbers;

	assert_non_null(json);
	numbers = json_object_get(json, "int");
	assert_null(json_object_get(json_object_get(json, "normal"), "jobname"));
	assert_non_null(json_object_get(numbers, "wakeup_latency_min"));
	assert_null(json_object_get(numbers, "request_latency_min"));
	assert_null(json_object_get(numbers, "rps_min"));
	json_decref(json);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, allocate, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(print_latencies_writes_the_lines_of_the_original),
		CASE(print_pipe_scales_bytes_in_steps_of_1024),
		CASE(json_has_the_keys_of_the_original),
		CASE(json_of_pipe_mode_has_wakeups_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
