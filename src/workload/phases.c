// SPDX-License-Identifier: GPL-2.0-only
/* Slices: what a worker measured in one epoch, as differences between its two ends. */
#include "workload/phases.h"

#include "base/clock.h"

void phases_init(struct phases *phases, const _Atomic uint32_t *word, struct telemetry *telemetry,
		 pid_t tid)
{
	*phases = (struct phases){
		.word = telemetry->num_phases ? word : NULL,
		.telemetry = telemetry,
		.tid = tid,
	};
}

static void open_slice(struct phases *phases, const struct phase_mark *mark,
		       struct checkpoint *checkpoint)
{
	struct phase_memory *memory = &phases->telemetry->phases[phases->closed];
	uint64_t seed = (uint64_t)phases->tid ^ phases->closed << 32;

	phases->epoch = atomic_load_explicit(phases->word, memory_order_relaxed);
	phases->start_ns = mark->now_ns;
	phases->start_cpu_ns = mark->cpu_time_ns;
	phases->start_iterations = mark->iterations;
	phases->start_migrations = checkpoint->migration_count;
	phases->start = mark->counters;
	checkpoint_begin_phase(checkpoint);
	reservoir_init(&phases->wake_latencies, memory->wake_samples, KTSTR_PHASE_SAMPLES_MAX,
		       seed);
	reservoir_init(&phases->timer_latencies, memory->timer_samples, KTSTR_PHASE_SAMPLES_MAX,
		       ~seed);
}

void phases_begin(struct phases *phases, const struct phase_mark *mark,
		  struct checkpoint *checkpoint)
{
	if (phases->word)
		open_slice(phases, mark, checkpoint);
}

/* Nothing comes behind the open slice. */
static bool is_last(const struct phases *phases)
{
	return phases->closed + 1 == phases->telemetry->num_phases;
}

static void close_slice(struct phases *phases, const struct phase_mark *mark,
			const struct checkpoint *checkpoint, const void *numa_region,
			struct process_pages *shared)
{
	struct phase_memory *memory = &phases->telemetry->phases[phases->closed];
	struct ktstr_phase_slice *slice = &phases->telemetry->slices[phases->closed];
	struct counters grown = counters_grown(&phases->start, &mark->counters);
	uint64_t cpu_ns = counter_grown(phases->start_cpu_ns, mark->cpu_time_ns);

	*slice = (struct ktstr_phase_slice){
		.epoch = phases->epoch,
		.cpus_used = checkpoint->phase_cpus_used,
		.wake_latencies = reservoir_samples(&phases->wake_latencies),
		.timer_latencies = reservoir_samples(&phases->timer_latencies),
		.iterations = mark->iterations - phases->start_iterations,
		.wall_time_ns = mark->now_ns - phases->start_ns,
		.migration_count = checkpoint->migration_count - phases->start_migrations,
		.max_gap_ms = checkpoint->phase_max_gap_ns / NS_PER_MS,
		.max_gap_cpu = checkpoint->phase_max_gap_cpu,
		.schedstat_run_delay_ns = grown.schedstat.run_delay_ns,
		.schedstat_cpu_time_ns = grown.schedstat.cpu_time_ns,
		.vmstat_numa_pages_migrated = grown.pages_migrated,
		.numa_pages = memory->numa_pages,
	};
	slice->off_cpu_ns = counter_grown(cpu_ns, slice->wall_time_ns);
	slice->numa_pages_count = telemetry_list_pages(phases->telemetry, numa_region, shared,
						       memory->numa_pages);
	phases->closed++;
}

void phases_next(struct phases *phases, const struct phase_mark *mark,
		 struct checkpoint *checkpoint, const void *numa_region)
{
	if (is_last(phases)) {
		phases->epoch = KTSTR_PHASE_BETWEEN;
		phases->full = true;
		return;
	}
	close_slice(phases, mark, checkpoint, numa_region, NULL);
	open_slice(phases, mark, checkpoint);
}

size_t phases_end(struct phases *phases, const struct phase_mark *mark,
		  const struct checkpoint *checkpoint, const void *numa_region)
{
	if (phases->closed || phases->full)
		close_slice(phases, mark, checkpoint, numa_region,
			    phases->telemetry->process_pages);
	return phases->closed;
}
