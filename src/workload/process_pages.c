// SPDX-License-Identifier: GPL-2.0-only
/* One reading of numa_maps for many threads. */
#include "workload/process_pages.h"

#include <string.h>

#include "base/clock.h"

void process_pages_read(struct process_pages *process, uint64_t ret_pages[NUMA_NODES_MAX])
{
	uint64_t asked_ns = clock_now_ns();

	pthread_mutex_lock(&process->lock);
	if (process->begun_ns <= asked_ns) {
		process->begun_ns = clock_now_ns();
		memset(process->pages, 0, sizeof(process->pages));
		numa_maps_read(NULL, process->pages);
	}
	memcpy(ret_pages, process->pages, sizeof(process->pages));
	pthread_mutex_unlock(&process->lock);
}
