// SPDX-License-Identifier: GPL-2.0-only
/* Gaps and migrations of one worker, seen from inside. */
#include "workload/checkpoint.h"

static void use_cpu(struct checkpoint *checkpoint, int cpu)
{
	checkpoint->cpu = cpu;
	if (cpu < 0 || cpu >= CPU_SETSIZE)
		return;
	CPU_SET(cpu, &checkpoint->cpus_used);
	CPU_SET(cpu, &checkpoint->phase_cpus_used);
}

void checkpoint_begin(struct checkpoint *checkpoint, struct ktstr_migration *migrations,
		      size_t migrations_capacity, uint64_t now_ns, int cpu)
{
	*checkpoint = (struct checkpoint){
		.start_ns = now_ns,
		.last_ns = now_ns,
		.migrations = migrations,
		.migrations_capacity = migrations_capacity,
	};
	use_cpu(checkpoint, cpu);
}

static void note_migration(struct checkpoint *checkpoint, uint64_t now_ns, int cpu)
{
	if (checkpoint->migration_count < checkpoint->migrations_capacity)
		checkpoint->migrations[checkpoint->migration_count] = (struct ktstr_migration){
			.at_ns = now_ns - checkpoint->start_ns,
			.from_cpu = checkpoint->cpu,
			.to_cpu = cpu,
		};
	checkpoint->migration_count++;
}

void checkpoint_take(struct checkpoint *checkpoint, uint64_t now_ns, int cpu)
{
	uint64_t gap_ns = now_ns - checkpoint->last_ns;

	if (gap_ns > checkpoint->max_gap_ns) {
		checkpoint->max_gap_ns = gap_ns;
		checkpoint->max_gap_at_ns = now_ns - checkpoint->start_ns;
		checkpoint->max_gap_cpu = checkpoint->cpu;
	}
	if (gap_ns > checkpoint->phase_max_gap_ns) {
		checkpoint->phase_max_gap_ns = gap_ns;
		checkpoint->phase_max_gap_cpu = checkpoint->cpu;
	}
	checkpoint->last_ns = now_ns;
	if (cpu < 0 || cpu == checkpoint->cpu)
		return;
	if (checkpoint->cpu >= 0)
		note_migration(checkpoint, now_ns, cpu);
	use_cpu(checkpoint, cpu);
}

void checkpoint_begin_phase(struct checkpoint *checkpoint)
{
	checkpoint->phase_max_gap_ns = 0;
	checkpoint->phase_max_gap_cpu = 0;
	CPU_ZERO(&checkpoint->phase_cpus_used);
	use_cpu(checkpoint, checkpoint->cpu);
}

size_t checkpoint_migrations_kept(const struct checkpoint *checkpoint)
{
	if (checkpoint->migration_count < checkpoint->migrations_capacity)
		return (size_t)checkpoint->migration_count;
	return checkpoint->migrations_capacity;
}
