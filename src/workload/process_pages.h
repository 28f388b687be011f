/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <pthread.h>
#include <stdint.h>

#include "workload/procstat.h"

/*
 * The pages of one process per node, for its threads. Reading numa_maps takes the longer the more
 * threads have mappings in it, and at their end all want to know: a reading serves everybody who
 * asked before it began. Lives in the process that it describes.
 */
struct process_pages {
	pthread_mutex_t lock; /* held while reading */
	uint64_t begun_ns;    /* of the reading that pages comes from; 0: there was none */
	uint64_t pages[NUMA_NODES_MAX];
};

/* Pages as they are now or after now; written to ret_pages whole. */
void process_pages_read(struct process_pages *process, uint64_t ret_pages[NUMA_NODES_MAX]);
