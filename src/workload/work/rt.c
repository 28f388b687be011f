// SPDX-License-Identifier: GPL-2.0-only
/* RtStarvation, PreemptStorm and AsymmetricWaker: scheduling classes beside each other. */
#include <errno.h>

#include "base/clock.h"
#include "workload/futex.h"
#include "workload/work.h"
#include "workload/work/cohort_size.h"
#include "workload/work/futex_await.h"
#include "workload/worker.h"

#define PAIR 2
#define STORM_PRIORITY 1
#define CLASS_RT_PRIORITY 50

static unsigned starvation_group_size(const void *params)
{
	const struct ktstr_work_rt_starvation_params *starvation = params;

	return cohort_size((uint64_t)starvation->rt_workers + starvation->cfs_workers);
}

static enum work_next starvation_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_rt_starvation_params *starvation = worker->params;

	if (!worker->iterations && worker->position < starvation->rt_workers)
		worker_set_policy(worker, &KTSTR_POLICY_FIFO(starvation->rt_priority));
	worker_spin(worker, starvation->burst_iters);
	worker_excuse_gap(worker, clock_now_ns());
	return WORK_NEXT;
}

const struct ktstr_work_ops ktstr_work_rt_starvation = {
	.name = "RtStarvation",
	.summary = "FIFO workers that never block compute beside normal ones",
	.params_size = sizeof(struct ktstr_work_rt_starvation_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_rt_starvation_params, rt_workers, 1,
				    "FIFO workers"),
			WORK_NUMBER(struct ktstr_work_rt_starvation_params, cfs_workers, 1,
				    "normal workers"),
			WORK_NUMBER(struct ktstr_work_rt_starvation_params, rt_priority, 50,
				    "FIFO priority, 1 to 99"),
			WORK_NUMBER(struct ktstr_work_rt_starvation_params, burst_iters, 1024,
				    "units of computing an iteration"),
			{ 0 },
		},
	.group_size = starvation_group_size,
	.iterate = starvation_iterate,
};

static unsigned storm_group_size(const void *params)
{
	const struct ktstr_work_preempt_storm_params *storm = params;

	return cohort_size(UINT64_C(1) + storm->cfs_workers);
}

static enum work_next storm_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_preempt_storm_params *storm = worker->params;
	bool is_rt = worker->position == 0;
	uint64_t ignored_ns;

	if (is_rt && !worker->iterations)
		worker_set_policy(worker, &KTSTR_POLICY_FIFO(STORM_PRIORITY));
	worker_spin(worker, storm->rt_burst_iters);
	if (is_rt)
		worker_sleep(worker, storm->rt_sleep_us * NS_PER_US, &ignored_ns);
	worker_excuse_gap(worker, clock_now_ns());
	return WORK_NEXT;
}

const struct ktstr_work_ops ktstr_work_preempt_storm = {
	.name = "PreemptStorm",
	.summary = "a FIFO worker wakes up again and again and preempts normal ones",
	.params_size = sizeof(struct ktstr_work_preempt_storm_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_preempt_storm_params, cfs_workers, 2,
				    "normal workers"),
			WORK_NUMBER(struct ktstr_work_preempt_storm_params, rt_burst_iters, 1024,
				    "units of computing an iteration"),
			WORK_NUMBER(struct ktstr_work_preempt_storm_params, rt_sleep_us, 1000,
				    "us of sleep of the FIFO worker"),
			{ 0 },
		},
	.group_size = storm_group_size,
	.iterate = storm_iterate,
};

/*
 * Why not 1 us: the kernel takes no runtime below 1024 ns. Why not 2 us: it notices overruns
 * at its tick only (4 ms) and has them paid back, which for 2 us in 10 ms takes 20 s, in which the
 * worker does not see the stop either. With 500 us it takes 80 ms.
 */
static const struct ktstr_sched_policy class_policies[] = {
	[KTSTR_CLASS_CFS] = { .kind = KTSTR_POLICY_NORMAL },
	[KTSTR_CLASS_BATCH] = { .kind = KTSTR_POLICY_BATCH },
	[KTSTR_CLASS_IDLE] = { .kind = KTSTR_POLICY_IDLE },
	[KTSTR_CLASS_RT] = { .kind = KTSTR_POLICY_FIFO, .priority = CLASS_RT_PRIORITY },
	[KTSTR_CLASS_DEADLINE] = { .kind = KTSTR_POLICY_DEADLINE,
				   .runtime_ns = 500 * NS_PER_US,
				   .deadline_ns = NS_PER_MS,
				   .period_ns = 10 * NS_PER_MS },
	[KTSTR_CLASS_EXT] = { .kind = KTSTR_POLICY_EXT },
};
static const char *const class_names[] = { "cfs", "batch", "idle", "rt", "deadline", "ext", NULL };

static unsigned waker_group_size(const void *params)
{
	(void)params;
	return PAIR;
}

static void waker_plumbing(const void *params, struct work_plumbing *ret_plumbing)
{
	(void)params;
	ret_plumbing->shared_bytes = sizeof(_Atomic uint32_t);
}

static int waker_check(const void *params, struct ktstr_error *error)
{
	const struct ktstr_work_asymmetric_waker_params *pair = params;
	const unsigned classes[] = { (unsigned)pair->waker_class, (unsigned)pair->wakee_class };

	for (size_t i = 0; i < PAIR; i++)
		if (classes[i] > KTSTR_CLASS_EXT)
			return ktstr_error_set(error, -EINVAL, "%s %u is no scheduling class",
					       i ? "wakee_class" : "waker_class", classes[i]);
	return 0;
}

static enum work_next waker_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_asymmetric_waker_params *pair = worker->params;
	bool is_waker = worker->position == 0;
	_Atomic uint32_t *word = worker->shared;

	if (!worker->iterations)
		worker_set_policy(
			worker, &class_policies[is_waker ? pair->waker_class : pair->wakee_class]);
	if (is_waker) {
		worker_spin(worker, pair->burst_iters);
		atomic_fetch_add_explicit(word, 1, memory_order_release);
		futex_wake(word, 1);
	} else if (futex_await_change(worker, word,
				      atomic_load_explicit(word, memory_order_relaxed))) {
		worker_spin(worker, pair->burst_iters);
	}
	worker_excuse_gap(worker, clock_now_ns());
	return WORK_NEXT;
}

const struct ktstr_work_ops ktstr_work_asymmetric_waker = {
	.name = "AsymmetricWaker",
	.summary = "a worker of one scheduling class wakes one of another",
	.params_size = sizeof(struct ktstr_work_asymmetric_waker_params),
	.params =
		(const struct work_param[]){
			WORK_WORD(struct ktstr_work_asymmetric_waker_params, waker_class,
				  class_names, "class of the waker"),
			WORK_WORD(struct ktstr_work_asymmetric_waker_params, wakee_class,
				  class_names, "class of the wakee"),
			WORK_NUMBER(struct ktstr_work_asymmetric_waker_params, burst_iters, 1024,
				    "units of computing an iteration"),
			{ 0 },
		},
	.group_size = waker_group_size,
	.plumbing = waker_plumbing,
	.check = waker_check,
	.iterate = waker_iterate,
};
