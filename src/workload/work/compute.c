// SPDX-License-Identifier: GPL-2.0-only
/* Work that times its own computing: AluHot, SmtSiblingSpin, IpcVariance. */
#include <errno.h>

#include "base/clock.h"
#include "workload/prng.h"
#include "workload/work.h"
#include "workload/work/alu.h"
#include "workload/worker.h"

#define BURST_UNITS 1024
#define COLD_WORDS 65536 /* 512 KiB: more than an L1, less than an LLC */

static void alu_hot_prepare(struct ktstr_worker *worker)
{
	const struct ktstr_work_alu_hot_params *hot = worker->params;

	alu_init((struct alu *)worker->state, hot->width);
	alu_complain(worker, hot->width);
}

static enum work_next alu_hot_iterate(struct ktstr_worker *worker)
{
	uint64_t start_ns = clock_now_ns();

	alu_chain(worker, (struct alu *)worker->state, ALU_BATCH_STEPS);
	worker_sample_cost(worker, clock_now_ns() - start_ns);
	return WORK_NEXT;
}

static unsigned pair(const void *params)
{
	(void)params;
	return 2;
}

static enum work_next smt_sibling_spin_iterate(struct ktstr_worker *worker)
{
	uint64_t start_ns = clock_now_ns();

	worker_spin(worker, BURST_UNITS);
	worker_sample_cost(worker, clock_now_ns() - start_ns);
	return WORK_NEXT;
}

struct ipc_state {
	struct alu alu;
	struct prng prng;
};

static int ipc_variance_check(const void *params, struct ktstr_error *error)
{
	const struct ktstr_work_ipc_variance_params *ipc = params;
	const char *zero = !ipc->hot_iters	? "hot_iters"
			   : !ipc->cold_iters	? "cold_iters"
			   : !ipc->period_iters ? "period_iters"
						: NULL;

	if (zero)
		return ktstr_error_set(error, -EINVAL, "%s must be > 0", zero);
	return 0;
}

static void ipc_variance_plumbing(const void *params, struct work_plumbing *ret_plumbing)
{
	(void)params;
	*ret_plumbing = (struct work_plumbing){ .buffer_bytes = COLD_WORDS * sizeof(uint64_t) };
}

static void ipc_variance_prepare(struct ktstr_worker *worker)
{
	struct ipc_state *state = (struct ipc_state *)worker->state;

	alu_init(&state->alu, KTSTR_ALU_SCALAR);
	state->prng = prng_seeded((uint64_t)worker->tid);
}

static void touch_at_random(struct ktstr_worker *worker, unsigned times)
{
	struct ipc_state *state = (struct ipc_state *)worker->state;
	volatile uint64_t *words = (volatile uint64_t *)worker->buffer;

	for (unsigned i = 0; i < times; i++)
		words[prng_next(&state->prng) % COLD_WORDS]++;
	worker->work_units += times;
}

static enum work_next ipc_variance_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_ipc_variance_params *ipc = worker->params;
	struct ipc_state *state = (struct ipc_state *)worker->state;
	uint64_t start_ns = clock_now_ns();

	for (unsigned i = 0; i < ipc->period_iters; i++) {
		if (worker_stopping(worker))
			return WORK_NEXT;
		alu_chain(worker, &state->alu, ipc->hot_iters);
		if (worker_stopping(worker))
			return WORK_NEXT;
		touch_at_random(worker, ipc->cold_iters);
	}
	worker_sample_cost(worker, clock_now_ns() - start_ns);
	return WORK_NEXT;
}

const struct ktstr_work_ops ktstr_work_alu_hot = {
	.name = "AluHot",
	.summary = "multiplies in registers of the given width",
	.params_size = sizeof(struct ktstr_work_alu_hot_params),
	.params =
		(const struct work_param[]){
			WORK_WORD(struct ktstr_work_alu_hot_params, width, alu_width_words,
				  "registers to multiply in"),
			{ 0 },
		},
	.state_size = sizeof(struct alu),
	.prepare = alu_hot_prepare,
	.iterate = alu_hot_iterate,
};

const struct ktstr_work_ops ktstr_work_smt_sibling_spin = {
	.name = "SmtSiblingSpin",
	.summary = "computes in pairs that are meant to share a core",
	.group_size = pair,
	.iterate = smt_sibling_spin_iterate,
};

const struct ktstr_work_ops ktstr_work_ipc_variance = {
	.name = "IpcVariance",
	.summary = "alternates between many instructions per cycle and few",
	.params_size = sizeof(struct ktstr_work_ipc_variance_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_ipc_variance_params, hot_iters, 100000,
				    "multiplications in a row"),
			WORK_NUMBER(struct ktstr_work_ipc_variance_params, cold_iters, 1024,
				    "cache misses in a row"),
			WORK_NUMBER(struct ktstr_work_ipc_variance_params, period_iters, 64,
				    "pairs of those in an iteration"),
			{ 0 },
		},
	.check = ipc_variance_check,
	.plumbing = ipc_variance_plumbing,
	.state_size = sizeof(struct ipc_state),
	.prepare = ipc_variance_prepare,
	.iterate = ipc_variance_iterate,
};
