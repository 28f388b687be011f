/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include "workload/worker.h"

/* Memory of a worker's own that its work maps by itself, to see pages come, go and move. */
struct region {
	char *memory; /* NULL: none */
	size_t bytes;
};

/* Its pages lie this far apart, on kernels with larger ones too. */
#define REGION_PAGE_BYTES 4096

/* Map so many KiB; a worker that cannot have them complains, and the region is none. */
struct region region_map(struct ktstr_worker *worker, unsigned kib);
void region_unmap(const struct region *region);
