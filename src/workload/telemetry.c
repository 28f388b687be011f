// SPDX-License-Identifier: GPL-2.0-only
/* The memory of a worker's measurements. */
#include "workload/telemetry.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

int telemetry_map(unsigned num_phases, struct telemetry **ret_telemetry, struct ktstr_error *error)
{
	size_t head = sizeof(**ret_telemetry) + num_phases * sizeof(struct phase_memory);
	size_t size = head + num_phases * sizeof(struct ktstr_phase_slice);
	struct telemetry *telemetry;
	void *base = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED) {
		int err = -errno;

		return ktstr_error_set(error, err, "map %zu bytes for measurements: %s", size,
				       strerror(-err));
	}
	/* Zeroing a huge page in the middle of the loop would show up in what is measured there. */
	madvise(base, size, MADV_NOHUGEPAGE);
	telemetry = base;
	telemetry->size = size;
	telemetry->num_phases = num_phases;
	telemetry->slices = (struct ktstr_phase_slice *)((char *)base + head);
	*ret_telemetry = telemetry;
	return 0;
}

void telemetry_unmap(struct telemetry *telemetry)
{
	if (telemetry)
		munmap(telemetry, telemetry->size);
}

size_t telemetry_list_pages(struct telemetry *telemetry, const void *region,
			    struct process_pages *shared,
			    struct ktstr_numa_pages ret_pages[NUMA_NODES_MAX])
{
	size_t count = 0;

	if (shared && !region) {
		process_pages_read(shared, telemetry->node_pages);
	} else {
		memset(telemetry->node_pages, 0, sizeof(telemetry->node_pages));
		numa_maps_read(region, telemetry->node_pages);
	}
	for (unsigned node = 0; node < NUMA_NODES_MAX; node++)
		if (telemetry->node_pages[node])
			ret_pages[count++] = (struct ktstr_numa_pages){
				.node = node,
				.pages = telemetry->node_pages[node],
			};
	return count;
}
