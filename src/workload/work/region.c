// SPDX-License-Identifier: GPL-2.0-only
/* Mappings of workers. */
#include "workload/work/region.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

struct region region_map(struct ktstr_worker *worker, unsigned kib)
{
	size_t bytes = (size_t)kib * 1024;
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);

	if (memory == MAP_FAILED) {
		worker_complain(worker, "region_kib %u: map the region: %s", kib, strerror(errno));
		return (struct region){ 0 };
	}
	return (struct region){ .memory = memory, .bytes = bytes };
}

void region_unmap(const struct region *region)
{
	if (region->memory)
		munmap(region->memory, region->bytes);
}
