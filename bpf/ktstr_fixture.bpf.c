// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scheduler that ktstr's own tests and the demo run under: one queue for all CPUs, first in,
 * first out, slices of 20 ms. Simple enough that a failing test is the test's fault, and fair
 * between workers that always want to run. Weights (nice, cpu.weight) are not looked at.
 */
#include "scx.h"

char _license[] SEC("license") = "GPL";

/* Ids below 2^32 are the scheduler's to give. */
#define SHARED_DSQ 0

SEC("struct_ops/select_cpu")
s32 BPF_PROG(fixture_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	/*
	 * The idle CPU is claimed for p: its own queue spares p the way through the shared one.
	 * The affinity of p may change before it runs there; the kernel then takes it off and
	 * enqueues it anew, so nothing is lost.
	 */
	if (is_idle)
		scx_insert(p, scx_value(scx_dsq_id_flags, SCX_DSQ_LOCAL), 0);
	return cpu;
}

SEC("struct_ops/enqueue")
void BPF_PROG(fixture_enqueue, struct task_struct *p, u64 enq_flags)
{
	/*
	 * Another CPU may have gone idle since select_cpu looked, with the queue still empty. Then
	 * p waits for the CPU that was chosen, a slice at most, though an idle one was to be had:
	 * 20 ms, far below what any check of ours calls a gap.
	 */
	scx_insert(p, SHARED_DSQ, enq_flags);
}

SEC("struct_ops/dispatch")
void BPF_PROG(fixture_dispatch, s32 cpu, struct task_struct *prev)
{
	/*
	 * Passes over tasks that may not run here. When nothing is found and prev can go on, the
	 * kernel lets it.
	 */
	scx_move_to_local(SHARED_DSQ);
}

SEC("struct_ops.s/init")
s32 BPF_PROG(fixture_init)
{
	return scx_bpf_create_dsq(SHARED_DSQ, -1);
}

SEC(".struct_ops.link")
struct sched_ext_ops ktstr_fixture = {
	.select_cpu = (void *)fixture_select_cpu,
	.enqueue = (void *)fixture_enqueue,
	.dispatch = (void *)fixture_dispatch,
	.init = (void *)fixture_init,
	.name = "ktstr_fixture",
};
