/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "workload/worker.h"

/*
 * Waits of a worker for the others of its cohort, on words that they share. A partner that is
 * slow, stopped or dead is waited for until the worker itself is to stop, which is noticed within
 * WORKER_STOP_POLL_NS.
 *
 * The awaiting calls return true when it has come, which is a wake sample: the time since the
 * call. False: the worker is to stop, and there is no sample. What the partner wrote before it
 * changed the word is visible. The time spent is no gap.
 */
bool futex_await_change(struct ktstr_worker *worker, _Atomic uint32_t *word, uint32_t seen);
bool futex_await_value(struct ktstr_worker *worker, _Atomic uint32_t *word, uint32_t value);

/* As futex_await_change() for a caller who measures something else: no sample, and a gap. */
bool futex_until_changed(const struct ktstr_worker *worker, _Atomic uint32_t *word, uint32_t seen);

/*
 * One wait while *word == seen, as long as WORKER_STOP_POLL_NS at most, for callers who then look
 * for themselves. A wake sample, ended by a time-out too, unless the worker is to stop.
 */
void futex_nap(struct ktstr_worker *worker, _Atomic uint32_t *word, uint32_t seen);
