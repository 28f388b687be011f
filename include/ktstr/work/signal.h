/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_WORK_SIGNAL_H
#define KTSTR_WORK_SIGNAL_H

/* Workers that send each other signals. */

#define KTSTR_WORK_TYPES_SIGNAL(X) X(signal_storm, "SignalStorm")

/*
 * SignalStorm: pairs that send each other SIGUSR2 (tkill(2)) and compute. Cohorts of 2. SIGUSR2
 * gets a handler that does nothing, which in a process of threads stays after the work: what was
 * under way must find it.
 *
 * A unit for each signal sent and work_iters of computing; no samples, no gap.
 */
struct ktstr_work_signal_storm_params {
	unsigned signals_per_iter; /* default 16 */
	unsigned work_iters;	   /* units of computing after them; default 1024 */
};

#endif
