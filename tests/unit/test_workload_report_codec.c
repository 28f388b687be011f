// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#include "unit.h"
#include "workload/report_codec.h"

#define FRAME_BYTES 4096 /* more than the report below takes */

static uint64_t samples[] = { 5, UINT64_MAX, 0, 123456789 };
static struct ktstr_migration migrations[] = { { 10, 0, 3 }, { 20, 3, 1023 } };
static struct ktstr_numa_pages nodes[] = { { 0, 200 }, { 1023, 1 } };

/* Static memory is zeroed, and slices are too large for a stack. */
static struct ktstr_schbench_slice schbench_slices[2];
static struct ktstr_schbench_report schbench = {
	1, 2, 3, 4, COUNT(schbench_slices), schbench_slices
};
static struct ktstr_taobench_slice taobench_slices[1];
static struct ktstr_taobench_report taobench = { { 1, 2, 3, 4, 5 },
						 COUNT(taobench_slices),
						 taobench_slices };

static void fill_slices(void)
{
	schbench_slices[0].epoch = 3;
	schbench_slices[0].loop_count = UINT64_MAX;
	schbench_slices[0].message_run_delay_ns = 6;
	schbench_slices[0].message_run_count = 7;
	schbench_slices[0].worker_run_delay_ns = 8;
	schbench_slices[0].worker_run_count = 9;
	schbench_slices[1].epoch = UINT32_MAX;
	for (unsigned i = 0; i < COUNT(schbench_slices); i++) {
		struct ktstr_histogram *histogram = &schbench_slices[i].request_us;

		histogram->samples = 5 + i;
		histogram->max = 1u << 31;
		histogram->min = 1;
		histogram->buckets[1] = 2;
		histogram->buckets[KTSTR_HISTOGRAM_BUCKETS - 1] = 3 + i;
	}
	taobench_slices[0].epoch = 1;
	taobench_slices[0].counters.fast_ops = 77;
	taobench_slices[0].serve_us.samples = 1;
	taobench_slices[0].serve_us.buckets[0] = 1;
}

static struct ktstr_phase_slice phase_slices[] = {
	{ .epoch = 0 },
	{ .epoch = KTSTR_PHASE_BETWEEN,
	  .wake_latencies = { samples, 2, 9 },
	  .timer_latencies = { samples + 2, 2, 2 },
	  .iterations = 21,
	  .wall_time_ns = 22,
	  .off_cpu_ns = 23,
	  .migration_count = 24,
	  .max_gap_ms = 25,
	  .max_gap_cpu = 26,
	  .schedstat_run_delay_ns = 27,
	  .schedstat_cpu_time_ns = 28,
	  .vmstat_numa_pages_migrated = 29,
	  .numa_pages = nodes,
	  .numa_pages_count = COUNT(nodes) },
};

static struct ktstr_worker_report full_report(void)
{
	struct ktstr_worker_report report = {
		.tid = 4321,
		.group_index = 7,
		.completed = true,
		.is_messenger = true,
		.work_units = 1,
		.iterations = 2,
		.wall_time_ns = 3,
		.cpu_time_ns = 4,
		.off_cpu_ns = 5,
		.migration_count = COUNT(migrations),
		.migrations = migrations,
		.migrations_kept = COUNT(migrations),
		.max_gap_ms = 6,
		.max_gap_cpu = 8,
		.max_gap_at_ms = 9,
		.wake_latencies = { samples, COUNT(samples), 1000 },
		.iteration_costs = { samples, 1, 1 },
		.timer_latencies = { samples + 1, 2, 7 },
		.schedstat_run_delay_ns = 10,
		.schedstat_run_count = 11,
		.schedstat_cpu_time_ns = 12,
		.numa_pages = nodes,
		.numa_pages_count = COUNT(nodes),
		.vmstat_numa_pages_migrated = UINT64_MAX,
		.schbench = &schbench,
		.taobench = &taobench,
		.phase_slices = phase_slices,
		.phase_slices_count = COUNT(phase_slices),
		.affinity_error = "set affinity: no",
		.sched_policy_error = "no policy",
		.setup_error = "nice 5: no",
		.work_error = "no such cgroup",
	};

	fill_slices();
	CPU_SET(0, &report.cpus_used);
	CPU_SET(1023, &report.cpus_used);
	return report;
}

static void assert_same_samples(const struct ktstr_samples *a, const struct ktstr_samples *b)
{
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->total, b->total);
	if (a->count)
		assert_memory_equal(a->values, b->values, a->count * sizeof(*a->values));
}

static void fill_samples(struct ktstr_samples *full, size_t count, uint64_t last)
{
	full->count = count;
	full->total = 1u << 30;
	full->values = calloc(count, sizeof(*full->values));
	assert_non_null(full->values);
	full->values[count - 1] = last;
}

/* Arrays of its own, all as long as they may be. */
static void fill_phases(struct ktstr_worker_report *report, size_t count)
{
	report->phase_slices = calloc(count, sizeof(*report->phase_slices));
	assert_non_null(report->phase_slices);
	report->phase_slices_count = count;
	for (size_t i = 0; i < count; i++) {
		struct ktstr_phase_slice *slice = &report->phase_slices[i];

		fill_samples(&slice->wake_latencies, KTSTR_PHASE_SAMPLES_MAX, i);
		fill_samples(&slice->timer_latencies, KTSTR_PHASE_SAMPLES_MAX, ~i);
		slice->numa_pages = calloc(1024, sizeof(*slice->numa_pages));
		assert_non_null(slice->numa_pages);
		slice->numa_pages_count = 1024;
	}
}

static void assert_same_pages(const struct ktstr_numa_pages *a, size_t a_count,
			      const struct ktstr_numa_pages *b, size_t b_count)
{
	assert_int_equal(a_count, b_count);
	for (size_t i = 0; i < a_count; i++) {
		assert_int_equal(a[i].node, b[i].node);
		assert_int_equal(a[i].pages, b[i].pages);
	}
}

static void assert_same_slice(const struct ktstr_phase_slice *a, const struct ktstr_phase_slice *b)
{
	struct ktstr_phase_slice plain_a = *a, plain_b = *b;

	assert_same_samples(&a->wake_latencies, &b->wake_latencies);
	assert_same_samples(&a->timer_latencies, &b->timer_latencies);
	assert_same_pages(a->numa_pages, a->numa_pages_count, b->numa_pages, b->numa_pages_count);
	plain_a.wake_latencies.values = plain_b.wake_latencies.values = NULL;
	plain_a.timer_latencies.values = plain_b.timer_latencies.values = NULL;
	plain_a.numa_pages = plain_b.numa_pages = NULL;
	assert_memory_equal(&plain_a, &plain_b, sizeof(plain_a));
}

static void assert_same_benchmarks(const struct ktstr_worker_report *a,
				   const struct ktstr_worker_report *b)
{
	assert_int_equal(a->schbench != NULL, b->schbench != NULL);
	if (a->schbench) {
		/* All totals stand before the number of slices. */
		assert_memory_equal(a->schbench, b->schbench,
				    offsetof(struct ktstr_schbench_report, slices));
		assert_memory_equal(a->schbench->slices, b->schbench->slices,
				    a->schbench->slices_count * sizeof(*a->schbench->slices));
	}
	assert_int_equal(a->taobench != NULL, b->taobench != NULL);
	if (a->taobench) {
		assert_memory_equal(a->taobench, b->taobench,
				    offsetof(struct ktstr_taobench_report, slices));
		assert_memory_equal(a->taobench->slices, b->taobench->slices,
				    a->taobench->slices_count * sizeof(*a->taobench->slices));
	}
}

static void fill_schbench(struct ktstr_schbench_report *full)
{
	full->slices_count = KTSTR_SCHBENCH_SLICES_MAX;
	full->slices = calloc(KTSTR_SCHBENCH_SLICES_MAX, sizeof(*full->slices));
	assert_non_null(full->slices);
	for (unsigned i = 0; i < KTSTR_SCHBENCH_SLICES_MAX; i++) {
		struct ktstr_schbench_slice *slice = &full->slices[i];

		memset(&slice->wakeup_us, 1, sizeof(slice->wakeup_us));
		memset(&slice->request_us, 2, sizeof(slice->request_us));
		memset(&slice->rps, 3, sizeof(slice->rps));
	}
}

/* The arrays by content, all else by bytes. */
static void assert_same_report(const struct ktstr_worker_report *a,
			       const struct ktstr_worker_report *b)
{
	struct ktstr_worker_report plain_a = *a, plain_b = *b;

	assert_int_equal(a->migrations_kept, b->migrations_kept);
	for (size_t i = 0; i < a->migrations_kept; i++) {
		assert_int_equal(a->migrations[i].at_ns, b->migrations[i].at_ns);
		assert_int_equal(a->migrations[i].from_cpu, b->migrations[i].from_cpu);
		assert_int_equal(a->migrations[i].to_cpu, b->migrations[i].to_cpu);
	}
	assert_same_pages(a->numa_pages, a->numa_pages_count, b->numa_pages, b->numa_pages_count);
	assert_int_equal(a->phase_slices_count, b->phase_slices_count);
	for (size_t i = 0; i < a->phase_slices_count; i++)
		assert_same_slice(&a->phase_slices[i], &b->phase_slices[i]);
	assert_same_samples(&a->wake_latencies, &b->wake_latencies);
	assert_same_samples(&a->iteration_costs, &b->iteration_costs);
	assert_same_samples(&a->timer_latencies, &b->timer_latencies);
	assert_same_benchmarks(a, b);
	plain_a.schbench = plain_b.schbench = NULL;
	plain_a.taobench = plain_b.taobench = NULL;
	plain_a.migrations = plain_b.migrations = NULL;
	plain_a.numa_pages = plain_b.numa_pages = NULL;
	plain_a.phase_slices = plain_b.phase_slices = NULL;
	plain_a.wake_latencies.values = plain_b.wake_latencies.values = NULL;
	plain_a.iteration_costs.values = plain_b.iteration_costs.values = NULL;
	plain_a.timer_latencies.values = plain_b.timer_latencies.values = NULL;
	assert_memory_equal(&plain_a, &plain_b, sizeof(plain_a));
}

static void report_decode_reads_what_encode_writes(void **state)
{
	struct ktstr_worker_report reports[] = { full_report(), { 0 } };
	uint8_t frame[FRAME_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(reports); i++) {
		struct ktstr_worker_report decoded;
		struct ktstr_error error = { 0 };
		size_t size = report_encode(&reports[i], frame, sizeof(frame));

		assert_true(size > REPORT_HEADER_BYTES);
		if (report_decode(frame, size, &decoded, &error))
			fail_msg("%s", error.text);
		assert_same_report(&reports[i], &decoded);
		report_release(&decoded);
	}
}

static void report_encode_refuses_too_small_a_buffer(void **state)
{
	struct ktstr_worker_report report = full_report();
	uint8_t frame[FRAME_BYTES];
	size_t size = report_encode(&report, frame, sizeof(frame));

	(void)state;
	for (size_t capacity = 0; capacity < size; capacity++) {
		uint8_t *small = malloc(capacity ? capacity : 1); /* ASan watches its end */

		assert_non_null(small);
		assert_int_equal(report_encode(&report, small, capacity), 0);
		free(small);
	}
	assert_int_equal(report_encode(&report, frame, size), size);
}

static void report_frame_max_holds_the_largest_report(void **state)
{
	struct ktstr_worker_report report = full_report(), decoded;
	size_t capacity = report_frame_max(3);
	uint8_t *frame = malloc(capacity);
	size_t size;

	(void)state;
	report.migration_count = 1u << 20; /* more than are kept */
	report.migrations_kept = KTSTR_MIGRATIONS_MAX;
	report.migrations = calloc(KTSTR_MIGRATIONS_MAX, sizeof(*report.migrations));
	report.numa_pages_count = 1024;
	report.numa_pages = calloc(1024, sizeof(*report.numa_pages));
	fill_samples(&report.wake_latencies, KTSTR_SAMPLES_MAX, 97);
	fill_samples(&report.iteration_costs, KTSTR_SAMPLES_MAX, 98);
	fill_samples(&report.timer_latencies, KTSTR_SAMPLES_MAX, 99);
	fill_phases(&report, 3);
	report.taobench = NULL;
	report.schbench = calloc(1, sizeof(*report.schbench));
	assert_non_null(report.schbench);
	fill_schbench(report.schbench);
	assert_non_null(frame);
	assert_true(report.migrations && report.numa_pages);
	size = report_encode(&report, frame, capacity);
	assert_int_equal(size, capacity);
	assert_int_equal(report_decode(frame, size, &decoded, NULL), 0);
	assert_same_report(&report, &decoded);
	report_release(&decoded);
	report_release(&report);
	free(frame);
}

/* Each length in a block of exactly that size, so that ASan sees any read behind the end. */
static void report_decode_refuses_every_truncation(void **state)
{
	struct ktstr_worker_report report = full_report(), decoded;
	uint8_t frame[FRAME_BYTES];
	size_t size = report_encode(&report, frame, sizeof(frame));

	(void)state;
	for (size_t length = 0; length < size; length++) {
		uint8_t *cut = malloc(length ? length : 1);

		assert_non_null(cut);
		memcpy(cut, frame, length);
		assert_int_equal(report_decode(cut, length, &decoded, NULL), -EBADMSG);
		free(cut);
	}
}

static void report_decode_refuses_every_flipped_bit(void **state)
{
	struct ktstr_worker_report report = full_report(), decoded;
	uint8_t frame[FRAME_BYTES];
	size_t size = report_encode(&report, frame, sizeof(frame));

	(void)state;
	for (size_t bit = 0; bit < size * 8; bit++) {
		frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(report_decode(frame, size, &decoded, NULL), -EBADMSG);
		frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(report_decode(frame, size, &decoded, NULL), 0);
	report_release(&decoded);
}

static void seal(uint8_t *frame, size_t size)
{
	uint32_t header[3] = { REPORT_MAGIC, (uint32_t)(size - REPORT_HEADER_BYTES),
			       (uint32_t)crc32(0, frame + REPORT_HEADER_BYTES,
					       (unsigned)(size - REPORT_HEADER_BYTES)) };

	memcpy(frame, header, sizeof(header));
}

/*
 * The same damage with a CRC that matches it, as from a worker that scribbles before it reports:
 * refused or decoded to something within the bounds, never read or written out of them (ASan).
 */
static void report_decode_survives_damage_with_a_good_crc(void **state)
{
	struct ktstr_worker_report report = full_report(), decoded;
	uint8_t frame[FRAME_BYTES], damaged[FRAME_BYTES];
	size_t size = report_encode(&report, frame, sizeof(frame));
	unsigned refused = 0;

	(void)state;
	for (size_t bit = REPORT_HEADER_BYTES * 8; bit < size * 8; bit++) {
		memcpy(damaged, frame, size);
		damaged[bit / 8] ^= (uint8_t)(1u << bit % 8);
		seal(damaged, size);
		if (report_decode(damaged, size, &decoded, NULL)) {
			refused++;
			continue;
		}
		assert_true(decoded.wake_latencies.count <= KTSTR_SAMPLES_MAX);
		assert_true(decoded.wake_latencies.total >= decoded.wake_latencies.count);
		assert_true(decoded.migrations_kept <= decoded.migration_count);
		assert_non_null(memchr(decoded.affinity_error, 0, sizeof(decoded.affinity_error)));
		assert_non_null(memchr(decoded.work_error, 0, sizeof(decoded.work_error)));
		report_release(&decoded);
	}
	assert_true(refused > 100); /* the counts alone have as many bits */
	for (size_t length = REPORT_HEADER_BYTES; length < size; length++) {
		memcpy(damaged, frame, length);
		seal(damaged, length);
		assert_int_equal(report_decode(damaged, length, &decoded, NULL), -EBADMSG);
	}
	memcpy(damaged, frame, size);
	damaged[size] = 0;
	seal(damaged, size + 1);
	assert_int_equal(report_decode(damaged, size + 1, &decoded, NULL), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(report_decode_reads_what_encode_writes),
		cmocka_unit_test(report_encode_refuses_too_small_a_buffer),
		cmocka_unit_test(report_frame_max_holds_the_largest_report),
		cmocka_unit_test(report_decode_refuses_every_truncation),
		cmocka_unit_test(report_decode_refuses_every_flipped_bit),
		cmocka_unit_test(report_decode_survives_damage_with_a_good_crc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
