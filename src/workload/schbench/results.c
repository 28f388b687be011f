// SPDX-License-Identifier: GPL-2.0-only
/* What the thread in charge sees: a sample a second, numbers so far, the report at the end. */
#include <string.h>
#include <unistd.h>

#include "workload/schbench/engine_private.h"

#define PROC_STAT_LINE 512	 /* the first line has ten numbers */
#define SHORTEST_WINDOW_US 50000 /* in less than that requests are too few to make a rate */

uint64_t schbench_loop_count(const struct schbench *bench)
{
	uint64_t loops = 0;

	for (size_t i = bench->config.message_threads; i < bench->threads_max; i++)
		loops += atomic_load_explicit(&bench->threads[i].loops, memory_order_relaxed);
	return loops;
}

unsigned schbench_worker_threads(const struct schbench *bench)
{
	return bench->worker_threads;
}

unsigned schbench_goal_rps(const struct schbench *bench)
{
	return atomic_load(&bench->rate) * bench->config.message_threads;
}

static bool read_cpu_times(const struct schbench *bench, struct cpu_times *ret_times)
{
	char line[PROC_STAT_LINE];
	ssize_t got = pread(bench->proc_stat, line, sizeof(line) - 1, 0);

	if (got <= 0)
		return false;
	line[got] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return cpu_times_parse(line, ret_times);
}

static void adjust_rate(struct schbench *bench)
{
	struct cpu_times times;
	bool hit = false;

	if (bench->proc_stat < 0 || !bench->paced || !read_cpu_times(bench, &times))
		return;
	if (bench->has_times) {
		double busy = cpu_times_busy_pct(&bench->times, &times);

		atomic_store(&bench->rate, pace_next(atomic_load(&bench->rate), busy,
						     bench->config.auto_rps_pct, &hit));
	}
	bench->hit |= hit;
	bench->has_times = true;
	bench->times = times;
}

static void record_rps(struct schbench *bench, double rps)
{
	uint32_t epoch = epochs_now(&bench->epochs);
	bool searching = bench->config.auto_rps_pct && !bench->hit;

	/* A window that began in another epoch belongs to none. */
	if (epoch != bench->tick_epoch || searching || bench->config.pipe_bytes)
		return;
	histogram_record(&bench->config.slices[epochs_slice(&bench->epochs, epoch)].rps,
			 rps < UINT32_MAX ? (uint32_t)rps : UINT32_MAX);
}

double schbench_tick(struct schbench *bench)
{
	uint64_t now_us = stamp_now_us(), loops = schbench_loop_count(bench);
	uint64_t window_us = now_us - bench->tick_us;
	double rps = 0;

	if (window_us >= SHORTEST_WINDOW_US) {
		rps = (double)(loops - bench->tick_loops) * 1e6 / (double)window_us;
		record_rps(bench, rps);
	}
	bench->tick_us = now_us;
	bench->tick_loops = loops;
	bench->tick_epoch = epochs_now(&bench->epochs);
	adjust_rate(bench);
	return rps;
}

static void add_thread(const struct schbench_thread *thread, struct ktstr_schbench_slice *slice)
{
	slice->loop_count += atomic_load_explicit(&thread->loops, memory_order_relaxed) -
			     thread->loops_at_slice;
	ktstr_histogram_merge(&slice->wakeup_us, &thread->wakeup_us);
	ktstr_histogram_merge(&slice->request_us, &thread->request_us);
}

void schbench_read(struct schbench *bench, struct ktstr_schbench_slice *ret_slice)
{
	uint32_t epoch = epochs_now(&bench->epochs);
	size_t index = epochs_slice(&bench->epochs, epoch);
	const struct ktstr_schbench_slice *slice = &bench->config.slices[index];

	ret_slice->epoch = epoch;
	ret_slice->loop_count += __atomic_load_n(&slice->loop_count, __ATOMIC_RELAXED);
	ktstr_histogram_merge(&ret_slice->wakeup_us, &slice->wakeup_us);
	ktstr_histogram_merge(&ret_slice->request_us, &slice->request_us);
	ktstr_histogram_merge(&ret_slice->rps, &slice->rps);
	/* A thread pours into its slice when it leaves it, so nothing is counted twice. */
	for (size_t i = bench->config.message_threads; i < bench->threads_max; i++)
		if (bench->threads[i].created &&
		    atomic_load_explicit(&bench->threads[i].slice, memory_order_acquire) == index)
			add_thread(&bench->threads[i], ret_slice);
}

static uint64_t live_delay(const struct schbench_thread *thread)
{
	struct schedstat schedstat;

	if (!thread->tid || !schedstat_read(thread->tid, &schedstat) || !schedstat.run_count)
		return 0;
	return schedstat.run_delay_ns / schedstat.run_count;
}

static uint64_t final_delay(const struct schbench_thread *thread)
{
	return thread->mean_delay_ns;
}

static uint64_t mean(const struct schbench *bench, size_t first, size_t last,
		     uint64_t (*delay)(const struct schbench_thread *thread))
{
	uint64_t sum = 0, threads = 0;

	for (size_t i = first; i < last; i++) {
		if (!bench->threads[i].created)
			continue;
		sum += delay(&bench->threads[i]);
		threads++;
	}
	return threads ? sum / threads : 0;
}

void schbench_read_delays(struct schbench *bench, uint64_t *ret_message_ns, uint64_t *ret_worker_ns)
{
	size_t messengers = bench->config.message_threads;

	*ret_message_ns = mean(bench, 0, messengers, live_delay);
	*ret_worker_ns = mean(bench, messengers, bench->threads_max, live_delay);
}

void schbench_report(const struct schbench *bench, struct ktstr_schbench_report *ret_report)
{
	size_t messengers = bench->config.message_threads;
	struct ktstr_schbench_slice *slices = bench->config.slices;

	*ret_report = (struct ktstr_schbench_report){
		.runtime_ns = (bench->end_us - bench->start_us) * NS_PER_US,
		.message_sched_delay_ns = mean(bench, 0, messengers, final_delay),
		.worker_sched_delay_ns = mean(bench, messengers, bench->threads_max, final_delay),
		.slices = slices,
	};
	for (size_t i = messengers; i < bench->threads_max; i++)
		ret_report->worker_runtime_us += bench->threads[i].runtime_us;
	/* Claimed from the front, but for the last, which may be the only one behind a hole. */
	for (size_t i = 0; i < bench->epochs.capacity; i++) {
		struct ktstr_schbench_slice *to = &slices[ret_report->slices_count];
		uint32_t epoch;

		if (!epochs_claimed(&bench->epochs, i, &epoch))
			continue;
		if (to != &slices[i])
			*to = slices[i];
		to->epoch = epoch;
		ret_report->slices_count++;
	}
}
