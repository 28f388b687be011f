// SPDX-License-Identifier: GPL-2.0-only
/*
 * The decoder of workers' reports over any payload: what it accepts stays within the bounds of the
 * API, and is written and read again as the same bytes. The header is made here, since no fuzzer
 * guesses a CRC.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "fuzz.h"
#include "workload/report_codec.h"

/* As an input's own bytes, and behind a header that is right. */
static size_t seal(const uint8_t *payload, size_t size, uint8_t *frame)
{
	const uint32_t header[] = { REPORT_MAGIC, (uint32_t)size,
				    (uint32_t)crc32_z(0, payload, size) };

	memcpy(frame, header, REPORT_HEADER_BYTES);
	memcpy(frame + REPORT_HEADER_BYTES, payload, size);
	return REPORT_HEADER_BYTES + size;
}

static void check_samples(const struct ktstr_samples *samples, size_t limit)
{
	assert(samples->count <= limit && samples->total >= samples->count);
	assert(!samples->count == !samples->values);
}

static void check(const struct ktstr_worker_report *report)
{
	check_samples(&report->wake_latencies, KTSTR_SAMPLES_MAX);
	check_samples(&report->iteration_costs, KTSTR_SAMPLES_MAX);
	check_samples(&report->timer_latencies, KTSTR_SAMPLES_MAX);
	assert(report->migrations_kept <= KTSTR_MIGRATIONS_MAX);
	assert(memchr(report->setup_error, 0, sizeof(report->setup_error)));
	assert(report->phase_slices_count <= KTSTR_PHASES_MAX);
	for (size_t i = 0; i < report->phase_slices_count; i++)
		check_samples(&report->phase_slices[i].wake_latencies, KTSTR_PHASE_SAMPLES_MAX);
}

/* All zeroes beyond what is written, so that it costs what it holds. */
static uint8_t *memory(uint8_t **buffer, size_t *ret_capacity)
{
	*ret_capacity = report_frame_max(KTSTR_PHASES_MAX);
	if (!*buffer)
		*buffer = calloc(1, *ret_capacity);
	if (!*buffer)
		abort();
	return *buffer;
}

static void read_write_read(const uint8_t *frame, size_t size)
{
	static uint8_t *buffers[2];
	struct ktstr_worker_report first, second;
	size_t capacity, first_size, second_size;
	uint8_t *once = memory(&buffers[0], &capacity), *twice = memory(&buffers[1], &capacity);

	if (report_decode(frame, size, &first, NULL))
		return;
	check(&first);
	first_size = report_encode(&first, once, capacity);
	assert(first_size);
	report_release(&first);
	if (report_decode(once, first_size, &second, NULL))
		abort();
	second_size = report_encode(&second, twice, capacity);
	assert(second_size == first_size && !memcmp(once, twice, first_size));
	report_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *frame = malloc(REPORT_HEADER_BYTES + size);

	if (!frame)
		abort();
	read_write_read(data, size);
	read_write_read(frame, seal(data, size, frame));
	free(frame);
	return 0;
}
