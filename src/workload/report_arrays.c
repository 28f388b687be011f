// SPDX-License-Identifier: GPL-2.0-only
/* Samples, and pages per node, to bytes and back. */
#include "workload/report_arrays.h"

#include <stdlib.h>

#include "workload/procstat.h"

/* On the wire: u32 node, u64 pages. */
#define PAGES_BYTES (sizeof(uint32_t) + sizeof(uint64_t))

size_t report_samples_max(size_t limit)
{
	return sizeof(uint64_t) + sizeof(uint32_t) + limit * sizeof(uint64_t);
}

void report_put_samples(struct writer *writer, const struct ktstr_samples *samples)
{
	put_u64(writer, samples->total);
	put_u32(writer, (uint32_t)samples->count);
	put(writer, samples->values, samples->count * sizeof(*samples->values));
}

int report_get_samples(struct reader *reader, size_t limit, struct ktstr_samples *samples,
		       struct ktstr_error *error)
{
	uint64_t total = get_u64(reader);
	size_t count = 0;
	int err = get_count(reader, "number of samples", limit, sizeof(*samples->values), &count,
			    error);

	if (err)
		return err;
	if (total < count)
		return bad(error, "total of samples", total);
	samples->total = total;
	if (!count)
		return 0;
	samples->values = calloc(count, sizeof(*samples->values));
	if (!samples->values)
		return ktstr_error_set(error, -ENOMEM, "report: no memory for %zu samples", count);
	samples->count = count;
	get(reader, samples->values, count * sizeof(*samples->values));
	return 0;
}

size_t report_pages_max(void)
{
	return sizeof(uint32_t) + NUMA_NODES_MAX * PAGES_BYTES;
}

void report_put_pages(struct writer *writer, const struct ktstr_numa_pages *pages, size_t count)
{
	put_u32(writer, (uint32_t)count);
	for (size_t i = 0; i < count && !writer->full; i++) {
		put_u32(writer, pages[i].node);
		put_u64(writer, pages[i].pages);
	}
}

int report_get_pages(struct reader *reader, struct ktstr_numa_pages **ret_pages, size_t *ret_count,
		     struct ktstr_error *error)
{
	size_t count = 0;
	int err = get_count(reader, "number of nodes", NUMA_NODES_MAX, PAGES_BYTES, &count, error);
	struct ktstr_numa_pages *pages;

	if (err || !count)
		return err;
	pages = calloc(count, sizeof(*pages));
	if (!pages)
		return ktstr_error_set(error, -ENOMEM, "report: no memory for %zu nodes", count);
	*ret_pages = pages;
	*ret_count = count;
	for (size_t i = 0; i < count; i++) {
		pages[i].node = get_u32(reader);
		pages[i].pages = get_u64(reader);
		if (pages[i].node >= NUMA_NODES_MAX)
			return bad(error, "node", pages[i].node);
	}
	return 0;
}
