// SPDX-License-Identifier: GPL-2.0-only
/* FutexPingPong, FutexFanOut and ThunderingHerd: workers that wake each other by a shared word. */
#include "workload/futex.h"

#include "base/clock.h"
#include "workload/work.h"
#include "workload/work/cohort_size.h"
#include "workload/work/fan_out.h"
#include "workload/work/futex_await.h"
#include "workload/worker.h"

#define PAIR 2

static void one_word(const void *params, struct work_plumbing *ret_plumbing)
{
	(void)params;
	ret_plumbing->shared_bytes = sizeof(_Atomic uint32_t);
}

static unsigned ping_pong_group_size(const void *params)
{
	(void)params;
	return PAIR;
}

/* Position 0 works while the word is 0, position 1 while it is 1. */
static enum work_next ping_pong_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_futex_ping_pong_params *ping_pong = worker->params;
	_Atomic uint32_t *turn = worker->shared;

	worker_spin(worker, ping_pong->spin_iters);
	atomic_store_explicit(turn, !worker->position, memory_order_release);
	futex_wake(turn, 1);
	futex_await_value(worker, turn, worker->position);
	return WORK_NEXT;
}

const struct ktstr_work_ops ktstr_work_futex_ping_pong = {
	.name = "FutexPingPong",
	.summary = "pairs of workers hand a shared word to each other (futex)",
	.params_size = sizeof(struct ktstr_work_futex_ping_pong_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_futex_ping_pong_params, spin_iters, 1024,
				    "units of computing per hand-over"),
			{ 0 },
		},
	.group_size = ping_pong_group_size,
	.plumbing = one_word,
	.iterate = ping_pong_iterate,
};

static unsigned fan_out_group_size(const void *params)
{
	return cohort_size(UINT64_C(1) +
			   ((const struct ktstr_work_futex_fan_out_params *)params)->fan_out);
}

static enum work_next fan_out_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_futex_fan_out_params *fan_out = worker->params;
	_Atomic uint32_t *message = worker->shared;
	uint32_t seen;

	worker_spin(worker, fan_out->spin_iters);
	if (fan_out_is_messenger(worker)) {
		atomic_fetch_add_explicit(message, 1, memory_order_release);
		futex_wake(message, fan_out->fan_out);
		worker_spin(worker, FAN_OUT_POST_WAKE_UNITS);
		worker_excuse_gap(worker, clock_now_ns());
		return WORK_NEXT;
	}
	seen = atomic_load_explicit(message, memory_order_relaxed);
	futex_await_change(worker, message, seen);
	return WORK_NEXT;
}

const struct ktstr_work_ops ktstr_work_futex_fan_out = {
	.name = "FutexFanOut",
	.summary = "one messenger wakes all receivers of its cohort at once, again and again",
	.params_size = sizeof(struct ktstr_work_futex_fan_out_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_futex_fan_out_params, fan_out, 4,
				    "receivers"),
			WORK_NUMBER(struct ktstr_work_futex_fan_out_params, spin_iters, 1024,
				    "units of computing per message"),
			{ 0 },
		},
	.group_size = fan_out_group_size,
	.plumbing = one_word,
	.iterate = fan_out_iterate,
	.report = fan_out_report,
};

static unsigned herd_group_size(const void *params)
{
	return cohort_size(UINT64_C(1) +
			   ((const struct ktstr_work_thundering_herd_params *)params)->waiters);
}

/*
 * An iteration takes seconds (5 at the defaults): what follows a pass is done after every batch,
 * so that migrations and a change of the phase are noticed. The sleep is no gap.
 */
static void herd_wake(struct ktstr_worker *worker, _Atomic uint32_t *word)
{
	const struct ktstr_work_thundering_herd_params *herd = worker->params;
	uint64_t asleep_ns;

	for (unsigned batch = 0; batch < herd->batches; batch++) {
		if (!worker_sleep(worker, herd->inter_batch_ms * NS_PER_MS, &asleep_ns))
			return;
		worker_sample_wake(worker, asleep_ns);
		atomic_fetch_add_explicit(word, 1, memory_order_release);
		futex_wake_all(word);
		worker_spin(worker, FAN_OUT_POST_WAKE_UNITS);
		worker_excuse_gap(worker, clock_now_ns());
		worker_publish(worker);
	}
}

static enum work_next herd_iterate(struct ktstr_worker *worker)
{
	_Atomic uint32_t *word = worker->shared;

	if (worker->position == 0)
		herd_wake(worker, word);
	else
		futex_await_change(worker, word, atomic_load_explicit(word, memory_order_relaxed));
	worker_excuse_gap(worker, clock_now_ns());
	return WORK_NEXT;
}

const struct ktstr_work_ops ktstr_work_thundering_herd = {
	.name = "ThunderingHerd",
	.summary = "one waker wakes a herd of waiters all at once, every few ms",
	.params_size = sizeof(struct ktstr_work_thundering_herd_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_thundering_herd_params, waiters, 7,
				    "workers that wait"),
			WORK_NUMBER(struct ktstr_work_thundering_herd_params, batches, 1000,
				    "wake-ups per iteration of the waker"),
			WORK_NUMBER(struct ktstr_work_thundering_herd_params, inter_batch_ms, 5,
				    "ms between two of them"),
			{ 0 },
		},
	.group_size = herd_group_size,
	.plumbing = one_word,
	.iterate = herd_iterate,
};
