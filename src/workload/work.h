/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <ktstr/error.h>
#include <ktstr/report.h>
#include <ktstr/work.h>

#include "workload/work_params.h"

struct ktstr_worker;

/* How the worker loop goes on after one pass over a body. */
enum work_next {
	WORK_NEXT, /* count the iteration, publish, look at the clock where that is due */
	WORK_SKIP, /* count the iteration, nothing else: it was cut short or could do nothing */
	WORK_END,  /* leave the loop; the pass does not count */
};

/* What a kind of work needs to exist before its workers do. */
struct work_plumbing {
	size_t shared_bytes; /* shared by the workers of a cohort; zeroed */
	size_t buffer_bytes; /* private to each worker; zeroed */
	/*
	 * A ring of pipes through a cohort, 0 or the size of the cohort: the worker at position p
	 * writes into pipe p and reads from the pipe of the one before it. Two workers thus have a
	 * pipe each way.
	 */
	unsigned pipes;
};

/*
 * One kind of work. The rows stand in work/, one file per family; KTSTR_WORK_TYPES in
 * <ktstr/work.h> names them all.
 *
 * params is always complete here: given values where there were any, else the defaults.
 */
struct ktstr_work_ops {
	const char *name;    /* as in reports and on the command line */
	const char *summary; /* what it stresses, in a line for lists and pages */

	size_t params_size;
	const struct work_param *params; /* rows, the last without a name; NULL: none */

	/* The defaults make up no work, so a name alone does not choose this kind. */
	bool needs_params;

	/* Another name than that of the kind, for work that the user brings. */
	const char *(*label)(const void *params);

	/*
	 * How many workers form a cohort: they share memory and pipes, and each has a position in
	 * it. NULL: the workers have nothing to do with each other. 0 from a call makes every
	 * number of workers wrong.
	 */
	unsigned (*group_size)(const void *params);
	void (*plumbing)(const void *params, struct work_plumbing *ret_plumbing);
	/* -EINVAL for parameters that cannot work; the text names the field, not the kind. */
	int (*check)(const void *params, struct ktstr_error *error);

	/* Why workers of this kind cannot be of that sort; NULL: they can. */
	const char *not_as_process;   /* KTSTR_CLONE_FORK */
	const char *not_as_thread;    /* KTSTR_CLONE_THREAD */
	const char *not_in_container; /* pcomm */

	/* The kind cuts slices of its own: report fills the report's with them. */
	bool own_phases;

	/* Bytes at worker->state that are this kind's own, zeroed; at most WORK_STATE_MAX. */
	size_t state_size;

	/*
	 * The life of a worker: prepare runs before the start, so this is where memory is mapped
	 * and files are opened; what fails there has to make iterate do something harmless. begin
	 * runs after the start, when affinity, policy and cgroup are what they will be. iterate is
	 * called until the worker is to stop; it adds to work_units, offers samples, comes back
	 * soon once worker_stopping(), and neither allocates nor locks nor prints. end gives back
	 * what prepare took and undoes what must not outlive the worker. Each may be NULL but
	 * iterate, and that where there is run.
	 */
	void (*prepare)(struct ktstr_worker *worker);
	void (*begin)(struct ktstr_worker *worker);
	enum work_next (*iterate)(struct ktstr_worker *worker);
	void (*end)(struct ktstr_worker *worker);
	/*
	 * Instead of iterate and of all that is measured around it: the report is this kind's own,
	 * all zero at first, and goes out as it is left. prepare and end are called all the same.
	 */
	void (*run)(struct ktstr_worker *worker, struct ktstr_worker_report *report);
	/*
	 * Last words before the report goes, after the memory and counters of the worker have been
	 * read: fields that only this kind fills. May be NULL.
	 */
	void (*report)(struct ktstr_worker *worker, struct ktstr_worker_report *report);
};

#define WORK_STATE_MAX 4096

/* The row of work: SpinWait for the zero value. */
const struct ktstr_work_ops *work_ops(const struct ktstr_work *work);
