// SPDX-License-Identifier: GPL-2.0-only
/* Reports to bytes and back. */
#include "workload/report_codec.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "workload/report_arrays.h"
#include "workload/report_bench.h"
#include "workload/report_bytes.h"
#include "workload/report_slices.h"

/* Fields that travel as they are. One list for both directions. */
#define PLAIN_FIELDS(X)                                                                            \
	X(tid)                                                                                     \
	X(group_index)                                                                             \
	X(exit_info.code)                                                                          \
	X(work_units)                                                                              \
	X(iterations)                                                                              \
	X(wall_time_ns)                                                                            \
	X(cpu_time_ns)                                                                             \
	X(off_cpu_ns)                                                                              \
	X(cpus_used)                                                                               \
	X(migration_count)                                                                         \
	X(max_gap_ms)                                                                              \
	X(max_gap_cpu)                                                                             \
	X(max_gap_at_ms)                                                                           \
	X(schedstat_run_delay_ns)                                                                  \
	X(schedstat_run_count)                                                                     \
	X(schedstat_cpu_time_ns)                                                                   \
	X(vmstat_numa_pages_migrated)                                                              \
	X(affinity_error)                                                                          \
	X(sched_policy_error)                                                                      \
	X(setup_error)                                                                             \
	X(work_error)

/* Those of them that are texts: they end within their array. */
#define TEXT_FIELDS(X) X(affinity_error) X(sched_policy_error) X(setup_error) X(work_error)

#define FIELD_BYTES(field) +sizeof(((struct ktstr_worker_report *)NULL)->field)

/* On the wire: u64 at_ns, u16 from, u16 to. */
#define MIGRATION_BYTES ((size_t)12)

enum {
	/* completed, is_messenger, exit kind; count of migrations */
	FIXED_BYTES = 0 PLAIN_FIELDS(FIELD_BYTES) + 3 + sizeof(uint32_t),
};

/* The three sets of samples, in the order in which they travel; each is total, count, values. */
#define SAMPLE_SETS(X) X(wake_latencies) X(iteration_costs) X(timer_latencies)
#define ONE_SET(set) +1

size_t report_frame_max(unsigned max_phases)
{
	return REPORT_HEADER_BYTES + FIXED_BYTES +
	       (0 SAMPLE_SETS(ONE_SET)) * report_samples_max(KTSTR_SAMPLES_MAX) +
	       KTSTR_MIGRATIONS_MAX * MIGRATION_BYTES + report_pages_max() +
	       report_slices_max(max_phases) + REPORT_BENCH_BYTES_MAX;
}

static void put_arrays(struct writer *writer, const struct ktstr_worker_report *report)
{
	put_u32(writer, (uint32_t)report->migrations_kept);
	for (size_t i = 0; i < report->migrations_kept && !writer->full; i++) {
		put_u64(writer, report->migrations[i].at_ns);
		put_u16(writer, (uint16_t)report->migrations[i].from_cpu);
		put_u16(writer, (uint16_t)report->migrations[i].to_cpu);
	}
	report_put_pages(writer, report->numa_pages, report->numa_pages_count);
#define PUT_SAMPLES(set) report_put_samples(writer, &report->set);
	SAMPLE_SETS(PUT_SAMPLES)
#undef PUT_SAMPLES
	report_put_slices(writer, report->phase_slices, report->phase_slices_count);
}

size_t report_encode(const struct ktstr_worker_report *report, uint8_t *buffer, size_t capacity)
{
	struct writer payload = { 0 }, header = { 0 };
	size_t length;

	if (capacity < REPORT_HEADER_BYTES)
		return 0;
	payload.at = buffer + REPORT_HEADER_BYTES;
	payload.left = capacity - REPORT_HEADER_BYTES;
#define PUT_FIELD(field) put(&payload, &report->field, sizeof(report->field));
	PLAIN_FIELDS(PUT_FIELD)
#undef PUT_FIELD
	put_u8(&payload, report->completed);
	put_u8(&payload, report->is_messenger);
	put_u8(&payload, (uint8_t)report->exit_info.kind);
	put_arrays(&payload, report);
	report_bench_put(&payload, report);
	length = (size_t)(payload.at - buffer) - REPORT_HEADER_BYTES;
	if (payload.full || length > UINT32_MAX)
		return 0;
	header.at = buffer;
	header.left = REPORT_HEADER_BYTES;
	put_u32(&header, REPORT_MAGIC);
	put_u32(&header, (uint32_t)length);
	put_u32(&header, (uint32_t)crc32_z(0, buffer + REPORT_HEADER_BYTES, length));
	return REPORT_HEADER_BYTES + length;
}

static int get_migrations(struct reader *reader, struct ktstr_worker_report *report,
			  struct ktstr_error *error)
{
	uint64_t expected = report->migration_count;
	size_t count = 0;
	int err = get_count(reader, "number of migrations", KTSTR_MIGRATIONS_MAX, MIGRATION_BYTES,
			    &count, error);

	if (err)
		return err;
	if (expected > KTSTR_MIGRATIONS_MAX)
		expected = KTSTR_MIGRATIONS_MAX;
	/* Work of the user's own may count what it did not write down. */
	if (count > expected)
		return bad(error, "number of migrations", count);
	if (!count)
		return 0;
	report->migrations = calloc(count, sizeof(*report->migrations));
	if (!report->migrations)
		return ktstr_error_set(error, -ENOMEM, "report: no memory for %zu migrations",
				       count);
	report->migrations_kept = count;
	for (size_t i = 0; i < count; i++) {
		report->migrations[i].at_ns = get_u64(reader);
		report->migrations[i].from_cpu = get_u16(reader);
		report->migrations[i].to_cpu = get_u16(reader);
	}
	return 0;
}

static int get_scalars(struct reader *reader, struct ktstr_worker_report *report,
		       struct ktstr_error *error)
{
	uint8_t completed, is_messenger, kind;

#define GET_FIELD(field) get(reader, &report->field, sizeof(report->field));
	PLAIN_FIELDS(GET_FIELD)
#undef GET_FIELD
	completed = get_u8(reader);
	is_messenger = get_u8(reader);
	kind = get_u8(reader);
	if (completed > 1)
		return bad(error, "completed", completed);
	if (is_messenger > 1)
		return bad(error, "is_messenger", is_messenger);
	if (kind > KTSTR_EXIT_PANICKED)
		return bad(error, "kind of exit", kind);
#define CHECK_TEXT(field)                                                                          \
	if (!memchr(report->field, '\0', sizeof(report->field)))                                   \
		return ktstr_error_set(error, -EBADMSG, "report: " #field " without an end");
	TEXT_FIELDS(CHECK_TEXT)
#undef CHECK_TEXT
	report->completed = completed;
	report->is_messenger = is_messenger;
	report->exit_info.kind = (enum ktstr_exit_kind)kind;
	return 0;
}

static int get_payload(struct reader *reader, struct ktstr_worker_report *report,
		       struct ktstr_error *error)
{
	int err = get_scalars(reader, report, error);

	if (!err)
		err = get_migrations(reader, report, error);
	if (!err)
		err = report_get_pages(reader, &report->numa_pages, &report->numa_pages_count,
				       error);
#define GET_SAMPLES(set)                                                                           \
	if (!err)                                                                                  \
		err = report_get_samples(reader, KTSTR_SAMPLES_MAX, &report->set, error);
	SAMPLE_SETS(GET_SAMPLES)
#undef GET_SAMPLES
	if (!err)
		err = report_get_slices(reader, &report->phase_slices, &report->phase_slices_count,
					error);
	if (!err)
		err = report_bench_get(reader, report, error);
	if (!err && reader->cut)
		err = ktstr_error_set(error, -EBADMSG, "report: payload ends too early");
	if (!err && reader->left)
		err = bad(error, "number of bytes behind the payload", reader->left);
	return err;
}

int report_decode(const uint8_t *frame, size_t size, struct ktstr_worker_report *ret_report,
		  struct ktstr_error *error)
{
	struct reader reader = { .at = frame, .left = size };
	struct ktstr_worker_report report = { 0 };
	uint32_t magic = get_u32(&reader), length = get_u32(&reader), crc = get_u32(&reader), seen;
	int err;

	if (reader.cut)
		return ktstr_error_set(error, -EBADMSG, "report: %zu bytes are no frame", size);
	if (magic != REPORT_MAGIC)
		return ktstr_error_set(error, -EBADMSG, "report: magic %08x, expected %08x", magic,
				       REPORT_MAGIC);
	if (length != reader.left)
		return ktstr_error_set(error, -EBADMSG,
				       "report: payload of %u bytes in a frame with %zu", length,
				       reader.left);
	seen = (uint32_t)crc32_z(0, reader.at, reader.left);
	if (seen != crc)
		return ktstr_error_set(error, -EBADMSG, "report: crc %08x, the header says %08x",
				       seen, crc);
	err = get_payload(&reader, &report, error);
	if (err) {
		report_release(&report);
		return err;
	}
	*ret_report = report;
	return 0;
}

void report_release(struct ktstr_worker_report *report)
{
	free(report->migrations);
	free(report->numa_pages);
	report_free_slices(report->phase_slices, report->phase_slices_count);
#define FREE_SAMPLES(set) free(report->set.values);
	SAMPLE_SETS(FREE_SAMPLES)
#undef FREE_SAMPLES
	report_bench_release(report);
	*report = (struct ktstr_worker_report){ 0 };
}
