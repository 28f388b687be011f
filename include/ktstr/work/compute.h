/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_COMPUTE_H
#define KTSTR_WORK_COMPUTE_H

/* Work that measures what computing costs. Never blocks; fills iteration_costs only. */

#define KTSTR_WORK_TYPES_COMPUTE(X)                                                                \
	X(alu_hot, "AluHot")                                                                       \
	X(smt_sibling_spin, "SmtSiblingSpin")                                                      \
	X(ipc_variance, "IpcVariance")

/*
 * With which registers to multiply. What the machine does not have becomes its widest, which the
 * report then says (work_error). There is no arithmetic in tiles: AMX is the widest, too.
 */
enum ktstr_alu_width {
	KTSTR_ALU_WIDEST, /* of the machine */
	KTSTR_ALU_SCALAR, /* 64 bits */
	KTSTR_ALU_VEC128, /* SSE2, NEON */
	KTSTR_ALU_VEC256, /* AVX2 */
	KTSTR_ALU_VEC512, /* AVX-512F */
	KTSTR_ALU_AMX,
};

/*
 * AluHot: 1024 steps of four independent chains of multiplications an iteration (1024 units), its
 * duration a sample.
 */
struct ktstr_work_alu_hot_params {
	enum ktstr_alu_width width; /* default KTSTR_ALU_WIDEST */
};

/*
 * SmtSiblingSpin: 1024 rounds of the pause loop an iteration, its duration a sample. Workers come
 * in pairs, which KTSTR_AFFINITY_SMT_SIBLING_PAIR() puts on the threads of a core.
 */
struct ktstr_work_smt_sibling_spin_params {
	char none; /* has no parameters */
};

/*
 * IpcVariance: period_iters times hot_iters multiplications (high IPC), then cold_iters
 * increments at random places in 512 KiB (low IPC). The duration of an iteration is a sample,
 * unless the stop cut it short. None of the numbers may be 0.
 */
struct ktstr_work_ipc_variance_params {
	unsigned hot_iters;    /* default 100000 */
	unsigned cold_iters;   /* default 1024 */
	unsigned period_iters; /* default 64 */
};

#endif
