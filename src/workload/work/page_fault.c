// SPDX-License-Identifier: GPL-2.0-only
/* PageFaultChurn: pages that are touched and given back. */
#include <sys/mman.h>

#include "workload/prng.h"
#include "workload/work.h"
#include "workload/work/region.h"
#include "workload/worker.h"

struct page_fault_state {
	struct region region;
	struct prng prng;
};

static void page_fault_churn_prepare(struct ktstr_worker *worker)
{
	const struct ktstr_work_page_fault_churn_params *churn = worker->params;
	struct page_fault_state *state = (struct page_fault_state *)worker->state;

	state->region = region_map(worker, churn->region_kib);
	if (!state->region.memory)
		return;
	/* A fault for each page, not one for 2 MiB of them. */
	madvise(state->region.memory, state->region.bytes, MADV_NOHUGEPAGE);
	state->prng.state = (uint64_t)worker->tid | 1;
}

static enum work_next page_fault_churn_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_page_fault_churn_params *churn = worker->params;
	struct page_fault_state *state = (struct page_fault_state *)worker->state;
	size_t pages = state->region.bytes / REGION_PAGE_BYTES;
	volatile char *memory = state->region.memory;

	if (!memory)
		return WORK_END;
	if (!pages)
		pages = 1;
	for (unsigned touch = 0; touch < churn->touches_per_cycle; touch++)
		memory[prng_next(&state->prng) % pages * REGION_PAGE_BYTES] = 1;
	worker->work_units += churn->touches_per_cycle;
	madvise(state->region.memory, state->region.bytes, MADV_DONTNEED);
	worker_spin(worker, churn->spin_iters);
	return WORK_NEXT;
}

static void page_fault_churn_end(struct ktstr_worker *worker)
{
	region_unmap(&((const struct page_fault_state *)worker->state)->region);
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
