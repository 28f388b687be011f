// SPDX-License-Identifier: GPL-2.0-only
/* From the fields of a definition to the settings of its cgroup. */
#include "scenario/cgroup_limits.h"

#include <errno.h>

#include "cgroup/cgroup_knob.h"

#define CPU_PERIOD_DEFAULT_US 100000

static bool has_cpu(const struct ktstr_cpu_limits *cpu)
{
	return cpu->weight || cpu->quota_us || cpu->period_us || cpu->unlimited;
}

static bool has_memory(const struct ktstr_memory_limits *memory)
{
	return memory->max_bytes || memory->high_bytes || memory->low_bytes ||
	       memory->swap_max_bytes || memory->unlimited;
}

static bool has_pids(const struct ktstr_pids_limits *pids)
{
	return pids->max || pids->unlimited;
}

/* KTSTR_ZERO is how an explicit 0 is spelled. */
static uint64_t number(unsigned value)
{
	return value == KTSTR_ZERO ? 0 : value;
}

static uint64_t number_or(unsigned value, uint64_t unset)
{
	return value ? number(value) : unset;
}

static uint64_t bytes_or(uint64_t value, uint64_t unset)
{
	if (value == KTSTR_ZERO_BYTES)
		return 0;
	return value ? value : unset;
}

static uint64_t period_us(const struct ktstr_cpu_limits *cpu)
{
	return number_or(cpu->period_us, CPU_PERIOD_DEFAULT_US);
}

static uint64_t quota_us(const struct ktstr_cpu_limits *cpu)
{
	return number_or(cpu->quota_us, KTSTR_UNLIMITED);
}

int limits_check(const struct ktstr_cgroup_def *def, struct ktstr_error *error)
{
	const struct {
		bool given;
		enum cgroup_limit limit;
		uint64_t value;
	} rows[] = {
		{ def->cpu.weight != 0, CGROUP_LIMIT_CPU_WEIGHT, number(def->cpu.weight) },
		{ has_cpu(&def->cpu), CGROUP_LIMIT_CPU_PERIOD_US, period_us(&def->cpu) },
		{ has_cpu(&def->cpu), CGROUP_LIMIT_CPU_QUOTA_US, quota_us(&def->cpu) },
		{ def->io.weight != 0, CGROUP_LIMIT_IO_WEIGHT, number(def->io.weight) },
		{ def->pids.max != 0, CGROUP_LIMIT_PIDS_MAX, number(def->pids.max) },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int err = 0;

		if (rows[i].given)
			err = cgroup_limit_check(def->name, rows[i].limit, rows[i].value, error);
		if (err)
			return err;
	}
	for (size_t i = 0; i < def->cpuset_mems.count; i++)
		if (def->cpuset_mems.nodes[i] >= CPU_SETSIZE)
			return ktstr_error_set(error, -ERANGE,
					       "cgroup '%s': cpuset.mems: node %u is above %d",
					       def->name, def->cpuset_mems.nodes[i],
					       CPU_SETSIZE - 1);
	return 0;
}

static int write_mems(struct ktstr_cgroups *cgroups, const struct ktstr_cgroup_def *def,
		      struct ktstr_error *error)
{
	cpu_set_t nodes;

	if (!def->cpuset_mems.count)
		return 0;
	CPU_ZERO(&nodes);
	for (size_t i = 0; i < def->cpuset_mems.count; i++)
		CPU_SET(def->cpuset_mems.nodes[i], &nodes);
	return ktstr_cgroup_set_cpuset_mems(cgroups, def->name, &nodes, error);
}

static int write_cpu(struct ktstr_cgroups *cgroups, const struct ktstr_cgroup_def *def,
		     struct ktstr_error *error)
{
	int err = 0;

	if (!has_cpu(&def->cpu))
		return 0;
	if (def->cpu.weight)
		err = ktstr_cgroup_set_cpu_weight(cgroups, def->name,
						  (unsigned)number(def->cpu.weight), error);
	if (!err)
		err = ktstr_cgroup_set_cpu_max(cgroups, def->name, quota_us(&def->cpu),
					       period_us(&def->cpu), error);
	return err;
}

static int write_memory(struct ktstr_cgroups *cgroups, const struct ktstr_cgroup_def *def,
			struct ktstr_error *error)
{
	const struct ktstr_memory_limits *memory = &def->memory;
	int err;

	if (!has_memory(memory))
		return 0;
	err = ktstr_cgroup_set_memory_max(cgroups, def->name,
					  bytes_or(memory->max_bytes, KTSTR_UNLIMITED), error);
	if (!err)
		err = ktstr_cgroup_set_memory_high(
			cgroups, def->name, bytes_or(memory->high_bytes, KTSTR_UNLIMITED), error);
	if (!err)
		err = ktstr_cgroup_set_memory_low(cgroups, def->name,
						  bytes_or(memory->low_bytes, 0), error);
	if (!err && memory->swap_max_bytes)
		err = ktstr_cgroup_set_memory_swap_max(cgroups, def->name,
						       bytes_or(memory->swap_max_bytes, 0), error);
	return err;
}

static int write_io(struct ktstr_cgroups *cgroups, const struct ktstr_cgroup_def *def,
		    struct ktstr_error *error)
{
	if (!def->io.weight)
		return 0;
	return ktstr_cgroup_set_io_weight(cgroups, def->name, (unsigned)number(def->io.weight),
					  error);
}

static int write_pids(struct ktstr_cgroups *cgroups, const struct ktstr_cgroup_def *def,
		      struct ktstr_error *error)
{
	if (!has_pids(&def->pids))
		return 0;
	return ktstr_cgroup_set_pids_max(cgroups, def->name,
					 number_or(def->pids.max, KTSTR_UNLIMITED), error);
}

int limits_write(struct ktstr_cgroups *cgroups, const struct ktstr_cgroup_def *def,
		 struct ktstr_error *error)
{
	static int (*const write[])(struct ktstr_cgroups * cgroups,
				    const struct ktstr_cgroup_def *def,
				    struct ktstr_error *error) = {
		write_mems, write_cpu, write_memory, write_io, write_pids,
	};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(write) / sizeof(write[0]); i++)
		err = write[i](cgroups, def, error);
	return err;
}

unsigned limits_controllers(const struct ktstr_cgroup_def *def)
{
	unsigned controllers = 0;

	if (def->cpuset_mems.count)
		controllers |= KTSTR_CONTROLLER_CPUSET;
	if (has_cpu(&def->cpu))
		controllers |= KTSTR_CONTROLLER_CPU;
	if (has_memory(&def->memory))
		controllers |= KTSTR_CONTROLLER_MEMORY;
	if (def->io.weight)
		controllers |= KTSTR_CONTROLLER_IO;
	if (has_pids(&def->pids))
		controllers |= KTSTR_CONTROLLER_PIDS;
	return controllers;
}
