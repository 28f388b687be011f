// SPDX-License-Identifier: GPL-2.0-only
/* From the gate to the published report. */
#include "workload/worker_life.h"

#include "base/clock.h"
#include "workload/report_codec.h"

bool worker_live(struct ktstr_worker *worker, const struct worker_plan *plan,
		 const _Atomic int *signalled)
{
	struct ktstr_worker_report report;
	size_t size;

	worker_prepare(worker, plan, signalled);
	if (!gate_wait(plan->control, clock_deadline_ms(plan->gate_ms))) {
		worker_give_up(worker);
		return false;
	}
	/* The stop flag is not cleared here: a stop that has come already counts. */
	gate_announce_ready(plan->control, plan->slot);
	worker_run(worker, &report);
	size = report_encode(&report, plan->frame, plan->frame_capacity);
	atomic_store_explicit(&plan->slot->frame_size, (uint32_t)size, memory_order_release);
	return true;
}
