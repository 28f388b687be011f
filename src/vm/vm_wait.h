/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "vm/vm.h"

/*
 * Waiting for one thing of a VM while everything else it says goes to a listener. For exchanges
 * of several steps that share a deadline.
 */
struct vm_wait {
	struct vm *vm;
	const char *purpose; /* "restore VM": begins every error */
	uint64_t limit_ms;   /* for the text of a timeout */
	uint64_t deadline_ns;
	const struct vm_listener *listener; /* NULL: nobody */
};

struct vm_wait vm_wait_begin(struct vm *vm, const char *purpose, uint64_t limit_ms,
			     const struct vm_listener *listener);

/*
 * Deliver events until mine says that one is what is waited for (1), or that it means failure
 * (negative, with error set). Only what it is not concerned with (0) goes to the listener. NULL:
 * wait until QEMU takes QMP commands.
 *
 * -ETIMEDOUT; -EPIPE when QEMU ends, with its last words (the listener does not see that end, a
 * later vm_poll() tells it again); -EINTR when a descriptor of vm_watch() is ready.
 */
int vm_wait_until(const struct vm_wait *wait,
		  int (*mine)(void *data, const struct vm_event *event, struct ktstr_error *error),
		  void *data, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Execute one QMP command; *ret_result may be NULL. arguments are taken over, NULL: none. */
int vm_wait_execute(const struct vm_wait *wait, const char *command, json_t *arguments,
		    json_t **ret_result, struct ktstr_error *error) KTSTR_MUST_CHECK;
