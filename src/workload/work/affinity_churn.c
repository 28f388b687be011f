// SPDX-License-Identifier: GPL-2.0-only
/* Work that changes affinities: its own (AffinityChurn), others' (CrossAffinityChurn). */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "workload/prng.h"
#include "workload/work.h"
#include "workload/work/affinity_churn.h"
#include "workload/work/own_cgroup.h"
#include "workload/work/yield.h"
#include "workload/worker.h"

#define SIBLINGS_MAX 65536
#define PROCS_BYTES 4096 /* read at a time */

struct affinity_state {
	struct prng prng;
	unsigned count;
	uint16_t cpus[CPU_SETSIZE];
};
_Static_assert(sizeof(struct affinity_state) <= WORK_STATE_MAX, "the state of a worker");

static void affinity_churn_begin(struct ktstr_worker *worker)
{
	struct affinity_state *state = (struct affinity_state *)worker->state;
	cpu_set_t cpus;

	state->prng = prng_seeded((uint64_t)worker->tid);
	if (sched_getaffinity(worker->tid, sizeof(cpus), &cpus)) {
		worker_complain(worker, "which CPUs it has: %s", strerror(errno));
		return;
	}
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &cpus))
			state->cpus[state->count++] = (uint16_t)cpu;
}

static void go_to_random_cpu(struct ktstr_worker *worker)
{
	struct affinity_state *state = (struct affinity_state *)worker->state;
	unsigned cpu = state->cpus[prng_next(&state->prng) % state->count];
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	/* The cpuset may have changed since. */
	if (sched_setaffinity(worker->tid, sizeof(one), &one))
		worker_complain(worker, "go to CPU %u: %s", cpu, strerror(errno));
}

static enum work_next affinity_churn_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_affinity_churn_params *churn = worker->params;

	worker_spin(worker, churn->spin_iters);
	if (((const struct affinity_state *)worker->state)->count)
		go_to_random_cpu(worker);
	yield_and_sample(worker);
	return WORK_NEXT;
}

bool cross_affinity_masks(const cpu_set_t *cpus, cpu_set_t ret_masks[2])
{
	int last = -1;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, cpus))
			last = cpu;
	if (CPU_COUNT(cpus) < 2)
		return false;
	ret_masks[0] = ret_masks[1] = *cpus;
	CPU_CLR(last, &ret_masks[0]);
	return true;
}

/* Whole lines of text go to pids; what is left of the last one, to the start of text. */
static size_t take_pids(char *text, pid_t own, struct cross_affinity_pids *pids)
{
	char *newline;
	char *line = text;

	while ((newline = strchr(line, '\n'))) {
		long pid = strtol(line, NULL, 10);

		/* 0: a process that this PID namespace does not see. */
		if (pid > 0 && pid != own && pids->count < pids->capacity)
			pids->items[pids->count++] = (pid_t)pid;
		line = newline + 1;
	}
	memmove(text, line, strlen(line) + 1);
	return strlen(text);
}

int cross_affinity_read_pids(int fd, pid_t own, struct cross_affinity_pids *pids)
{
	char text[PROCS_BYTES + 1];
	size_t used = 0;
	ssize_t got;

	while ((got = read(fd, text + used, PROCS_BYTES - used)) > 0) {
		text[used + (size_t)got] = '\0';
		used = take_pids(text, own, pids);
	}
	return got < 0 ? -errno : 0;
}

struct cross_affinity_state {
	cpu_set_t masks[2];
	struct cross_affinity_pids siblings; /* none: nothing to do */
};

static void find_siblings(struct ktstr_worker *worker, struct cross_affinity_pids *siblings)
{
	char path[OWN_CGROUP_MAX];
	struct ktstr_error error;
	auto_close int folder = -1;
	auto_close int fd = -1;
	int err;

	if (own_cgroup_path(path, &error)) {
		worker_complain(worker, "%s", error.text);
		return;
	}
	folder = open(path, O_DIRECTORY | O_PATH | O_CLOEXEC);
	fd = openat(folder, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	err = fd < 0 ? -errno : cross_affinity_read_pids(fd, getpid(), siblings);
	if (err)
		worker_complain(worker, "read cgroup.procs of %s: %s", path, strerror(-err));
}

static void cross_affinity_churn_plumbing(const void *params, struct work_plumbing *ret_plumbing)
{
	(void)params;
	ret_plumbing->buffer_bytes = SIBLINGS_MAX * sizeof(pid_t);
}

static void cross_affinity_churn_begin(struct ktstr_worker *worker)
{
	struct cross_affinity_state *state = (struct cross_affinity_state *)worker->state;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	sched_getaffinity(worker->tid, sizeof(cpus), &cpus);
	if (!cross_affinity_masks(&cpus, state->masks)) {
		worker_complain(worker, "it has one CPU only: no masks to choose from");
		return;
	}
	state->siblings = (struct cross_affinity_pids){
		.items = (pid_t *)worker->buffer,
		.capacity = SIBLINGS_MAX,
	};
	find_siblings(worker, &state->siblings);
}

static enum work_next cross_affinity_churn_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_cross_affinity_churn_params *churn = worker->params;
	const struct cross_affinity_state *state =
		(const struct cross_affinity_state *)worker->state;
	const cpu_set_t *mask = &state->masks[worker->iterations % 2];

	worker_spin(worker, churn->spin_iters);
	/* Those that have died since, or may not be touched, are no business of this work. */
	for (size_t i = 0; i < state->siblings.count; i++)
		sched_setaffinity(state->siblings.items[i], sizeof(*mask), mask);
	yield_and_sample(worker);
	return WORK_NEXT;
}

const struct ktstr_work_ops ktstr_work_affinity_churn = {
	.name = "AffinityChurn",
	.summary = "pins itself to one random CPU after the other",
	.params_size = sizeof(struct ktstr_work_affinity_churn_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_affinity_churn_params, spin_iters, 1024,
				    "rounds of the pause loop between two affinities"),
			{ 0 },
		},
	.state_size = sizeof(struct affinity_state),
	.begin = affinity_churn_begin,
	.iterate = affinity_churn_iterate,
};

const struct ktstr_work_ops ktstr_work_cross_affinity_churn = {
	.name = "CrossAffinityChurn",
	.summary = "changes the affinity of the other processes in its cgroup",
	.params_size = sizeof(struct ktstr_work_cross_affinity_churn_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_cross_affinity_churn_params, spin_iters, 1024,
				    "rounds of the pause loop between two affinities"),
			{ 0 },
		},
	.plumbing = cross_affinity_churn_plumbing,
	.state_size = sizeof(struct cross_affinity_state),
	.begin = cross_affinity_churn_begin,
	.iterate = cross_affinity_churn_iterate,
};
