/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "vm/vm.h"

/*
 * The devices of a guest on their way into a file and back. Guest memory is not part of it: it is
 * a file of its own that QEMU maps (struct vm_config says how), and what the file holds while the
 * guest stands still is what a copy begins with.
 *
 * All wait at most limit_ms and fail as vm_wait_until() does, or with -EREMOTEIO and QEMU's words.
 */

/*
 * Stop a guest started with VM_START_DRAFT or VM_START_DERIVE, save its devices and end QEMU: after
 * that both files are complete. On failure with QEMU still there, vm_continue() lets the guest go
 * on.
 */
int vm_save(struct vm *vm, uint64_t limit_ms, const struct vm_listener *listener,
	    struct ktstr_error *error) KTSTR_MUST_CHECK;
int vm_continue(struct vm *vm, uint64_t limit_ms, const struct vm_listener *listener,
		struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Load the devices of a guest started with VM_START_RESTORE or VM_START_DERIVE and let it run. */
int vm_restore(struct vm *vm, uint64_t limit_ms, const struct vm_listener *listener,
	       struct ktstr_error *error) KTSTR_MUST_CHECK;
