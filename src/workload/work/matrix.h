/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Work that goes through memory: the product of two square matrices of uint64_t, by the plain
 * n * n * n way. A, B and the product C lie one after the other.
 */

/*
 * The side of the matrices of which three fit into footprint_kib; 0: no work, which operations 0
 * asks for as well.
 */
unsigned matrix_dimension(unsigned footprint_kib, unsigned operations);

/* All three of them. */
size_t matrix_bytes(unsigned dimension);

/* Returns the first element of C, 0 for matrices of zeros. dimension 0 does nothing. */
uint64_t matrix_multiply(uint64_t *matrices, unsigned dimension);
