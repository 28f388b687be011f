/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ktstr/error.h>

/*
 * What /sys/kernel/sched_ext says. The folder is a parameter so that tests can bring their own.
 */
#define SCX_SYSFS "/sys/kernel/sched_ext"

#define SCX_STATES(X)                                                                              \
	X(ENABLING, "enabling")                                                                    \
	X(ENABLED, "enabled")                                                                      \
	X(DISABLING, "disabling")                                                                  \
	X(DISABLED, "disabled")

enum scx_state {
	SCX_STATE_UNKNOWN, /* a word of a newer kernel: not taken for down */
#define X(name, text) SCX_STATE_##name,
	SCX_STATES(X)
#undef X
};

const char *scx_state_str(enum scx_state state);
enum scx_state scx_state_parse(const char *text);

/* -ENOTSUP when the kernel has no sched_ext. */
int scx_state_read(const char *sysfs, enum scx_state *ret_state,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;

/* True for disabling and disabled: no scheduler is at work, or it is about to be gone. */
bool scx_state_is_down(enum scx_state state);

#define SCX_OPS_NAME_MAX 128 /* SCX_OPS_NAME_LEN, the terminator included */

/* The name of the enabled scheduler, "" when there is none. */
int scx_ops_read(const char *sysfs, char name[SCX_OPS_NAME_MAX],
		 struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Wait until the state is wanted and, when that is SCX_STATE_ENABLED, the enabled scheduler is
 * name. -ETIMEDOUT with the last state seen; -ECONNABORTED as soon as the state is down while
 * waiting for enabled: it will not come up by itself.
 */
int scx_state_wait(const char *sysfs, enum scx_state wanted, const char *name, uint64_t deadline_ns,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;
