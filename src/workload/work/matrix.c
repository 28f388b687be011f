// SPDX-License-Identifier: GPL-2.0-only
/* Matrices as something to compute with a known footprint. */
#include "workload/work/matrix.h"

#define MATRICES 3

unsigned matrix_dimension(unsigned footprint_kib, unsigned operations)
{
	size_t elements = (size_t)footprint_kib * 1024 / MATRICES / sizeof(uint64_t);
	unsigned dimension = 0;

	if (!operations)
		return 0;
	/* The square root, a bit at a time: exact, and without libm. 2^21 squared is beyond any. */
	for (unsigned bit = 1u << 20; bit; bit >>= 1) {
		size_t side = dimension | bit;

		if (side * side <= elements)
			dimension |= bit;
	}
	return dimension;
}

size_t matrix_bytes(unsigned dimension)
{
	return (size_t)dimension * dimension * MATRICES * sizeof(uint64_t);
}

uint64_t matrix_multiply(uint64_t *matrices, unsigned dimension)
{
	size_t n = dimension;
	const uint64_t *a = matrices, *b = matrices + n * n;
	/* Volatile: without a store that counts the whole product could be left out. */
	volatile uint64_t *c = matrices + 2 * n * n;

	if (!n)
		return 0;
	for (size_t row = 0; row < n; row++) {
		for (size_t column = 0; column < n; column++) {
			uint64_t sum = 0;

			for (size_t k = 0; k < n; k++)
				sum += a[row * n + k] * b[k * n + column];
			c[row * n + column] = sum;
		}
	}
	return c[0];
}
