/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/work.h>

struct ktstr_worker;

/*
 * One kind of work. The rows stand in work/, one file per family; KTSTR_WORK_TYPES in
 * <ktstr/work.h> names them all.
 */
struct ktstr_work_ops {
	const char *name; /* as in reports */

	/*
	 * One pass of the outer loop, called until the worker is to stop. Adds to the worker's
	 * work_units, offers its samples, and comes back soon once worker_stopping(). Runs in the
	 * worker between start and stop: no allocation, no lock, no output. params may be NULL (all
	 * defaults).
	 */
	void (*iterate)(struct ktstr_worker *worker, const void *params);
};

/* The row of work: SpinWait for the zero value. */
const struct ktstr_work_ops *work_ops(const struct ktstr_work *work);
