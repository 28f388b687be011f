/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>

#include <ktstr/error.h>

#include "sched/exit_info.h"
#include "sched/libbpf_log.h"

/*
 * A sched_ext scheduler under test, from its .bpf.o to its end. At most one can be enabled, and
 * the one that is enabled is the one we attached: sysfs is asked before and after.
 */
struct scheduler;

struct scheduler_config {
	const char *object;	/* path of the .bpf.o */
	const char *struct_ops; /* name of the map; NULL: the only one */
	const char *sysfs;	/* NULL: SCX_SYSFS */
	struct libbpf_log log;	/* libbpf's messages and the kernel's about the scheduler */
};

/*
 * Load and attach, and wait up to 10 s until the kernel shows exactly this scheduler. -ENOTSUP
 * when the kernel has no sched_ext, -EBUSY when another scheduler is enabled, -ECONNABORTED with
 * the kernel's reason when the scheduler was disabled while it was being enabled.
 *
 * Programs of other types in the object are attached too, where libbpf knows how. config.log is
 * borrowed until scheduler_free().
 */
int scheduler_attach(const struct scheduler_config *config, struct scheduler **ret_scheduler,
		     struct ktstr_error *error) KTSTR_MUST_CHECK;

/* True when the kernel is disabling or has disabled it: after an attach nobody else's may run. */
bool scheduler_down(const struct scheduler *scheduler);

/*
 * Why it is gone, as far as the kernel has said: waits up to 10 s until sched_ext is disabled, as
 * the kernel logs its reason just before. Incomplete when it is still enabled.
 */
const struct scx_exit_info *scheduler_exit_info(struct scheduler *scheduler);

/* Detach and wait up to 10 s until sched_ext is disabled. One that is down already is fine. */
int scheduler_detach(struct scheduler *scheduler, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Detaches without waiting if that has not happened. NULL-safe. */
void scheduler_free(struct scheduler *scheduler);
