/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/*
 * The part of sched_ext that our schedulers use, declared here so that building them needs no
 * vmlinux.h and no kernel. CO-RE takes offsets and enum values from the running kernel: a struct
 * needs only the members that are read, a value only its name. Good for Linux 6.12 to 7.2.
 */
#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u32 u32;
typedef __s32 s32;
typedef __u64 u64;

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct cgroup {
	int level; /* 0: the root */
} __attribute__((preserve_access_index));

struct css_set {
	struct cgroup *dfl_cgrp;
} __attribute__((preserve_access_index));

struct task_struct {
	struct css_set *cgroups;
} __attribute__((preserve_access_index));

/* libbpf matches members by name; the kernel's others stay 0. */
struct sched_ext_ops {
	s32 (*select_cpu)(struct task_struct *p, s32 prev_cpu, u64 wake_flags);
	void (*enqueue)(struct task_struct *p, u64 enq_flags);
	void (*dispatch)(s32 cpu, struct task_struct *prev);
	s32 (*init)(void);
	u64 flags;
	char name[128];
};

/* The numbers are 6.12's; CO-RE replaces them by those of the running kernel. */
enum scx_public_consts {
	SCX_SLICE_DFL = 20000000,
};

enum scx_dsq_id_flags {
	SCX_DSQ_GLOBAL = 0x8000000000000001ULL,
	SCX_DSQ_LOCAL = 0x8000000000000002ULL,
};

enum scx_enq_flags {
	SCX_ENQ_LAST = 1ULL << 41,
};

enum scx_kick_flags {
	SCX_KICK_IDLE = 1 << 0,
	SCX_KICK_PREEMPT = 1 << 1,
};

enum scx_ops_flags {
	SCX_OPS_ENQ_LAST = 1 << 1,
};

#define scx_value(type, name) bpf_core_enum_value(enum type, name)

s32 scx_bpf_create_dsq(u64 dsq_id, s32 node) __ksym;
s32 scx_bpf_select_cpu_dfl(struct task_struct *p, s32 prev_cpu, u64 wake_flags,
			   bool *is_idle) __ksym;
void scx_bpf_kick_cpu(s32 cpu, u64 flags) __ksym;
u32 scx_bpf_nr_cpu_ids(void) __ksym;
void scx_bpf_error_bstr(char *format, unsigned long long *args, u32 args_bytes) __ksym;

/*
 * The two calls that move tasks have had three names. libbpf takes the last "___" and what
 * follows for a label of ours and drops it before it asks the kernel.
 *
 *	6.12	scx_bpf_dispatch		scx_bpf_consume
 *	6.13	scx_bpf_dsq_insert		scx_bpf_dsq_move_to_local
 *	7.2	scx_bpf_dsq_insert___v2		scx_bpf_dsq_move_to_local___v2
 *
 * A kernel keeps the previous name for some releases, the last column wins. Remove a row when the
 * oldest kernel supported is newer.
 */
bool scx_bpf_dsq_insert___v2___new(struct task_struct *p, u64 dsq_id, u64 slice,
				   u64 enq_flags) __ksym __weak;
void scx_bpf_dsq_insert___old(struct task_struct *p, u64 dsq_id, u64 slice,
			      u64 enq_flags) __ksym __weak;
void scx_bpf_dispatch___oldest(struct task_struct *p, u64 dsq_id, u64 slice,
			       u64 enq_flags) __ksym __weak;
bool scx_bpf_dsq_move_to_local___v2___new(u64 dsq_id, u64 enq_flags) __ksym __weak;
bool scx_bpf_dsq_move_to_local___old(u64 dsq_id) __ksym __weak;
bool scx_bpf_consume___oldest(u64 dsq_id) __ksym __weak;

/* Give p a full slice and put it at the end of a queue. */
static __always_inline void scx_insert(struct task_struct *p, u64 dsq_id, u64 enq_flags)
{
	u64 slice = scx_value(scx_public_consts, SCX_SLICE_DFL);

	if (bpf_ksym_exists(scx_bpf_dsq_insert___v2___new))
		scx_bpf_dsq_insert___v2___new(p, dsq_id, slice, enq_flags);
	else if (bpf_ksym_exists(scx_bpf_dsq_insert___old))
		scx_bpf_dsq_insert___old(p, dsq_id, slice, enq_flags);
	else
		scx_bpf_dispatch___oldest(p, dsq_id, slice, enq_flags);
}

/* Move the first task of a queue that may run on the calling CPU there. False: there is none. */
static __always_inline bool scx_move_to_local(u64 dsq_id)
{
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local___v2___new))
		return scx_bpf_dsq_move_to_local___v2___new(dsq_id, 0);
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local___old))
		return scx_bpf_dsq_move_to_local___old(dsq_id);
	return scx_bpf_consume___oldest(dsq_id);
}
