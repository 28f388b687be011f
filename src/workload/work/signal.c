// SPDX-License-Identifier: GPL-2.0-only
/* SignalStorm: pairs that interrupt each other. */
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "workload/work.h"
#include "workload/worker.h"

#define PAIR 2

/* Who listens, by position; 0: nobody yet, or no more. */
struct pair {
	_Atomic pid_t tids[PAIR];
};

static unsigned storm_group_size(const void *params)
{
	(void)params;
	return PAIR;
}

static void storm_plumbing(const void *params, struct work_plumbing *ret_plumbing)
{
	(void)params;
	ret_plumbing->shared_bytes = sizeof(struct pair);
}

static void ignore(int signal_number)
{
	(void)signal_number;
}

/* The handler before the tid: no signal comes that has none, which would end the process. */
static void storm_begin(struct ktstr_worker *worker)
{
	struct sigaction action = { .sa_handler = ignore, .sa_flags = SA_RESTART };
	struct pair *pair = worker->shared;
	sigset_t storm;

	sigemptyset(&storm);
	sigaddset(&storm, SIGUSR2);
	sigaction(SIGUSR2, &action, NULL);
	pthread_sigmask(SIG_UNBLOCK, &storm, NULL);
	atomic_store(&pair->tids[worker->position], worker->tid);
}

static void storm_end(struct ktstr_worker *worker)
{
	struct pair *pair = worker->shared;

	atomic_store(&pair->tids[worker->position], 0);
}

static enum work_next storm_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_signal_storm_params *storm = worker->params;
	struct pair *pair = worker->shared;

	for (unsigned i = 0; i < storm->signals_per_iter && !worker_stopping(worker); i++) {
		/* Anew each time: a partner that has ended has taken its tid away. */
		pid_t partner = atomic_load(&pair->tids[!worker->position]);

		if (partner && !syscall(SYS_tkill, partner, SIGUSR2))
			worker->work_units++;
	}
	worker_spin(worker, storm->work_iters);
	worker_excuse_gap(worker, clock_now_ns());
	return WORK_NEXT;
}

const struct ktstr_work_ops ktstr_work_signal_storm = {
	.name = "SignalStorm",
	.summary = "pairs of workers send each other signals and compute",
	.params_size = sizeof(struct ktstr_work_signal_storm_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_signal_storm_params, signals_per_iter, 16,
				    "signals per iteration"),
			WORK_NUMBER(struct ktstr_work_signal_storm_params, work_iters, 1024,
				    "units of computing after them"),
			{ 0 },
		},
	.group_size = storm_group_size,
	.plumbing = storm_plumbing,
	.begin = storm_begin,
	.iterate = storm_iterate,
	.end = storm_end,
};
