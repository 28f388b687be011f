/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>

#include "workload/worker.h"

/*
 * One byte at a time along the ring of pipes of a cohort: how one worker wakes the next. The time
 * spent waiting is a wake sample and no gap.
 */

/* Give the next worker of the ring a byte. */
void pipe_send(const struct ktstr_worker *worker);

/*
 * Wait for the byte of the worker before this one. False: the worker is to stop, or the other end
 * of the pipe is gone; then there is no sample.
 */
bool pipe_await(struct ktstr_worker *worker);

/* What the two workers of a pair do with each other: send, then await. */
void pipe_exchange(struct ktstr_worker *worker);
