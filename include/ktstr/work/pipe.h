/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_PIPE_H
#define KTSTR_WORK_PIPE_H

/* Workers that wake each other, one after the other: through pipes, or a shared word. */

#define KTSTR_WORK_TYPES_PIPE(X)                                                                   \
	X(pipe_io, "PipeIo")                                                                       \
	X(wake_chain, "WakeChain")

/*
 * PipeIo: pairs that compute, then exchange a byte through two pipes: each writes, then waits for
 * the other's. Cohorts of 2.
 *
 * burst_iters units an iteration. wake_latencies: from after the write until the byte is read; no
 * gap.
 */
struct ktstr_work_pipe_io_params {
	unsigned burst_iters; /* units of computing per exchange; default 1024 */
};

/* How a stage of a WakeChain wakes the next one. */
enum ktstr_wake_mechanism {
	KTSTR_WAKE_PIPE,  /* write(2) into a pipe: a synchronous wake-up (WF_SYNC) */
	KTSTR_WAKE_FUTEX, /* futex(2) FUTEX_WAKE of all stages, of which one has its turn */
};

/*
 * WakeChain: a ring of stages of which one works at a time, for work_per_hop_us, and wakes the
 * next. Cohorts of depth; with pipes at least 2.
 *
 * As many times 256 units an iteration as fit into the hop. wake_latencies: the wait for the
 * turn; no gap.
 */
struct ktstr_work_wake_chain_params {
	unsigned depth;			/* stages; default 4 */
	enum ktstr_wake_mechanism wake; /* default: pipes */
	unsigned work_per_hop_us;	/* us of computing per turn; default 100 */
};

#endif
