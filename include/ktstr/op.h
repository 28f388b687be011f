/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTSTR_OP_H
#define KTSTR_OP_H

#include <stddef.h>

#include <ktstr/affinity.h>
#include <ktstr/cgroup_def.h>
#include <ktstr/cpuset.h>
#include <ktstr/export.h>
#include <ktstr/payload.h>
#include <ktstr/work_spec.h>

/*
 * Operations: what a step does to the running scenario. Written with the macros below, applied in
 * the order of the list; the first that fails ends the step, and with it the scenario.
 *
 * What an operation creates belongs to its step and is gone after it; in a backdrop it stays
 * until the end. Operations find what either has made, the step's own first.
 */
struct ktstr_op_ops;

struct ktstr_op {
	const struct ktstr_op_ops *ops;
	const void *params; /* borrowed */
};

/*
 * The kinds: C name, name in messages, bit in the record of a step. The bits are those of the
 * original tool; those that are missing here belong to operations that ktstr does not have yet.
 */
#define KTSTR_OP_KINDS(X)                                                                          \
	X(add_cgroup, "AddCgroup", 0)                                                              \
	X(add_cgroup_def, "AddCgroupDef", 1)                                                       \
	X(remove_cgroup, "RemoveCgroup", 2)                                                        \
	X(set_cpuset, "SetCpuset", 3)                                                              \
	X(clear_cpuset, "ClearCpuset", 4)                                                          \
	X(swap_cpusets, "SwapCpusets", 5)                                                          \
	X(spawn, "Spawn", 6)                                                                       \
	X(stop_cgroup, "StopCgroup", 7)                                                            \
	X(set_affinity, "SetAffinity", 8)                                                          \
	X(move_all_tasks, "MoveAllTasks", 9)                                                       \
	X(run_payload, "RunPayload", 10)                                                           \
	X(wait_payload, "WaitPayload", 11)                                                         \
	X(kill_payload, "KillPayload", 12)                                                         \
	X(freeze_cgroup, "FreezeCgroup", 13)                                                       \
	X(unfreeze_cgroup, "UnfreezeCgroup", 14)                                                   \
	X(capture_cgroup_procs, "CaptureCgroupProcs", 26)

#define KTSTR_OP_DECLARE(kind, name, bit)                                                          \
	KTSTR_API extern const struct ktstr_op_ops ktstr_op_##kind;
KTSTR_OP_KINDS(KTSTR_OP_DECLARE)
#undef KTSTR_OP_DECLARE

#define KTSTR_OP(kind, ...)                                                                        \
	((struct ktstr_op){ .ops = &ktstr_op_##kind,                                               \
			    .params = &(const struct ktstr_op_##kind##_params){ __VA_ARGS__ } })

/* Operations on one cgroup by its name. */
struct ktstr_op_cgroup_params {
	const char *cgroup;
};
#define ktstr_op_add_cgroup_params ktstr_op_cgroup_params
#define ktstr_op_remove_cgroup_params ktstr_op_cgroup_params
#define ktstr_op_clear_cpuset_params ktstr_op_cgroup_params
#define ktstr_op_stop_cgroup_params ktstr_op_cgroup_params
#define ktstr_op_freeze_cgroup_params ktstr_op_cgroup_params
#define ktstr_op_unfreeze_cgroup_params ktstr_op_cgroup_params

/* Create an empty cgroup, those above it too. An error when the name is in use. */
#define KTSTR_ADD_CGROUP(name) KTSTR_OP(add_cgroup, .cgroup = (name))

/* Create a cgroup with all that a definition can say: KTSTR_ADD_CGROUP_DEF("cg_0", .workers = 2).
 */
struct ktstr_op_add_cgroup_def_params {
	struct ktstr_cgroup_def def;
};
#define KTSTR_ADD_CGROUP_DEF(name, ...)                                                            \
	KTSTR_OP(add_cgroup_def, .def = KTSTR_CGROUP(name, __VA_ARGS__))

/*
 * Kill the payloads and workers in a cgroup, whose reports are lost, and remove it. Never fails:
 * what could not be removed is a note. Its name is free again.
 */
#define KTSTR_REMOVE_CGROUP(name) KTSTR_OP(remove_cgroup, .cgroup = (name))
/* The same but for the removal. A cgroup that is not there is fine. */
#define KTSTR_STOP_CGROUP(name) KTSTR_OP(stop_cgroup, .cgroup = (name))

/* Freeze and thaw: asynchronous. What is frozen at the end of its step is thawed first. */
#define KTSTR_FREEZE_CGROUP(name) KTSTR_OP(freeze_cgroup, .cgroup = (name))
#define KTSTR_UNFREEZE_CGROUP(name) KTSTR_OP(unfreeze_cgroup, .cgroup = (name))

struct ktstr_op_set_cpuset_params {
	const char *cgroup;
	struct ktstr_cpuset cpuset;
};
/* Give a cgroup other CPUs: KTSTR_SET_CPUSET("cg_0", KTSTR_CPUS_LLC(1)). */
#define KTSTR_SET_CPUSET(name, cpus) KTSTR_OP(set_cpuset, .cgroup = (name), .cpuset = cpus)
/* Let it use its parent's CPUs again. */
#define KTSTR_CLEAR_CPUSET(name) KTSTR_OP(clear_cpuset, .cgroup = (name))

struct ktstr_op_swap_cpusets_params {
	const char *a, *b;
};
/*
 * Give each the CPUs that the other has. Where only one has a cpuset the other gets the same; where
 * none has, nothing happens.
 */
#define KTSTR_SWAP_CPUSETS(a_, b_) KTSTR_OP(swap_cpusets, .a = (a_), .b = (b_))

struct ktstr_op_spawn_params {
	const char *cgroup; /* which this step or the backdrop has made */
	bool in_runner;	    /* in the cgroup where the test itself runs; then cgroup is NULL */
	struct ktstr_work_spec spec;
};
/* More workers in a cgroup, until the end of the step: KTSTR_SPAWN("cg_0", .workers = 4). */
#define KTSTR_SPAWN(name, ...)                                                                     \
	KTSTR_OP(spawn, .cgroup = (name), .spec = (struct ktstr_work_spec){ __VA_ARGS__ })
/* Workers that stay in the cgroup of the test: contention from outside. */
#define KTSTR_SPAWN_HOST(...)                                                                      \
	KTSTR_OP(spawn, .in_runner = true, .spec = (struct ktstr_work_spec){ __VA_ARGS__ })

struct ktstr_op_set_affinity_params {
	const char *cgroup;
	struct ktstr_affinity affinity;
};
/*
 * Change the affinity of every worker in a cgroup, as ktstr_affinity(3) resolves it against its
 * cpuset. A worker that cannot be changed keeps what it has, which is a note.
 */
#define KTSTR_SET_AFFINITY(name, affinity_)                                                        \
	KTSTR_OP(set_affinity, .cgroup = (name), .affinity = affinity_)

struct ktstr_op_move_all_tasks_params {
	const char *from, *to;
};
/*
 * Move the workers of one cgroup into another; "" are those of KTSTR_SPAWN_HOST. Workers of a step
 * that move into a cgroup of the backdrop stay until the end. Those of the backdrop cannot move
 * into a cgroup that goes away before them.
 */
#define KTSTR_MOVE_ALL_TASKS(from_, to_) KTSTR_OP(move_all_tasks, .from = (from_), .to = (to_))

struct ktstr_op_run_payload_params {
	const struct ktstr_payload *payload;
	const char *const *args; /* KTSTR_ARGS: behind the payload's own; NULL: none */
	const char *cgroup;	 /* NULL: where the test itself is */
};
/* Start a program in the background, .args and .cgroup as wanted. */
#define KTSTR_RUN_PAYLOAD(payload_, ...) KTSTR_OP(run_payload, .payload = (payload_), __VA_ARGS__)

/* A running payload by its name, and by its cgroup where one name runs in several. */
struct ktstr_op_payload_params {
	const char *name;
	const char *cgroup; /* NULL: wherever it runs; "": without a cgroup */
};
#define ktstr_op_wait_payload_params ktstr_op_payload_params
#define ktstr_op_kill_payload_params ktstr_op_payload_params
/* Wait until it ends by itself, however long that takes; the test's timeout is the limit. */
#define KTSTR_WAIT_PAYLOAD(name_) KTSTR_OP(wait_payload, .name = (name_))
#define KTSTR_WAIT_PAYLOAD_IN_CGROUP(name_, cgroup_)                                               \
	KTSTR_OP(wait_payload, .name = (name_), .cgroup = (cgroup_))
#define KTSTR_KILL_PAYLOAD(name_) KTSTR_OP(kill_payload, .name = (name_))
#define KTSTR_KILL_PAYLOAD_IN_CGROUP(name_, cgroup_)                                               \
	KTSTR_OP(kill_payload, .name = (name_), .cgroup = (cgroup_))

struct ktstr_op_capture_cgroup_procs_params {
	const char *tag;
	const char *cgroup;
};
/* Note which processes are in a cgroup now; ktstr_ctx_captured_procs() has the answer later. */
#define KTSTR_CAPTURE_CGROUP_PROCS(tag_, cgroup_)                                                  \
	KTSTR_OP(capture_cgroup_procs, .tag = (tag_), .cgroup = (cgroup_))

struct ktstr_ops {
	const struct ktstr_op *ops;
	size_t count;
};

#define KTSTR_OPS(...)                                                                             \
	((struct ktstr_ops){ .ops = (const struct ktstr_op[]){ __VA_ARGS__ },                      \
			     .count = sizeof((const struct ktstr_op[]){ __VA_ARGS__ }) /           \
				      sizeof(struct ktstr_op) })

#endif
