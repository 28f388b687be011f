// SPDX-License-Identifier: GPL-2.0-only
/* Slices to bytes and back. */
#include "workload/report_slices.h"

#include <stdlib.h>

#include "workload/report_arrays.h"

/* Fields that travel as they are. One list for both directions. */
#define PLAIN_FIELDS(X)                                                                            \
	X(epoch)                                                                                   \
	X(cpus_used)                                                                               \
	X(iterations)                                                                              \
	X(wall_time_ns)                                                                            \
	X(off_cpu_ns)                                                                              \
	X(migration_count)                                                                         \
	X(max_gap_ms)                                                                              \
	X(max_gap_cpu)                                                                             \
	X(schedstat_run_delay_ns)                                                                  \
	X(schedstat_cpu_time_ns)                                                                   \
	X(vmstat_numa_pages_migrated)

#define FIELD_BYTES(field) +sizeof(((struct ktstr_phase_slice *)NULL)->field)

/* Nothing of a slice can be left out, but its arrays may be empty. */
#define PLAIN_BYTES (0 PLAIN_FIELDS(FIELD_BYTES))

size_t report_slices_max(unsigned max_phases)
{
	return sizeof(uint32_t) +
	       max_phases * (PLAIN_BYTES + 2 * report_samples_max(KTSTR_PHASE_SAMPLES_MAX) +
			     report_pages_max());
}

void report_put_slices(struct writer *writer, const struct ktstr_phase_slice *slices, size_t count)
{
	put_u32(writer, (uint32_t)count);
	for (size_t i = 0; i < count && !writer->full; i++) {
		const struct ktstr_phase_slice *slice = &slices[i];

#define PUT_FIELD(field) put(writer, &slice->field, sizeof(slice->field));
		PLAIN_FIELDS(PUT_FIELD)
#undef PUT_FIELD
		report_put_samples(writer, &slice->wake_latencies);
		report_put_samples(writer, &slice->timer_latencies);
		report_put_pages(writer, slice->numa_pages, slice->numa_pages_count);
	}
}

static int get_slice(struct reader *reader, struct ktstr_phase_slice *slice,
		     struct ktstr_error *error)
{
	int err;

#define GET_FIELD(field) get(reader, &slice->field, sizeof(slice->field));
	PLAIN_FIELDS(GET_FIELD)
#undef GET_FIELD
	err = report_get_samples(reader, KTSTR_PHASE_SAMPLES_MAX, &slice->wake_latencies, error);
	if (!err)
		err = report_get_samples(reader, KTSTR_PHASE_SAMPLES_MAX, &slice->timer_latencies,
					 error);
	if (!err)
		err = report_get_pages(reader, &slice->numa_pages, &slice->numa_pages_count, error);
	return err;
}

int report_get_slices(struct reader *reader, struct ktstr_phase_slice **ret_slices,
		      size_t *ret_count, struct ktstr_error *error)
{
	size_t count = 0;
	int err = get_count(reader, "number of phases", KTSTR_PHASES_MAX, PLAIN_BYTES, &count,
			    error);
	struct ktstr_phase_slice *slices;

	if (err || !count)
		return err;
	slices = calloc(count, sizeof(*slices));
	if (!slices)
		return ktstr_error_set(error, -ENOMEM, "report: no memory for %zu phases", count);
	*ret_slices = slices;
	*ret_count = count;
	for (size_t i = 0; !err && i < count; i++)
		err = get_slice(reader, &slices[i], error);
	return err;
}

void report_free_slices(struct ktstr_phase_slice *slices, size_t count)
{
	for (size_t i = 0; slices && i < count; i++) {
		free(slices[i].wake_latencies.values);
		free(slices[i].timer_latencies.values);
		free(slices[i].numa_pages);
	}
	free(slices);
}
