/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>

#include "workload/schbench/handshake.h"

/*
 * The matrices of work/matrix.h as requests want them: mapped and warm before the start, open to
 * several threads at a time, and left in the middle when the stop comes.
 */

/* NULL, and no error, for dimension 0. */
int multiply_map(unsigned dimension, uint64_t **ret_matrices,
		 struct ktstr_error *error) KTSTR_MUST_CHECK;
void multiply_unmap(uint64_t *matrices, unsigned dimension); /* NULL-safe */

/* Make the pages be there, for whoever will compute on this CPU. */
void multiply_touch(uint64_t *matrices, unsigned dimension);

/*
 * Multiply in the naive order. Several threads may do so on the same matrices, whose product is
 * always the same. Ends early once stop is raised.
 */
void multiply_matrices(uint64_t *matrices, unsigned dimension, struct stop_flag *stop);
