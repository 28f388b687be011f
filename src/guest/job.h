/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "guest/host.h"
#include "guest/watch.h"

/*
 * A request that takes time and has a process of its own: RUN or SHELL. The agent has at most one,
 * since ending it ends every process there is.
 */
struct job_ops {
	void (*watch)(void *job, struct watch_list *list);
	/* Called at wake_ns or some time after. */
	int (*tick)(void *job, struct ktstr_error *error);
	/* The job is going to be ended unfinished: tell the host what it is doing. NULL: nothing. */
	void (*describe)(void *job);
	/*
	 * The job's process has ended and every other one with it: tell the host how it went.
	 * leftovers says what could not be killed, its code is 0 when nothing remained.
	 */
	int (*finish)(void *job, int status, const struct ktstr_error *leftovers,
		      struct ktstr_error *error);
	void (*free)(void *job);
};

struct job {
	const struct job_ops *ops; /* NULL: there is none */
	void *data;		   /* the job of ops */
	pid_t pid;		   /* the process whose end is the end of the job */
	uint64_t wake_ns;	   /* when tick is due; UINT64_MAX: never */
};

/* What a job is made with. Borrowed for the job's life. */
struct job_context {
	struct host *host;
	const char *cgroup_parent; /* cleaned after a run */
};
