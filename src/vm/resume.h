/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "vm/vm.h"

/*
 * What a copy of a guest has to be told to be one of its own: the time, and randomness that no
 * other copy has. Every influence of this kind goes through here, so that a mode in which runs
 * repeat exactly has one place to choose them.
 */
#define RESUME_ENTROPY_BYTES 64

struct vm_resume {
	uint64_t realtime_ns; /* since 1970; 0: that of the moment of sending */
	uint8_t entropy[RESUME_ENTROPY_BYTES];
};

/* Fill in entropy from this machine's kernel. */
int vm_resume_init(struct vm_resume *ret_resume, struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Tell the agent of a guest that vm_restore() has brought back, and wait until it has acted on it:
 * *ret_uptime_us (may be NULL) is the guest's. Fails as vm_wait_until() does, or with -EREMOTEIO
 * and the agent's words.
 */
int vm_resume(struct vm *vm, const struct vm_resume *resume, uint64_t limit_ms,
	      const struct vm_listener *listener, uint64_t *ret_uptime_us,
	      struct ktstr_error *error) KTSTR_MUST_CHECK;
