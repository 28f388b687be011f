/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_SEQUENCE_H
#define KTSTR_WORK_SEQUENCE_H

#include <stddef.h>
#include <stdint.h>

#include <ktstr/work/compute.h>

/* Work that does one thing after the other. */

#define KTSTR_WORK_TYPES_SEQUENCE(X) X(sequence, "Sequence")

enum ktstr_phase_kind {
	KTSTR_PHASE_SPIN,    /* the pause loop, in bursts of 1024 units */
	KTSTR_PHASE_SLEEP,   /* one sleep: a wake sample, no gap */
	KTSTR_PHASE_YIELD,   /* sched_yield(2), each a unit and a wake sample; no gap */
	KTSTR_PHASE_IO,	     /* 16 writes of 4 KiB to a temporary file, a sleep of 100 us */
	KTSTR_PHASE_ALU_HOT, /* batches of 1024 multiplications, as AluHot: cost samples */
};

struct ktstr_phase {
	enum ktstr_phase_kind kind;
	uint64_t duration_ns;
	enum ktstr_alu_width width; /* ALU_HOT */
};

/* Phases by their duration in ms. Shorter ones: { .kind = ..., .duration_ns = ... }. */
#define KTSTR_PHASE_MS(kind_, ms, width_)                                                          \
	{                                                                                          \
		.kind = (kind_), .duration_ns = (ms)*UINT64_C(1000000), .width = (width_)          \
	}
#define KTSTR_PHASE_SPIN(ms) KTSTR_PHASE_MS(KTSTR_PHASE_SPIN, ms, KTSTR_ALU_WIDEST)
#define KTSTR_PHASE_SLEEP(ms) KTSTR_PHASE_MS(KTSTR_PHASE_SLEEP, ms, KTSTR_ALU_WIDEST)
#define KTSTR_PHASE_YIELD(ms) KTSTR_PHASE_MS(KTSTR_PHASE_YIELD, ms, KTSTR_ALU_WIDEST)
#define KTSTR_PHASE_IO(ms) KTSTR_PHASE_MS(KTSTR_PHASE_IO, ms, KTSTR_ALU_WIDEST)
#define KTSTR_PHASE_ALU_HOT(width, ms) KTSTR_PHASE_MS(KTSTR_PHASE_ALU_HOT, ms, width)

/* .phases = KTSTR_PHASES(KTSTR_PHASE_SPIN(10), KTSTR_PHASE_SLEEP(5)) */
#define KTSTR_PHASES(...)                                                                          \
	{                                                                                          \
		.items = (const struct ktstr_phase[]){ __VA_ARGS__ },                              \
		.count = sizeof((const struct ktstr_phase[]){ __VA_ARGS__ }) /                     \
			 sizeof(struct ktstr_phase)                                                \
	}

/*
 * Sequence: all phases in their order are one iteration, also when the stop cuts it short. Wake
 * samples come from sleeps, yields and the pauses of IO. The temporary file has no name: nothing
 * is left of it however the worker ends. Without one the phase only pauses, and the report says
 * why (work_error).
 */
struct ktstr_work_sequence_params {
	struct {
		const struct ktstr_phase *items;
		size_t count;
	} phases; /* at least one */
};

#endif
