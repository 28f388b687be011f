// SPDX-License-Identifier: GPL-2.0-only
/* Multiplications in registers of a given width. */
#include "workload/work/alu.h"

#include <string.h>

const char *const alu_width_words[] = { "widest", "scalar", "vec128", "vec256",
					"vec512", "amx",    NULL };

/* Knuth's MMIX generator: odd, so a chain never ends in zero. */
#define MULTIPLIER UINT64_C(6364136223846793005)
#define INCREMENT UINT64_C(1442695040888963407)

/* Lanes of 32 bits: the widest that every vector unit multiplies. */
typedef uint32_t alu_vec128 __attribute__((vector_size(16)));
typedef uint32_t alu_vec256 __attribute__((vector_size(32)));
typedef uint32_t alu_vec512 __attribute__((vector_size(64)));

/*
 * Four chains in registers. The compiler cannot foresee a result: all are stored where others can
 * read them, and a step of multiplication and addition has no closed form it knows.
 */
#define DEFINE_CHAINS(name, type, lane, target)                                                    \
	target static void name(struct alu *alu, unsigned steps)                                   \
	{                                                                                          \
		type a, b, c, d, factor, addend;                                                   \
                                                                                                   \
		memcpy(&a, alu->chains[0], sizeof(a));                                             \
		memcpy(&b, alu->chains[1], sizeof(b));                                             \
		memcpy(&c, alu->chains[2], sizeof(c));                                             \
		memcpy(&d, alu->chains[3], sizeof(d));                                             \
		factor = (type){ 0 } + (lane)MULTIPLIER;                                           \
		addend = (type){ 0 } + (lane)INCREMENT;                                            \
		while (steps--) {                                                                  \
			a = a * factor + addend;                                                   \
			b = b * factor + addend;                                                   \
			c = c * factor + addend;                                                   \
			d = d * factor + addend;                                                   \
		}                                                                                  \
		memcpy(alu->chains[0], &a, sizeof(a));                                             \
		memcpy(alu->chains[1], &b, sizeof(b));                                             \
		memcpy(alu->chains[2], &c, sizeof(c));                                             \
		memcpy(alu->chains[3], &d, sizeof(d));                                             \
	}

DEFINE_CHAINS(run_scalar, uint64_t, uint64_t, )
DEFINE_CHAINS(run_vec128, alu_vec128, uint32_t, )
#if defined(__x86_64__)
DEFINE_CHAINS(run_vec256, alu_vec256, uint32_t, __attribute__((target("avx2"))))
DEFINE_CHAINS(run_vec512, alu_vec512, uint32_t, __attribute__((target("avx512f"))))

static enum ktstr_alu_width widest(void)
{
	if (__builtin_cpu_supports("avx512f"))
		return KTSTR_ALU_VEC512;
	return __builtin_cpu_supports("avx2") ? KTSTR_ALU_VEC256 : KTSTR_ALU_VEC128;
}
#else
#define run_vec256 run_vec128
#define run_vec512 run_vec128

static enum ktstr_alu_width widest(void)
{
	return KTSTR_ALU_VEC128;
}
#endif

enum ktstr_alu_width alu_resolve(enum ktstr_alu_width width)
{
	enum ktstr_alu_width most = widest();

	if (width == KTSTR_ALU_WIDEST || width > most)
		return most;
	return width;
}

void alu_init(struct alu *alu, enum ktstr_alu_width width)
{
	static void (*const runs[])(struct alu *, unsigned) = {
		[KTSTR_ALU_SCALAR] = run_scalar,
		[KTSTR_ALU_VEC128] = run_vec128,
		[KTSTR_ALU_VEC256] = run_vec256,
		[KTSTR_ALU_VEC512] = run_vec512,
	};

	alu->width = alu_resolve(width);
	alu->run = runs[alu->width];
	for (unsigned chain = 0; chain < ALU_CHAINS; chain++)
		memset(alu->chains[chain], (int)(chain + 1), ALU_BYTES_MAX);
}

void alu_complain(struct ktstr_worker *worker, enum ktstr_alu_width width)
{
	enum ktstr_alu_width resolved = alu_resolve(width);

	if (width != KTSTR_ALU_WIDEST && width != resolved)
		worker_complain(worker, "width %s is more than this machine has: %s it is",
				alu_width_words[width], alu_width_words[resolved]);
}
