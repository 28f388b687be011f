// SPDX-License-Identifier: GPL-2.0-only
/* PageFaultChurn: pages that are touched and given back. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "workload/prng.h"
#include "workload/work.h"
#include "workload/worker.h"

#define PAGE_BYTES 4096 /* how far apart the touches lie, on kernels with larger pages too */

struct page_fault_state {
	char *region; /* NULL: none */
	size_t bytes;
	struct prng prng;
};

static void page_fault_churn_prepare(struct ktstr_worker *worker)
{
	const struct ktstr_work_page_fault_churn_params *churn = worker->params;
	struct page_fault_state *state = (struct page_fault_state *)worker->state;
	size_t bytes = (size_t)churn->region_kib * 1024;
	void *region = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);

	if (region == MAP_FAILED) {
		worker_complain(worker, "region_kib %u: map the region: %s", churn->region_kib,
				strerror(errno));
		return;
	}
	/* A fault for each page, not one for 2 MiB of them. */
	madvise(region, bytes, MADV_NOHUGEPAGE);
	state->region = region;
	state->bytes = bytes;
	state->prng.state = (uint64_t)worker->tid | 1;
}

static enum work_next page_fault_churn_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_page_fault_churn_params *churn = worker->params;
	struct page_fault_state *state = (struct page_fault_state *)worker->state;
	size_t pages = state->bytes / PAGE_BYTES;
	volatile char *region = state->region;

	if (!region)
		return WORK_END;
	if (!pages)
		pages = 1;
	for (unsigned touch = 0; touch < churn->touches_per_cycle; touch++)
		region[prng_next(&state->prng) % pages * PAGE_BYTES] = 1;
	worker->work_units += churn->touches_per_cycle;
	madvise(state->region, state->bytes, MADV_DONTNEED);
	worker_spin(worker, churn->spin_iters);
	return WORK_NEXT;
}

static void page_fault_churn_end(struct ktstr_worker *worker)
{
	struct page_fault_state *state = (struct page_fault_state *)worker->state;

	if (state->region)
		munmap(state->region, state->bytes);
}

const struct ktstr_work_ops ktstr_work_page_fault_churn = {
	.name = "PageFaultChurn",
	.summary = "touches random pages of a region and gives them back",
	.params_size = sizeof(struct ktstr_work_page_fault_churn_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_page_fault_churn_params, region_kib, 4096,
				    "KiB of the region"),
			WORK_NUMBER(struct ktstr_work_page_fault_churn_params, touches_per_cycle,
				    256, "pages touched before all are given back"),
			WORK_NUMBER(struct ktstr_work_page_fault_churn_params, spin_iters, 64,
				    "rounds of the pause loop after that"),
			{ 0 },
		},
	.state_size = sizeof(struct page_fault_state),
	.prepare = page_fault_churn_prepare,
	.iterate = page_fault_churn_iterate,
	.end = page_fault_churn_end,
};
