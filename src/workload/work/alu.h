/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdint.h>

#include <ktstr/work.h>

#include "workload/worker.h"

#define ALU_CHAINS 4 /* as many multiplications are in flight at once */
#define ALU_BYTES_MAX 64
#define ALU_BATCH_STEPS 1024

/* Chains of multiplications, each step needing the result of the one before it. */
struct alu {
	_Alignas(ALU_BYTES_MAX) unsigned char chains[ALU_CHAINS][ALU_BYTES_MAX];
	enum ktstr_alu_width width; /* that of a register of this machine */
	void (*run)(struct alu *alu, unsigned steps);
};

/* What width comes to on this machine: one of SCALAR, VEC128, VEC256, VEC512. */
enum ktstr_alu_width alu_resolve(enum ktstr_alu_width width);

void alu_init(struct alu *alu, enum ktstr_alu_width width);

/* Complain for the worker when width is not what it gets. */
void alu_complain(struct ktstr_worker *worker, enum ktstr_alu_width width);

/* One step of each chain is one unit of work. */
static inline void alu_chain(struct ktstr_worker *worker, struct alu *alu, unsigned steps)
{
	alu->run(alu, steps);
	worker->work_units += steps;
}

/* For the rows of parameters; in the order of the enum. */
extern const char *const alu_width_words[];
