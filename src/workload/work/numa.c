// SPDX-License-Identifier: GPL-2.0-only
/* Work across NUMA nodes: NumaWorkingSetSweep, NumaMigrationChurn. */
#include <errno.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "workload/mem_policy.h"
#include "workload/node_cpus.h"
#include "workload/work.h"
#include "workload/work/region.h"
#include "workload/worker.h"

#define BURST_UNITS 256

static int numa_working_set_sweep_check(const void *params, struct ktstr_error *error)
{
	const struct ktstr_work_numa_working_set_sweep_params *sweep = params;

	for (size_t i = 0; i < sweep->target_nodes.count; i++)
		if (sweep->target_nodes.items[i] >= NUMA_NODES_MAX)
			return ktstr_error_set(error, -EINVAL,
					       "target_nodes[%zu]: node %u is out of range 0..=%d",
					       i, sweep->target_nodes.items[i], NUMA_NODES_MAX - 1);
	return 0;
}

static void numa_working_set_sweep_prepare(struct ktstr_worker *worker)
{
	const struct ktstr_work_numa_working_set_sweep_params *sweep = worker->params;
	struct region *region = (struct region *)worker->state;

	*region = region_map(worker, sweep->region_kib);
	if (!region->memory)
		return;
	/*
	 * The flag is what keeps the kernel from merging the region with a mapping next to it: in
	 * numa_maps it is to be a line of its own.
	 */
	madvise(region->memory, region->bytes, MADV_DONTFORK);
	worker->numa_region = region->memory;
}

static void bind_to_next_node(struct ktstr_worker *worker)
{
	const struct ktstr_work_numa_working_set_sweep_params *sweep = worker->params;
	const struct region *region = (const struct region *)worker->state;
	size_t count = sweep->target_nodes.count;
	struct nodemask mask;
	unsigned node;

	if (!count)
		return;
	node = sweep->target_nodes
		       .items[(worker->iterations + (size_t)worker->tid % count) % count];
	nodemask_build(&node, 1, &mask);
	if (syscall(SYS_mbind, region->memory, region->bytes, MPOL_BIND, mask.words, mask.maxnode,
		    MPOL_MF_MOVE))
		worker_complain(worker, "mbind to node %u: %s", node, strerror(errno));
}

static enum work_next numa_working_set_sweep_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_numa_working_set_sweep_params *sweep = worker->params;
	const struct region *region = (const struct region *)worker->state;
	volatile char *memory = region->memory;
	uint64_t asleep_ns;

	if (!memory)
		return WORK_END;
	bind_to_next_node(worker);
	for (size_t at = 0; at < region->bytes; at += REGION_PAGE_BYTES) {
		memory[at] = 1;
		worker->work_units++;
	}
	if (sweep->sweep_period_ms &&
	    worker_sleep(worker, sweep->sweep_period_ms * NS_PER_MS, &asleep_ns))
		worker_sample_wake(worker, asleep_ns);
	worker_excuse_gap(worker, clock_now_ns());
	return WORK_NEXT;
}

static void numa_working_set_sweep_end(struct ktstr_worker *worker)
{
	region_unmap((const struct region *)worker->state);
}

struct migration_state {
	cpu_set_t *nodes; /* the CPUs of each */
	size_t count;
};

static void numa_migration_churn_prepare(struct ktstr_worker *worker)
{
	struct migration_state *state = (struct migration_state *)worker->state;
	cpu_set_t nodes;

	node_cpus_list_nodes(&nodes);
	if (CPU_COUNT(&nodes))
		state->nodes = calloc((size_t)CPU_COUNT(&nodes), sizeof(*state->nodes));
	if (!state->nodes) {
		worker_complain(worker,
				"the machine names no node with CPUs: it stays where it is");
		return;
	}
	for (unsigned node = 0; node < CPU_SETSIZE; node++)
		if (CPU_ISSET(node, &nodes))
			node_cpus_read(node, &state->nodes[state->count++]);
}

static enum work_next numa_migration_churn_iterate(struct ktstr_worker *worker)
{
	const struct ktstr_work_numa_migration_churn_params *churn = worker->params;
	const struct migration_state *state = (const struct migration_state *)worker->state;
	uint64_t asleep_ns;

	if (state->count) {
		size_t next = worker->iterations % state->count;

		/* A cpuset without any CPU of the node refuses. */
		if (sched_setaffinity(worker->tid, sizeof(*state->nodes), &state->nodes[next]))
			worker_complain(worker, "go to the CPUs of node number %zu: %s", next,
					strerror(errno));
	}
	worker_sleep(worker, churn->period_ms * NS_PER_MS, &asleep_ns);
	worker_spin(worker, BURST_UNITS);
	worker_excuse_gap(worker, clock_now_ns());
	return WORK_NEXT;
}

static void numa_migration_churn_end(struct ktstr_worker *worker)
{
	free(((struct migration_state *)worker->state)->nodes);
}

const struct ktstr_work_ops ktstr_work_numa_working_set_sweep = {
	.name = "NumaWorkingSetSweep",
	.summary = "binds a region to one NUMA node after the other and writes to all of it",
	.params_size = sizeof(struct ktstr_work_numa_working_set_sweep_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_numa_working_set_sweep_params, region_kib,
				    4096, "KiB of the region"),
			WORK_NUMBER(struct ktstr_work_numa_working_set_sweep_params,
				    sweep_period_ms, 100, "ms of sleep after each sweep"),
			WORK_LIST(struct ktstr_work_numa_working_set_sweep_params, target_nodes,
				  work_params_read_number, "NODE",
				  "nodes to bind the region to, in turn"),
			{ 0 },
		},
	.check = numa_working_set_sweep_check,
	.state_size = sizeof(struct region),
	.prepare = numa_working_set_sweep_prepare,
	.iterate = numa_working_set_sweep_iterate,
	.end = numa_working_set_sweep_end,
};

const struct ktstr_work_ops ktstr_work_numa_migration_churn = {
	.name = "NumaMigrationChurn",
	.summary = "goes from the CPUs of one NUMA node to those of the next",
	.params_size = sizeof(struct ktstr_work_numa_migration_churn_params),
	.params =
		(const struct work_param[]){
			WORK_NUMBER(struct ktstr_work_numa_migration_churn_params, period_ms, 100,
				    "ms on each node"),
			{ 0 },
		},
	.state_size = sizeof(struct migration_state),
	.prepare = numa_migration_churn_prepare,
	.iterate = numa_migration_churn_iterate,
	.end = numa_migration_churn_end,
};
