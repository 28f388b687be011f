// SPDX-License-Identifier: GPL-2.0-only
/*
 * Broken on purpose: lets workers run for 300 ms, then keeps them all waiting for 1.2 s, over and
 * over, so that a worker watched for 2.7 s or longer always shows a gap of more than 1 s. Workers
 * are the tasks in a cgroup below the first level (ktstr/cg_0); everything else, ktstr's own
 * processes among it, is scheduled as by ktstr_fixture and never waits.
 *
 * 1.2 s is far below the kernel's own limit for a waiting task (30 s), so the scheduler stays.
 */
#include <linux/errno.h>

#include "scx.h"

char _license[] SEC("license") = "GPL";

#define SHARED_DSQ 0
#define WORKERS_DSQ 1

#define OPEN_NS 300000000ULL
#define CLOSED_NS 1200000000ULL

/* The most CPUs a guest of ktstr has is 255. */
#define MAX_CPUS 256

#define CLOCK_MONOTONIC 1

struct gate {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct gate);
} gate_map SEC(".maps");

/*
 * Only the timer writes it. A callback that reads it just before the change lets a worker through
 * or keeps it back for once: the former is preempted by the kick that follows the change, the
 * latter is found by the dispatch that the kick causes.
 */
volatile bool gate_closed;

static bool is_worker(struct task_struct *p)
{
	return p->cgroups->dfl_cgrp->level >= 2;
}

SEC("struct_ops/select_cpu")
s32 BPF_PROG(starve_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle && !(gate_closed && is_worker(p)))
		scx_insert(p, scx_value(scx_dsq_id_flags, SCX_DSQ_LOCAL), 0);
	return cpu;
}

SEC("struct_ops/enqueue")
void BPF_PROG(starve_enqueue, struct task_struct *p, u64 enq_flags)
{
	bool worker = is_worker(p);

	scx_insert(p, worker ? WORKERS_DSQ : SHARED_DSQ, enq_flags);
	/*
	 * The last task of this CPU: dispatch has been called already and found nothing, so the
	 * CPU goes idle unless it is told to look again.
	 */
	if (enq_flags & scx_value(scx_enq_flags, SCX_ENQ_LAST) && !(gate_closed && worker))
		scx_bpf_kick_cpu(bpf_get_smp_processor_id(), 0);
}

SEC("struct_ops/dispatch")
void BPF_PROG(starve_dispatch, s32 cpu, struct task_struct *prev)
{
	if (!scx_move_to_local(SHARED_DSQ) && !gate_closed)
		scx_move_to_local(WORKERS_DSQ);
}

static void kick_all(u64 flags)
{
	u32 cpus = scx_bpf_nr_cpu_ids();

	for (u32 cpu = 0; cpu < MAX_CPUS && cpu < cpus; cpu++)
		scx_bpf_kick_cpu(cpu, flags);
}

static int turn_gate(void *map, u32 *key, struct gate *gate)
{
	gate_closed = !gate_closed;
	kick_all(gate_closed ? scx_value(scx_kick_flags, SCX_KICK_PREEMPT)
			     : scx_value(scx_kick_flags, SCX_KICK_IDLE));
	bpf_timer_start(&gate->timer, gate_closed ? CLOSED_NS : OPEN_NS, 0);
	return 0;
}

SEC("struct_ops.s/init")
s32 BPF_PROG(starve_init)
{
	u32 key = 0;
	struct gate *gate;
	s32 err;

	/* The flag below is data, which CO-RE cannot correct. */
	if (scx_value(scx_ops_flags, SCX_OPS_ENQ_LAST) != SCX_OPS_ENQ_LAST)
		return -EOPNOTSUPP;
	err = scx_bpf_create_dsq(SHARED_DSQ, -1);
	if (!err)
		err = scx_bpf_create_dsq(WORKERS_DSQ, -1);
	if (err)
		return err;
	gate = bpf_map_lookup_elem(&gate_map, &key);
	if (!gate)
		return -ENOENT;
	err = bpf_timer_init(&gate->timer, &gate_map, CLOCK_MONOTONIC);
	if (!err)
		err = bpf_timer_set_callback(&gate->timer, turn_gate);
	if (!err)
		err = bpf_timer_start(&gate->timer, OPEN_NS, 0);
	return err;
}

SEC(".struct_ops.link")
struct sched_ext_ops ktstr_starve = {
	.select_cpu = (void *)starve_select_cpu,
	.enqueue = (void *)starve_enqueue,
	.dispatch = (void *)starve_dispatch,
	.init = (void *)starve_init,
	/* By default the kernel lets a worker that is alone on its CPU go on. */
	.flags = SCX_OPS_ENQ_LAST,
	.name = "ktstr_starve",
};
