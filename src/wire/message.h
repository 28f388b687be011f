/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/*
 * What guest and host say to each other. Payloads are JSON objects (UTF-8, not terminated) unless
 * the row says bytes. Three streams carry them:
 *
 *   ctl   virtio-serial port "ktstr.ctl", host <-> agent
 *   log   virtio-serial port "ktstr.log", agent -> host: the LOG_ messages only
 *   child pipe of the test process in the guest (fd number in KTSTR_CHANNEL_FD), child -> agent:
 *         EVENT and RESULT, which the agent checks for framing and passes on unread. A socket for a
 *         process that waits: the agent passes PREPARE on, READY comes back, RUN is passed on
 *
 * Requests carry "id" (number); the reply is DONE or FAILED with the same id.
 *
 * HELLO   {"protocol": 1, "kernel": "7.2.13...", "topology": {"asked": "1n2l2c1t",
 *          "seen": "2 NUMA nodes, ..." , "error": null | "text"}, "sched_ext": bool,
 *          "uptime_us": n, "phases": [{"name": "mounts", "at_us": n}, ...]}  at_us: since boot
 * EVENT   {"name": "scenario_start" | "step_start" | "step_end" | "scenario_end" | ...,
 *          "at_us": n, "step": n?, "text": s?}  milestones: the last one names what hung.
 *          "stimulus" has "elapsed_ms", "op_count", "op_kinds", "cgroup_count", "worker_count"
 *          and "total_iterations" too: what a step did before its hold
 * RESULT  the verdict, see check/verdict_json.h
 * EXITED  {"id": n, "exit_code": n | null, "signal": n | null}  the test process has ended
 * SCHED_EXIT {"name": s, "kind": s, "reason": s, "trace": s, "at_us": n}  the scheduler under
 *          test is no longer enabled though nobody asked it to go
 * FILE    {"id": n, "path": "/abs", "mode": 0755 as number, "size": n}, then FILE_DATA frames
 *          with exactly size bytes; one DONE per file
 * LINK    {"id": n, "path": "/abs", "target": "/abs"}: another name for a file that the guest has
 * RUN     {"id": n, "binary": "/abs", "test": s, "duration_ms": n, "workers_per_cgroup": n,
 *          "timeout_ms": n, "verbose": bool, "check": {...}, "scheduler": null | {"name": s,
 *          "object": "/abs", "struct_ops": s | null}, "topology": s?, "work": s?,
 *          "host": {"cgroup_parent": "/abs", "walk_root": "/abs"}?}  topology: as asked, when
 *          HELLO has confirmed it, which spares the test a look at the machine; work: the kind for
 *          cgroups that are swappable; host: for a test that is no guest, which an agent never sees
 *          events: EVENT*, SCHED_EXIT?, RESULT?, EXITED, then DONE {"id", "scheduler": null or as
 *          in SCHED_EXIT, whether it died or was detached}. FAILED comes in place of DONE, without
 *          EXITED when no process was started. Stages: "request", "busy", "scheduler", "start",
 *          "exec", "channel", "timeout", "kill", "detach"
 * PREPARE {"id": n, "binary": "/abs", "topology": s, "timeout_ms": n}: start the binary and let it
 *          wait for a RUN of the same "binary", which then runs in that process; DONE when it
 *          waits, FAILED with stage "request", "busy" or "prepare" when it does not come to that
 * READY   {}  the test process has loaded and waits for RUN
 * SHELL   {"id": n, "exec": s | null, "term": s, "rows": n, "columns": n}; the terminal's bytes
 *          go over the virtio-serial port "ktstr.tty"; then EXITED and DONE
 * POWER_OFF {"id": n}; no reply
 * RESUME  {"id": n, "realtime_ns": n, "entropy": hex of up to 512 bytes}, the first message to a
 *          guest that is a copy of a saved one: set the clock, take the entropy; DONE {"id",
 *          "uptime_us"} or FAILED with stage "resume"
 */
#define MESSAGE_TYPES(X)                                                                           \
	X(HELLO, 1)                                                                                \
	X(EVENT, 2)                                                                                \
	X(RESULT, 3)                                                                               \
	X(EXITED, 4)                                                                               \
	X(SCHED_EXIT, 5)                                                                           \
	X(DONE, 6)                                                                                 \
	X(FAILED, 7) /* {"id": n, "stage": s, "text": s} */                                        \
	X(READY, 8)                                                                                \
	X(FILE, 32)                                                                                \
	X(FILE_DATA, 33) /* bytes */                                                               \
	X(RUN, 34)                                                                                 \
	X(SHELL, 35)                                                                               \
	X(POWER_OFF, 36)                                                                           \
	X(RESUME, 37)                                                                              \
	X(LINK, 38)                                                                                \
	X(PREPARE, 39)                                                                             \
	X(LOG_TEST, 64)	     /* bytes */                                                           \
	X(LOG_SCHED, 65)     /* bytes */                                                           \
	X(LOG_PROCESSES, 66) /* bytes: what a test was doing that is ended */

enum message_type {
#define X(name, value) MESSAGE_##name = value,
	MESSAGE_TYPES(X)
#undef X
};

/* "HELLO"; "unknown" for a number that is none. Never NULL. */
const char *message_type_str(unsigned type);

#define WIRE_PROTOCOL 1
/* In the initramfs: modules that init loads first, in the order of their names. */
#define GUEST_MODULES_DIR "/lib/ktstr/modules"
/* Likewise, for guests whose command line tells of a disk or a NIC. */
#define GUEST_DEVICE_MODULES_DIR "/lib/ktstr/device-modules"
#define WIRE_PORT_CTL "ktstr.ctl"
#define WIRE_PORT_LOG "ktstr.log"
#define WIRE_PORT_TTY "ktstr.tty"
#define WIRE_CHANNEL_FD_ENV "KTSTR_CHANNEL_FD" /* the child's pipe to the agent */
#define WIRE_RUN_ENV "KTSTR_RUN"	       /* the RUN payload, for the child */
#define WIRE_RUN_ARGUMENT "--ktstr-run"	       /* ktstr-guest starts: BINARY --ktstr-run [TEST] */
