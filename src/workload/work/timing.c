// SPDX-License-Identifier: GPL-2.0-only
/* Work that sleeps to be woken: IdleChurn, TimerLatency. */
#include <errno.h>
#include <sys/prctl.h>

#include "base/clock.h"
#include "workload/work.h"
#include "workload/worker.h"

#define BURST_UNITS 256 /* between two looks at the clock */
#define PRECISE_SLACK_NS 1UL

static int idle_churn_check(const void *params, struct ktstr_error *error)
{
	const struct ktstr_work_idle_churn_params *churn = params;

	if (!churn->burst_us)
		return ktstr_error_set(error, -EINVAL, "burst_us must be > 0");
	if (!churn->sleep_us)
		return ktstr_error_set(error, -EINVAL,
				       "sleep_us must be > 0 (for work that never sleeps there are "
				       "SpinWait and YieldHeavy)");
	return 0;
}

static void idle_churn_begin(struct ktstr_worker *worker)
{
	const struct ktstr_work_idle_churn_params *churn = worker->params;

	/* The slack is the thread's own, so there is nothing to put back. */
	if (churn->precise_timing)
		prctl(PR_SET_TIMERSLACK, PRECISE_SLACK_NS);
}

static enum work_next idle_churn_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_idle_churn_params *churn = worker->params;
	uint64_t sleep_ns = churn->sleep_us * NS_PER_US;
	uint64_t burst_end_ns = clock_now_ns() + churn->burst_us * NS_PER_US;
	uint64_t asleep_ns;

	while (!worker_stopping(worker) && clock_now_ns() < burst_end_ns)
		worker_spin(worker, BURST_UNITS);
	if (worker_stopping(worker))
		return WORK_SKIP;
	if (worker_sleep(worker, sleep_ns, &asleep_ns))
		worker_sample_wake(worker, asleep_ns > sleep_ns ? asleep_ns - sleep_ns : 0);
	worker_excuse_gap(worker, clock_now_ns());
	return WORK_NEXT;
}

struct timer_state {
	uint64_t deadline_ns; /* 0: the first one is to come */
};

static int timer_latency_check(const void *params, struct ktstr_error *error)
{
	const struct ktstr_work_timer_latency_params *timer = params;

	if (!timer->interval_us)
		return ktstr_error_set(error, -EINVAL,
				       "interval_us must be > 0: else the deadline never advances");
	return 0;
}

static enum work_next timer_latency_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_timer_latency_params *timer = worker->params;
	struct timer_state *state = (struct timer_state *)worker->state;
	uint64_t interval_ns = timer->interval_us * NS_PER_US, now_ns;

	if (!state->deadline_ns)
		state->deadline_ns = clock_now_ns() + interval_ns;
	if (!worker_sleep_until(worker, state->deadline_ns))
		return WORK_SKIP;
	now_ns = clock_now_ns();
	worker_sample_timer(worker, now_ns - state->deadline_ns);
	/* From the deadline and not from now: being late once must not hide being late again. */
	state->deadline_ns += interval_ns;
	worker_excuse_gap(worker, now_ns);
	return WORK_NEXT;
}

const struct ktstr_work_ops ktstr_work_idle_churn = {
	.name = "IdleChurn",
	.summary = "computes for burst_us, then sleeps for sleep_us, so that the CPU goes idle",
	.params_size = sizeof(struct ktstr_work_idle_churn_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_idle_churn_params, burst_us, 1000,
				    "us of computing"),
			WORK_NUMBER(struct ktstr_work_idle_churn_params, sleep_us, 5000,
				    "us of sleep"),
			WORK_SWITCH(struct ktstr_work_idle_churn_params, precise_timing,
				    "timer slack of 1 ns"),
			{ 0 },
		},
	.check = idle_churn_check,
	.begin = idle_churn_begin,
	.iterate = idle_churn_iterate,
};

const struct ktstr_work_ops ktstr_work_timer_latency = {
	.name = "TimerLatency",
	.summary = "sleeps until deadlines interval_us apart and measures how late it wakes",
	.params_size = sizeof(struct ktstr_work_timer_latency_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_timer_latency_params, interval_us, 1000,
				    "us from one deadline to the next"),
			{ 0 },
		},
	.check = timer_latency_check,
	.state_size = sizeof(struct timer_state),
	.iterate = timer_latency_iterate,
};
