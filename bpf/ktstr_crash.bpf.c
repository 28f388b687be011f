// SPDX-License-Identifier: GPL-2.0-only
/*
 * Broken on purpose: works for 500 ms after it was attached, then raises an error, for tests of
 * what ktstr makes of a scheduler that dies.
 */
#include "scx.h"

char _license[] SEC("license") = "GPL";

#define LIFE_NS 500000000ULL

/* Written once by init, before any other callback can run. */
u64 dies_at_ns;

static void die_when_due(void)
{
	static char message[] = "host-independent crash fixture";
	unsigned long long no_args[] = { 0 };

	/* Several CPUs may raise it at once: the kernel keeps the first. */
	if (bpf_ktime_get_ns() >= dies_at_ns)
		scx_bpf_error_bstr(message, no_args, 0);
}

SEC("struct_ops/enqueue")
void BPF_PROG(crash_enqueue, struct task_struct *p, u64 enq_flags)
{
	die_when_due();
	scx_insert(p, scx_value(scx_dsq_id_flags, SCX_DSQ_GLOBAL), enq_flags);
}

/*
 * The kernel serves the global queue itself, so there is nothing to dispatch. But a task woken on
 * an idle machine is never enqueued, while each CPU that runs out of work comes by here.
 */
SEC("struct_ops/dispatch")
void BPF_PROG(crash_dispatch, s32 cpu, struct task_struct *prev)
{
	die_when_due();
}

SEC("struct_ops.s/init")
s32 BPF_PROG(crash_init)
{
	dies_at_ns = bpf_ktime_get_ns() + LIFE_NS;
	return 0;
}

SEC(".struct_ops.link")
struct sched_ext_ops ktstr_crash = {
	.enqueue = (void *)crash_enqueue,
	.dispatch = (void *)crash_dispatch,
	.init = (void *)crash_init,
	.name = "ktstr_crash",
};
