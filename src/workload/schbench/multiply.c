// SPDX-License-Identifier: GPL-2.0-only
/* The work of a request: naive multiplication, for its cache footprint and its time. */
#include "workload/schbench/multiply.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "workload/work/matrix.h"

#define PAGE_WORDS (4096 / sizeof(uint64_t))

int multiply_map(unsigned dimension, uint64_t **ret_matrices, struct ktstr_error *error)
{
	size_t bytes = matrix_bytes(dimension);
	void *base = NULL;

	if (bytes)
		base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);
	if (base == MAP_FAILED) {
		int err = -errno;

		return ktstr_error_set(error, err, "map matrices of %zu bytes: %s", bytes,
				       strerror(-err));
	}
	*ret_matrices = base;
	return 0;
}

void multiply_unmap(uint64_t *matrices, unsigned dimension)
{
	if (matrices)
		munmap(matrices, matrix_bytes(dimension));
}

/*
 * The factors are only read, so their pages are all the kernel's one page of zeros, as they are in
 * upstream schbench, whose matrices come fresh from malloc: filling them would cost time that it
 * does not spend.
 */
void multiply_touch(uint64_t *matrices, unsigned dimension)
{
	size_t words = matrix_bytes(dimension) / sizeof(uint64_t);
	size_t product = words / 3 * 2;

	for (size_t i = 0; i < words; i += PAGE_WORDS) {
		_Atomic uint64_t *cell = (_Atomic uint64_t *)&matrices[i];

		if (i < product)
			(void)atomic_load_explicit(cell, memory_order_relaxed);
		else
			atomic_store_explicit(cell, 0, memory_order_relaxed);
	}
}

void multiply_matrices(uint64_t *matrices, unsigned dimension, struct stop_flag *stop)
{
	size_t n = dimension;
	const uint64_t *left = matrices, *right = matrices + n * n;
	_Atomic uint64_t *product = (_Atomic uint64_t *)(matrices + 2 * n * n);

	for (size_t row = 0; row < n && !stop_flag_raised(stop); row++) {
		for (size_t column = 0; column < n; column++) {
			uint64_t sum = 0;

			/* Stored at every step: the cell's cache line is to be written that often.
			 */
			for (size_t k = 0; k < n; k++) {
				sum += left[row * n + k] * right[k * n + column];
				atomic_store_explicit(&product[row * n + column], sum,
						      memory_order_relaxed);
			}
		}
	}
}
