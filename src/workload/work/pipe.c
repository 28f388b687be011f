// SPDX-License-Identifier: GPL-2.0-only
/* PipeIo and WakeChain: workers in a ring that wake each other in turn. */
#include <errno.h>

#include "base/clock.h"
#include "workload/futex.h"
#include "workload/work.h"
#include "workload/work/futex_await.h"
#include "workload/work/pipe_exchange.h"
#include "workload/worker.h"

#define PAIR 2
#define HOP_BURST_UNITS 256 /* between two looks at the clock */

static unsigned pipe_io_group_size(const void *params)
{
	(void)params;
	return PAIR;
}

static void pipe_io_plumbing(const void *params, struct work_plumbing *ret_plumbing)
{
	(void)params;
	ret_plumbing->pipes = PAIR;
}

static enum work_next pipe_io_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_pipe_io_params *pipe_io = worker->params;

	worker_spin(worker, pipe_io->burst_iters);
	pipe_exchange(worker);
	return WORK_NEXT;
}

const struct ktstr_work_ops ktstr_work_pipe_io = {
	.name = "PipeIo",
	.summary = "pairs of workers compute, then exchange a byte through pipes",
	.params_size = sizeof(struct ktstr_work_pipe_io_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_pipe_io_params, burst_iters, 1024,
				    "units of computing per exchange"),
			{ 0 },
		},
	.group_size = pipe_io_group_size,
	.plumbing = pipe_io_plumbing,
	.iterate = pipe_io_iterate,
};

static unsigned wake_chain_group_size(const void *params)
{
	return ((const struct ktstr_work_wake_chain_params *)params)->depth;
}

static void wake_chain_plumbing(const void *params, struct work_plumbing *ret_plumbing)
{
	const struct ktstr_work_wake_chain_params *chain = params;

	ret_plumbing->shared_bytes = sizeof(_Atomic uint32_t);
	if (chain->wake == KTSTR_WAKE_PIPE)
		ret_plumbing->pipes = chain->depth;
}

static int wake_chain_check(const void *params, struct ktstr_error *error)
{
	const struct ktstr_work_wake_chain_params *chain = params;

	if (chain->wake == KTSTR_WAKE_PIPE && chain->depth < 2)
		return ktstr_error_set(error, -EINVAL,
				       "depth must be >= 2, got %u: with pipes a chain of one "
				       "stage has no successor to wake",
				       chain->depth);
	return 0;
}

static void hop(struct ktstr_worker *worker, unsigned work_us)
{
	uint64_t end_ns = clock_now_ns() + work_us * NS_PER_US;

	while (!worker_stopping(worker) && clock_now_ns() < end_ns)
		worker_spin(worker, HOP_BURST_UNITS);
}

static enum work_next hop_by_pipe(struct ktstr_worker *worker, unsigned work_us)
{
	uint64_t ignored_ns;

	/* The first byte, which then goes round and round. */
	if (worker->position == 0 && worker->iterations == 0)
		pipe_send(worker);
	if (!pipe_await(worker)) {
		/* The stage before this one died: no turn will ever come. */
		while (worker_sleep(worker, WORKER_STOP_POLL_NS, &ignored_ns))
			;
		return WORK_END;
	}
	hop(worker, work_us);
	pipe_send(worker);
	return WORK_NEXT;
}

static enum work_next hop_by_futex(struct ktstr_worker *worker, unsigned work_us)
{
	_Atomic uint32_t *turn = worker->shared;

	if (!futex_await_value(worker, turn, worker->position))
		return WORK_END;
	hop(worker, work_us);
	atomic_store_explicit(turn, (worker->position + 1) % worker->group_size,
			      memory_order_release);
	futex_wake_all(turn);
	return WORK_NEXT;
}

static enum work_next wake_chain_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_wake_chain_params *chain = worker->params;
	enum work_next next;

	if (chain->wake == KTSTR_WAKE_PIPE)
		next = hop_by_pipe(worker, chain->work_per_hop_us);
	else
		next = hop_by_futex(worker, chain->work_per_hop_us);
	worker_excuse_gap(worker, clock_now_ns());
	return next;
}

static const char *const wake_mechanisms[] = { "pipe", "futex", NULL };

const struct ktstr_work_ops ktstr_work_wake_chain = {
	.name = "WakeChain",
	.summary = "a ring of workers of which one works at a time and wakes the next",
	.params_size = sizeof(struct ktstr_work_wake_chain_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_wake_chain_params, depth, 4, "stages"),
			WORK_WORD(struct ktstr_work_wake_chain_params, wake, wake_mechanisms,
				  "what wakes the next stage"),
			WORK_NUMBER(struct ktstr_work_wake_chain_params, work_per_hop_us, 100,
				    "us of computing per turn"),
			{ 0 },
		},
	.group_size = wake_chain_group_size,
	.plumbing = wake_chain_plumbing,
	.check = wake_chain_check,
	.iterate = wake_chain_iterate,
};
