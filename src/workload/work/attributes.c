// SPDX-License-Identifier: GPL-2.0-only
/* Work that changes its own nice value or policy: NiceSweep, PolicyChurn. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>

#include "workload/work.h"
#include "workload/work/yield.h"
#include "workload/worker.h"

#define NICE_UNITS 512
#define NICE_MIN (-20)
#define NICE_END 20 /* one past the last */
#define RT_PRIORITY 1

struct nice_state {
	int first;  /* of the sweep */
	int before; /* of the worker, when it began */
};

static int set_nice(const struct ktstr_worker *worker, int nice)
{
	return setpriority(PRIO_PROCESS, (id_t)worker->tid, nice);
}

static void nice_sweep_begin(struct ktstr_worker *worker)
{
	struct nice_state *state = (struct nice_state *)worker->state;

	state->before = getpriority(PRIO_PROCESS, (id_t)worker->tid);
	state->first = set_nice(worker, NICE_MIN) ? 0 : NICE_MIN;
	set_nice(worker, state->before);
}

static enum work_next nice_sweep_iterate(struct ktstr_worker *worker)
{
	const struct nice_state *state = (const struct nice_state *)worker->state;
	uint64_t length = (uint64_t)(NICE_END - state->first);
	int nice = state->first + (int)(worker->iterations % length);

	worker_spin(worker, NICE_UNITS);
	if (set_nice(worker, nice))
		worker_complain(worker, "nice %d: %s", nice, strerror(errno));
	yield_and_sample(worker);
	return WORK_NEXT;
}

static void nice_sweep_end(struct ktstr_worker *worker)
{
	set_nice(worker, ((const struct nice_state *)worker->state)->before);
}

struct policy_state {
	unsigned count; /* of policies that the worker may have */
};

static const struct {
	int policy, priority;
} policies[] = {
	{ SCHED_OTHER, 0 },	     { SCHED_BATCH, 0 },	{ SCHED_IDLE, 0 },
	{ SCHED_FIFO, RT_PRIORITY }, { SCHED_RR, RT_PRIORITY },
};
enum {
	POLICIES = sizeof(policies) / sizeof(policies[0]),
	FIRST_RT = POLICIES - 2,
};

static int set_policy(const struct ktstr_worker *worker, unsigned index)
{
	struct sched_param param = { .sched_priority = policies[index].priority };

	return sched_setscheduler(worker->tid, policies[index].policy, &param);
}

static void policy_churn_begin(struct ktstr_worker *worker)
{
	struct policy_state *state = (struct policy_state *)worker->state;

	state->count = set_policy(worker, FIRST_RT) ? FIRST_RT : POLICIES;
	set_policy(worker, 0);
}

static enum work_next policy_churn_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_policy_churn_params *churn = worker->params;
	const struct policy_state *state = (const struct policy_state *)worker->state;
	unsigned next = (unsigned)(worker->iterations % state->count);

	worker_spin(worker, churn->spin_iters);
	if (set_policy(worker, next))
		worker_complain(worker, "policy number %d: %s", policies[next].policy,
				strerror(errno));
	yield_and_sample(worker);
	return WORK_NEXT;
}

static void policy_churn_end(struct ktstr_worker *worker)
{
	set_policy(worker, 0);
}

const struct ktstr_work_ops ktstr_work_nice_sweep = {
	.name = "NiceSweep",
	.summary = "goes through the nice values",
	.state_size = sizeof(struct nice_state),
	.begin = nice_sweep_begin,
	.iterate = nice_sweep_iterate,
	.end = nice_sweep_end,
};

const struct ktstr_work_ops ktstr_work_policy_churn = {
	.name = "PolicyChurn",
	.summary = "goes through the scheduling policies",
	.params_size = sizeof(struct ktstr_work_policy_churn_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_policy_churn_params, spin_iters, 1024,
				    "rounds of the pause loop between two policies"),
			{ 0 },
		},
	.state_size = sizeof(struct policy_state),
	.begin = policy_churn_begin,
	.iterate = policy_churn_iterate,
	.end = policy_churn_end,
};
