// SPDX-License-Identifier: GPL-2.0-only
/* What benchmarks measured, to bytes and back. */
#include "workload/report_bench.h"

#include <stdlib.h>

#define BUCKET_BYTES 6

_Static_assert(KTSTR_TAOBENCH_SLICES_MAX == KTSTR_SCHBENCH_SLICES_MAX,
	       "REPORT_BENCH_BYTES_MAX takes schbench for the larger one");

static void put_histogram(struct writer *writer, const struct ktstr_histogram *histogram)
{
	uint32_t used = 0;

	for (unsigned i = 0; i < KTSTR_HISTOGRAM_BUCKETS; i++)
		used += histogram->buckets[i] != 0;
	put_u64(writer, histogram->samples);
	put_u32(writer, histogram->max);
	put_u32(writer, histogram->min);
	put_u32(writer, used);
	for (unsigned i = 0; i < KTSTR_HISTOGRAM_BUCKETS && !writer->full; i++) {
		if (!histogram->buckets[i])
			continue;
		put_u16(writer, (uint16_t)i);
		put_u32(writer, histogram->buckets[i]);
	}
}

static int get_histogram(struct reader *reader, struct ktstr_histogram *histogram,
			 struct ktstr_error *error)
{
	size_t used = 0, next = 0;
	int err;

	histogram->samples = get_u64(reader);
	histogram->max = get_u32(reader);
	histogram->min = get_u32(reader);
	err = get_count(reader, "number of buckets", KTSTR_HISTOGRAM_BUCKETS, BUCKET_BYTES, &used,
			error);
	for (size_t i = 0; !err && i < used; i++) {
		size_t index = get_u16(reader);

		/* Ascending, so that none comes twice. */
		if (index < next || index >= KTSTR_HISTOGRAM_BUCKETS)
			return bad(error, "bucket", index);
		histogram->buckets[index] = get_u32(reader);
		next = index + 1;
	}
	return err;
}

/* The numbers of a slice of schbench; one list for both directions. */
#define SCHBENCH_NUMBERS(X)                                                                        \
	X(loop_count)                                                                              \
	X(message_run_delay_ns)                                                                    \
	X(message_run_count)                                                                       \
	X(worker_run_delay_ns)                                                                     \
	X(worker_run_count)
#define SCHBENCH_HISTOGRAMS(X) X(wakeup_us) X(request_us) X(rps)
#define SCHBENCH_TOTALS(X)                                                                         \
	X(runtime_ns)                                                                              \
	X(worker_runtime_us)                                                                       \
	X(message_sched_delay_ns)                                                                  \
	X(worker_sched_delay_ns)

static void put_schbench(struct writer *writer, const struct ktstr_schbench_report *schbench)
{
#define PUT(field) put_u64(writer, schbench->field);
	SCHBENCH_TOTALS(PUT)
#undef PUT
	put_u32(writer, (uint32_t)schbench->slices_count);
	for (size_t i = 0; i < schbench->slices_count && !writer->full; i++) {
		const struct ktstr_schbench_slice *slice = &schbench->slices[i];

		put_u32(writer, slice->epoch);
#define PUT(field) put_u64(writer, slice->field);
		SCHBENCH_NUMBERS(PUT)
#undef PUT
#define PUT(field) put_histogram(writer, &slice->field);
		SCHBENCH_HISTOGRAMS(PUT)
#undef PUT
	}
}

static int get_schbench_slice(struct reader *reader, struct ktstr_schbench_slice *slice,
			      struct ktstr_error *error)
{
	int err = 0;

	slice->epoch = get_u32(reader);
#define GET(field) slice->field = get_u64(reader);
	SCHBENCH_NUMBERS(GET)
#undef GET
#define GET(field)                                                                                 \
	if (!err)                                                                                  \
		err = get_histogram(reader, &slice->field, error);
	SCHBENCH_HISTOGRAMS(GET)
#undef GET
	return err;
}

static int no_memory(struct ktstr_error *error, size_t slices)
{
	return ktstr_error_set(error, -ENOMEM, "report: no memory for %zu slices", slices);
}

static int get_schbench(struct reader *reader, struct ktstr_worker_report *report,
			struct ktstr_error *error)
{
	struct ktstr_schbench_report *schbench = calloc(1, sizeof(*schbench));
	size_t count = 0;
	int err;

	if (!schbench)
		return no_memory(error, 0);
	report->schbench = schbench;
#define GET(field) schbench->field = get_u64(reader);
	SCHBENCH_TOTALS(GET)
#undef GET
	err = get_count(reader, "number of slices", KTSTR_SCHBENCH_SLICES_MAX, 1, &count, error);
	if (err || !count)
		return err;
	schbench->slices = calloc(count, sizeof(*schbench->slices));
	if (!schbench->slices)
		return no_memory(error, count);
	schbench->slices_count = count;
	for (size_t i = 0; !err && i < count; i++)
		err = get_schbench_slice(reader, &schbench->slices[i], error);
	return err;
}

#define TAOBENCH_COUNTERS(X) X(get_cmds) X(get_misses) X(fast_ops) X(slow_ops) X(elapsed_ns)

static void put_counters(struct writer *writer, const struct ktstr_taobench_counters *counters)
{
#define PUT(field) put_u64(writer, counters->field);
	TAOBENCH_COUNTERS(PUT)
#undef PUT
}

static void get_counters(struct reader *reader, struct ktstr_taobench_counters *counters)
{
#define GET(field) counters->field = get_u64(reader);
	TAOBENCH_COUNTERS(GET)
#undef GET
}

static void put_taobench(struct writer *writer, const struct ktstr_taobench_report *taobench)
{
	put_counters(writer, &taobench->whole);
	put_u32(writer, (uint32_t)taobench->slices_count);
	for (size_t i = 0; i < taobench->slices_count && !writer->full; i++) {
		const struct ktstr_taobench_slice *slice = &taobench->slices[i];

		put_u32(writer, slice->epoch);
		put_counters(writer, &slice->counters);
		put_histogram(writer, &slice->serve_us);
	}
}

static int get_taobench(struct reader *reader, struct ktstr_worker_report *report,
			struct ktstr_error *error)
{
	struct ktstr_taobench_report *taobench = calloc(1, sizeof(*taobench));
	size_t count = 0;
	int err;

	if (!taobench)
		return no_memory(error, 0);
	report->taobench = taobench;
	get_counters(reader, &taobench->whole);
	err = get_count(reader, "number of slices", KTSTR_TAOBENCH_SLICES_MAX, 1, &count, error);
	if (err || !count)
		return err;
	taobench->slices = calloc(count, sizeof(*taobench->slices));
	if (!taobench->slices)
		return no_memory(error, count);
	taobench->slices_count = count;
	for (size_t i = 0; !err && i < count; i++) {
		struct ktstr_taobench_slice *slice = &taobench->slices[i];

		slice->epoch = get_u32(reader);
		get_counters(reader, &slice->counters);
		err = get_histogram(reader, &slice->serve_us, error);
	}
	return err;
}

void report_bench_put(struct writer *writer, const struct ktstr_worker_report *report)
{
	put_u8(writer, report->schbench != NULL);
	if (report->schbench)
		put_schbench(writer, report->schbench);
	put_u8(writer, report->taobench != NULL);
	if (report->taobench)
		put_taobench(writer, report->taobench);
}

int report_bench_get(struct reader *reader, struct ktstr_worker_report *report,
		     struct ktstr_error *error)
{
	uint8_t present = get_u8(reader);
	int err = 0;

	if (present > 1)
		return bad(error, "flag of schbench", present);
	if (present)
		err = get_schbench(reader, report, error);
	if (err)
		return err;
	present = get_u8(reader);
	if (present > 1)
		return bad(error, "flag of taobench", present);
	return present ? get_taobench(reader, report, error) : 0;
}

void report_bench_release(struct ktstr_worker_report *report)
{
	if (report->schbench)
		free(report->schbench->slices);
	free(report->schbench);
	if (report->taobench)
		free(report->taobench->slices);
	free(report->taobench);
}
