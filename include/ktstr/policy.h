/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_POLICY_H
#define KTSTR_POLICY_H

#include <stdint.h>

/*
 * The scheduling policy of the workers of a group. The zero value changes nothing: a worker
 * inherits the policy of the process that spawned it.
 *
 * A worker to which the kernel refuses its policy (FIFO, RR and DEADLINE need CAP_SYS_NICE) works
 * under the inherited one and says so in its report, see sched_policy_error.
 */
enum ktstr_policy_kind {
	KTSTR_POLICY_NORMAL, /* no system call: it resets nothing */
	KTSTR_POLICY_BATCH,
	KTSTR_POLICY_IDLE,
	KTSTR_POLICY_FIFO,
	KTSTR_POLICY_RR,
	KTSTR_POLICY_DEADLINE,
	KTSTR_POLICY_EXT, /* SCHED_EXT: needs a kernel with CONFIG_SCHED_CLASS_EXT */
};

struct ktstr_sched_policy {
	enum ktstr_policy_kind kind;
	unsigned priority;    /* FIFO, RR: 1 to 99; what lies outside becomes the nearest */
	uint64_t runtime_ns;  /* DEADLINE: at least 1024, at most deadline_ns */
	uint64_t deadline_ns; /* DEADLINE: at most period_ns */
	uint64_t period_ns;   /* DEADLINE: 0 means deadline_ns */
};

#define KTSTR_POLICY_BATCH() ((struct ktstr_sched_policy){ .kind = KTSTR_POLICY_BATCH })
#define KTSTR_POLICY_IDLE() ((struct ktstr_sched_policy){ .kind = KTSTR_POLICY_IDLE })
#define KTSTR_POLICY_FIFO(prio)                                                                    \
	((struct ktstr_sched_policy){ .kind = KTSTR_POLICY_FIFO, .priority = (prio) })
#define KTSTR_POLICY_RR(prio)                                                                      \
	((struct ktstr_sched_policy){ .kind = KTSTR_POLICY_RR, .priority = (prio) })
#define KTSTR_POLICY_DEADLINE(runtime, deadline, period)                                           \
	((struct ktstr_sched_policy){ .kind = KTSTR_POLICY_DEADLINE,                               \
				      .runtime_ns = (runtime),                                     \
				      .deadline_ns = (deadline),                                   \
				      .period_ns = (period) })
#define KTSTR_POLICY_EXT() ((struct ktstr_sched_policy){ .kind = KTSTR_POLICY_EXT })

#endif
