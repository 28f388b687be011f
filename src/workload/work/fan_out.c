// SPDX-License-Identifier: GPL-2.0-only
/* FanOutCompute: messages with a time stamp, and receivers that compute on a cache footprint. */
#include "workload/work/fan_out.h"

#include "base/clock.h"
#include "workload/futex.h"
#include "workload/work.h"
#include "workload/work/cohort_size.h"
#include "workload/work/futex_await.h"
#include "workload/work/matrix.h"

/* What messenger and receivers share. The futex is the lower half of the generation. */
struct board {
	_Atomic uint64_t generation;
	_Atomic uint64_t sent_ns; /* when the messenger was about to raise it */
};
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the lower half comes first");

void fan_out_report(struct ktstr_worker *worker, struct ktstr_worker_report *report)
{
	report->is_messenger = fan_out_is_messenger(worker);
}

static _Atomic uint32_t *word_of(struct board *board)
{
	return (_Atomic uint32_t *)&board->generation;
}

static unsigned dimension_of(const struct ktstr_work_fan_out_compute_params *params)
{
	return matrix_dimension(params->cache_footprint_kib, params->operations);
}

static unsigned compute_group_size(const void *params)
{
	return cohort_size(UINT64_C(1) +
			   ((const struct ktstr_work_fan_out_compute_params *)params)->fan_out);
}

static void compute_plumbing(const void *params, struct work_plumbing *ret_plumbing)
{
	ret_plumbing->shared_bytes = sizeof(struct board);
	ret_plumbing->buffer_bytes = matrix_bytes(dimension_of(params));
}

static void send_message(struct ktstr_worker *worker, unsigned receivers)
{
	struct board *board = worker->shared;

	atomic_store_explicit(&board->sent_ns, clock_now_ns(), memory_order_relaxed);
	atomic_fetch_add_explicit(&board->generation, 1, memory_order_release);
	futex_wake(word_of(board), receivers);
	worker_spin(worker, FAN_OUT_POST_WAKE_UNITS);
}

/* The stamp may be that of a later message already: then it took no time at all. */
static void sample_message(struct ktstr_worker *worker)
{
	const struct board *board = worker->shared;
	uint64_t now_ns = clock_now_ns();
	uint64_t sent_ns = atomic_load_explicit(&board->sent_ns, memory_order_relaxed);

	worker_sample_wake(worker, now_ns > sent_ns ? now_ns - sent_ns : 0);
}

static void receive(struct ktstr_worker *worker,
		    const struct ktstr_work_fan_out_compute_params *params)
{
	_Atomic uint32_t *word = word_of(worker->shared);
	unsigned dimension = dimension_of(params);
	uint64_t ignored_ns;

	if (!futex_until_changed(worker, word, atomic_load_explicit(word, memory_order_relaxed)))
		return;
	sample_message(worker);
	if (params->sleep_us)
		worker_sleep(worker, params->sleep_us * NS_PER_US, &ignored_ns);
	for (unsigned i = 0; i < params->operations && !worker_stopping(worker); i++)
		worker->work_units +=
			matrix_multiply((uint64_t *)(void *)worker->buffer, dimension) + 1;
}

static enum work_next compute_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_fan_out_compute_params *params = worker->params;

	if (fan_out_is_messenger(worker))
		send_message(worker, params->fan_out);
	else
		receive(worker, params);
	worker_excuse_gap(worker, clock_now_ns());
	return WORK_NEXT;
}

const struct ktstr_work_ops ktstr_work_fan_out_compute = {
	.name = "FanOutCompute",
	.summary = "as FutexFanOut; receivers sleep, then multiply matrices of a known footprint",
	.params_size = sizeof(struct ktstr_work_fan_out_compute_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_fan_out_compute_params, fan_out, 4,
				    "receivers"),
			WORK_NUMBER(struct ktstr_work_fan_out_compute_params, cache_footprint_kib,
				    256, "KiB of the three matrices"),
			WORK_NUMBER(struct ktstr_work_fan_out_compute_params, operations, 5,
				    "products per message"),
			WORK_NUMBER(struct ktstr_work_fan_out_compute_params, sleep_us, 100,
				    "us of sleep before them"),
			{ 0 },
		},
	.group_size = compute_group_size,
	.plumbing = compute_plumbing,
	.iterate = compute_iterate,
	.report = fan_out_report,
};
