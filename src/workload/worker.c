// SPDX-License-Identifier: GPL-2.0-only
/*
 * The body of a worker: prepare, set up, loop, report. How it comes to run here (fork, gate,
 * signals) is worker_process.c's; what an iteration does is the work row's.
 */
#include "workload/worker.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "workload/policy.h"
#include "workload/work.h"

/* The kernel's counters at one end of the loop. */
struct counters {
	bool has_schedstat;
	struct schedstat schedstat;
	uint64_t pages_migrated; /* 0 where there is no such counter */
};

static void read_counters(pid_t tid, struct counters *ret_counters)
{
	*ret_counters = (struct counters){ 0 };
	vmstat_read_migrated(&ret_counters->pages_migrated);
	ret_counters->has_schedstat = schedstat_read(tid, &ret_counters->schedstat);
}

static uint64_t grown(uint64_t before, uint64_t after)
{
	return after > before ? after - before : 0;
}

static uint64_t thread_cpu_time_ns(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts))
		return 0;
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

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
}

void worker_sample_cost(struct ktstr_worker *worker, uint64_t ns)
{
	reservoir_offer(&worker->iteration_costs, ns);
}

void worker_sample_timer(struct ktstr_worker *worker, uint64_t ns)
{
	reservoir_offer(&worker->timer_latencies, ns);
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

void worker_publish(struct ktstr_worker *worker)
{
	/* The cache line is ours alone: a store each time costs less than a clock. */
	atomic_store_explicit(&worker->plan->slot->iterations, worker->iterations,
			      memory_order_relaxed);
	if (worker->work_units % CHECKPOINT_UNITS == 0)
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

static void report_numa_pages(const void *region, struct telemetry *telemetry,
			      struct ktstr_worker_report *report)
{
	numa_maps_read(region, telemetry->node_pages);
	report->numa_pages = telemetry->numa_pages;
	for (unsigned node = 0; node < NUMA_NODES_MAX; node++)
		if (telemetry->node_pages[node])
			report->numa_pages[report->numa_pages_count++] = (struct ktstr_numa_pages){
				.node = node,
				.pages = telemetry->node_pages[node],
			};
}

static struct ktstr_samples samples_of(const struct reservoir *reservoir)
{
	return (struct ktstr_samples){
		.values = reservoir->values,
		.count = reservoir->count,
		.total = reservoir->total,
	};
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
	report->wake_latencies = samples_of(&worker->wake_latencies);
	report->iteration_costs = samples_of(&worker->iteration_costs);
	report->timer_latencies = samples_of(&worker->timer_latencies);
	if (worker->policy_error[0])
		memcpy(report->sched_policy_error, worker->policy_error,
		       sizeof(report->sched_policy_error));
	memcpy(report->work_error, worker->work_error, sizeof(report->work_error));
}

static void report_counters(const struct counters *before, const struct counters *after,
			    struct ktstr_worker_report *report)
{
	report->vmstat_numa_pages_migrated = grown(before->pages_migrated, after->pages_migrated);
	if (!before->has_schedstat || !after->has_schedstat)
		return;
	report->schedstat_cpu_time_ns = grown(before->schedstat.cpu_time_ns,
					      after->schedstat.cpu_time_ns);
	report->schedstat_run_delay_ns = grown(before->schedstat.run_delay_ns,
					       after->schedstat.run_delay_ns);
	report->schedstat_run_count = grown(before->schedstat.run_count,
					    after->schedstat.run_count);
}

void worker_prepare(struct ktstr_worker *worker, const struct worker_plan *plan,
		    const volatile sig_atomic_t *signalled)
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
	if (group->ops->prepare)
		group->ops->prepare(worker);
}

void worker_give_up(struct ktstr_worker *worker)
{
	const struct ktstr_work_ops *ops = worker->plan->group->ops;

	if (ops->end)
		ops->end(worker);
}

void worker_run(struct ktstr_worker *worker, struct ktstr_worker_report *ret_report)
{
	const struct worker_plan *plan = worker->plan;
	const struct ktstr_work_ops *ops = plan->group->ops;
	struct counters before, after;
	uint64_t end_ns;

	*ret_report = (struct ktstr_worker_report){ 0 };
	if (plan->setup_error)
		snprintf(ret_report->setup_error, sizeof(ret_report->setup_error), "%s",
			 plan->setup_error);
	worker_setup_apply(&plan->group->setup, worker->tid, plan->pinned ? &plan->cpus : NULL,
			   ret_report);
	if (ops->begin)
		ops->begin(worker);
	read_counters(worker->tid, &before);
	checkpoint_begin(&worker->checkpoint, plan->telemetry->migrations, KTSTR_MIGRATIONS_MAX,
			 clock_now_ns(), sched_getcpu());
	loop(worker);
	end_ns = clock_now_ns();
	ret_report->cpu_time_ns = thread_cpu_time_ns();
	/* The gap that is open when the stop comes: a worker may not have run since long before. */
	checkpoint_take(&worker->checkpoint, end_ns, sched_getcpu());
	/* What is left is reading and reporting: not to be done at the pace of a DEADLINE worker.
	 */
	if (worker->has_own_policy)
		sched_setscheduler(worker->tid, SCHED_OTHER, &(struct sched_param){ 0 });
	read_counters(worker->tid, &after);
	report_loop(worker, ret_report);
	ret_report->wall_time_ns = end_ns - worker->checkpoint.start_ns;
	ret_report->off_cpu_ns = grown(ret_report->cpu_time_ns, ret_report->wall_time_ns);
	report_counters(&before, &after, ret_report);
	report_numa_pages(worker->numa_region, plan->telemetry, ret_report);
	if (ops->report)
		ops->report(worker, ret_report);
	if (ops->end)
		ops->end(worker);
}
