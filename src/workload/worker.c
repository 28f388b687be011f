// SPDX-License-Identifier: GPL-2.0-only
/*
 * The body of a worker: prepare, set up, loop, report. How it comes to run here (fork, gate,
 * signals) is worker_process.c's; what an iteration does is the work row's.
 */
#include "workload/worker.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "workload/policy.h"
#include "workload/work.h"

bool worker_sleep_until(const struct ktstr_worker *worker, uint64_t deadline_ns)
{
	do {
		if (worker_stopping(worker))
			return false;
	} while (!slot_sleep(worker->plan->slot, deadline_ns));
	return true;
}

bool worker_sleep(const struct ktstr_worker *worker, uint64_t duration_ns, uint64_t *ret_asleep_ns)
{
	uint64_t start_ns = clock_now_ns();

	if (!worker_sleep_until(worker, start_ns + duration_ns))
		return false;
	*ret_asleep_ns = clock_now_ns() - start_ns;
	return true;
}

void worker_sample_wake(struct ktstr_worker *worker, uint64_t ns)
{
	reservoir_offer(&worker->wake_latencies, ns);
	phases_sample_wake(&worker->phases, ns);
}

void worker_sample_cost(struct ktstr_worker *worker, uint64_t ns)
{
	reservoir_offer(&worker->iteration_costs, ns);
}

void worker_sample_timer(struct ktstr_worker *worker, uint64_t ns)
{
	reservoir_offer(&worker->timer_latencies, ns);
	phases_sample_timer(&worker->phases, ns);
}

void worker_complain(struct ktstr_worker *worker, const char *fmt, ...)
{
	va_list arguments;

	if (worker->work_error[0])
		return;
	va_start(arguments, fmt);
	vsnprintf(worker->work_error, sizeof(worker->work_error), fmt, arguments);
	va_end(arguments);
}

void worker_set_policy(struct ktstr_worker *worker, const struct ktstr_sched_policy *policy)
{
	struct ktstr_error error;

	worker->has_own_policy = policy->kind != KTSTR_POLICY_NORMAL;
	if (policy_apply(worker->tid, policy, &error))
		snprintf(worker->policy_error, sizeof(worker->policy_error), "%.*s",
			 (int)sizeof(worker->policy_error) - 1, error.text);
}

static struct phase_mark mark_now(const struct ktstr_worker *worker, uint64_t now_ns)
{
	struct phase_mark mark = {
		.now_ns = now_ns,
		.cpu_time_ns = counters_thread_cpu_ns(),
		.iterations = worker->iterations,
	};

	counters_read(worker->tid, &mark.counters);
	return mark;
}

/* Rare, and the only place in a loop that reads files: the parent has begun another phase. */
static void change_phase(struct ktstr_worker *worker)
{
	uint64_t now_ns = clock_now_ns();
	struct phase_mark mark;

	checkpoint_take(&worker->checkpoint, now_ns, sched_getcpu());
	mark = mark_now(worker, now_ns);
	phases_next(&worker->phases, &mark, &worker->checkpoint, worker->numa_region);
}

void worker_publish(struct ktstr_worker *worker)
{
	/* The cache line is ours alone: a store each time costs less than a clock. */
	atomic_store_explicit(&worker->plan->slot->iterations, worker->iterations,
			      memory_order_relaxed);
	if (phases_moved(&worker->phases))
		change_phase(worker);
	else if (worker->work_units % CHECKPOINT_UNITS == 0)
		checkpoint_take(&worker->checkpoint, clock_now_ns(), sched_getcpu());
}

static void loop(struct ktstr_worker *worker)
{
	const struct ktstr_work_ops *ops = worker->plan->group->ops;

	while (!worker_stopping(worker)) {
		enum work_next next = ops->iterate(worker);

		if (next == WORK_END)
			break;
		worker->iterations++;
		if (next == WORK_NEXT)
			worker_publish(worker);
	}
	/* The exact number, however the last pass ended. */
	atomic_store_explicit(&worker->plan->slot->iterations, worker->iterations,
			      memory_order_relaxed);
}

static void report_loop(const struct ktstr_worker *worker, struct ktstr_worker_report *report)
{
	const struct checkpoint *checkpoint = &worker->checkpoint;

	report->tid = worker->tid;
	report->group_index = worker->plan->group->index;
	report->completed = true;
	report->work_units = worker->work_units;
	report->iterations = worker->iterations;
	report->cpus_used = checkpoint->cpus_used;
	report->migration_count = checkpoint->migration_count;
	report->migrations = checkpoint->migrations;
	report->migrations_kept = checkpoint_migrations_kept(checkpoint);
	report->max_gap_ms = checkpoint->max_gap_ns / NS_PER_MS;
	report->max_gap_cpu = checkpoint->max_gap_cpu;
	report->max_gap_at_ms = checkpoint->max_gap_at_ns / NS_PER_MS;
	report->wake_latencies = reservoir_samples(&worker->wake_latencies);
	report->iteration_costs = reservoir_samples(&worker->iteration_costs);
	report->timer_latencies = reservoir_samples(&worker->timer_latencies);
	if (worker->policy_error[0])
		memcpy(report->sched_policy_error, worker->policy_error,
		       sizeof(report->sched_policy_error));
	memcpy(report->work_error, worker->work_error, sizeof(report->work_error));
}

static void report_counters(const struct counters *before, const struct counters *after,
			    struct ktstr_worker_report *report)
{
	struct counters grown = counters_grown(before, after);

	report->vmstat_numa_pages_migrated = grown.pages_migrated;
	report->schedstat_cpu_time_ns = grown.schedstat.cpu_time_ns;
	report->schedstat_run_delay_ns = grown.schedstat.run_delay_ns;
	report->schedstat_run_count = grown.schedstat.run_count;
}

void worker_prepare(struct ktstr_worker *worker, const struct worker_plan *plan,
		    const _Atomic int *signalled)
{
	const struct work_group *group = plan->group;
	struct telemetry *telemetry = plan->telemetry;
	pid_t tid = gettid();

	*worker = (struct ktstr_worker){
		.params = group->params,
		.tid = tid,
		.index = plan->index,
		.position = group->group_size ? plan->index % group->group_size : 0,
		.group_size = group->group_size,
		.shared = work_group_shared(group, plan->index),
		.buffer = plan->buffer ? plan->buffer : group->buffer,
		.buffer_bytes = group->plumbing.buffer_bytes,
		.read_fd = plan->read_fd,
		.write_fd = plan->write_fd,
		.plan = plan,
		.signalled = signalled,
	};
	reservoir_init(&worker->wake_latencies, telemetry->wake_samples, KTSTR_SAMPLES_MAX,
		       (uint64_t)tid);
	reservoir_init(&worker->iteration_costs, telemetry->cost_samples, KTSTR_SAMPLES_MAX,
		       (uint64_t)tid);
	reservoir_init(&worker->timer_latencies, telemetry->timer_samples, KTSTR_SAMPLES_MAX,
		       (uint64_t)tid);
	phases_init(&worker->phases, group->ops->own_phases ? NULL : worker_epoch(worker),
		    telemetry, tid);
	if (group->ops->prepare)
		group->ops->prepare(worker);
}

void worker_give_up(struct ktstr_worker *worker)
{
	const struct ktstr_work_ops *ops = worker->plan->group->ops;

	if (ops->end)
		ops->end(worker);
}

/* Up to the first iteration; where it begins. */
static void begin(struct ktstr_worker *worker, struct ktstr_worker_report *report,
		  struct phase_mark *ret_start)
{
	const struct worker_plan *plan = worker->plan;

	*report = (struct ktstr_worker_report){ 0 };
	if (plan->setup_error)
		snprintf(report->setup_error, sizeof(report->setup_error), "%s", plan->setup_error);
	worker_setup_apply(&plan->group->setup, worker->tid, plan->pinned ? &plan->cpus : NULL,
			   report);
	if (plan->group->ops->begin)
		plan->group->ops->begin(worker);
	*ret_start = mark_now(worker, 0);
	ret_start->now_ns = clock_now_ns();
	checkpoint_begin(&worker->checkpoint, plan->telemetry->migrations, KTSTR_MIGRATIONS_MAX,
			 ret_start->now_ns, sched_getcpu());
	phases_begin(&worker->phases, ret_start, &worker->checkpoint);
}

void worker_run(struct ktstr_worker *worker, struct ktstr_worker_report *ret_report)
{
	struct telemetry *telemetry = worker->plan->telemetry;
	const struct ktstr_work_ops *ops = worker->plan->group->ops;
	struct phase_mark start, end;

	begin(worker, ret_report, &start);
	if (ops->run) {
		*ret_report = (struct ktstr_worker_report){ 0 };
		ops->run(worker, ret_report);
		if (ops->end)
			ops->end(worker);
		return;
	}
	loop(worker);
	end = (struct phase_mark){
		.now_ns = clock_now_ns(),
		.cpu_time_ns = counters_thread_cpu_ns(),
		.iterations = worker->iterations,
	};
	/* The gap that is open when the stop comes: a worker may not have run since long before. */
	checkpoint_take(&worker->checkpoint, end.now_ns, sched_getcpu());
	/* What is left is reading and reporting: not to be done at the pace of a DEADLINE worker.
	 */
	if (worker->has_own_policy)
		sched_setscheduler(worker->tid, SCHED_OTHER, &(struct sched_param){ 0 });
	counters_read(worker->tid, &end.counters);
	report_loop(worker, ret_report);
	ret_report->cpu_time_ns = end.cpu_time_ns;
	ret_report->wall_time_ns = end.now_ns - start.now_ns;
	ret_report->off_cpu_ns = counter_grown(end.cpu_time_ns, ret_report->wall_time_ns);
	report_counters(&start.counters, &end.counters, ret_report);
	ret_report->numa_pages = telemetry->numa_pages;
	ret_report->numa_pages_count = telemetry_list_pages(
		telemetry, worker->numa_region, telemetry->process_pages, telemetry->numa_pages);
	ret_report->phase_slices = telemetry->slices;
	ret_report->phase_slices_count = phases_end(&worker->phases, &end, &worker->checkpoint,
						    worker->numa_region);
	if (ops->report)
		ops->report(worker, ret_report);
	if (ops->end)
		ops->end(worker);
}
