/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include <ktstr/error.h>

#include "runner/admission.h"

/*
 * Runs that go on at the same time, a thread each: QEMU dies with the thread that started it, so a
 * thread stays with its VM to the end. The threads share nothing but what is read only; everything
 * that reports or decides happens on the caller's thread.
 */
struct pool_config {
	size_t count;			    /* runs, numbered from 0 */
	const struct admission_need *needs; /* of each */
	struct admission_limits limits;
	int stop_fd; /* once readable nothing more is started; -1: never */

	void (*run)(void *data, size_t index); /* on its own thread */

	/* On the caller's thread; NULL: not wanted. */
	void (*started)(void *data, size_t index); /* before run() */
	void (*ended)(void *data, size_t index);   /* after it */
	void (*tick)(void *data);		   /* every tick_ms */
	unsigned tick_ms;
	void *data;
};

/*
 * Start the runs in order as the limits allow, and return when the last one has ended. Where the
 * next one has no room, a later one that fits goes first: so a run that hangs beside a large one
 * that waits costs the small ones nothing. The large one's turn comes at the latest when all
 * others have ended.
 *
 * The pool does not end runs: run() has to have its own deadlines and to watch stop_fd itself.
 *
 * -EAGAIN and the like when not even one thread can be had; what was started has ended then.
 */
int pool_run(const struct pool_config *config, struct ktstr_error *error) KTSTR_MUST_CHECK;
