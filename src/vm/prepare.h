/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/topology.h>

#include "vm/vm.h"

/*
 * Have the agent start a test binary that was handed over, up to where it waits for the test that
 * it is to run; topology is the guest's. Fails as vm_wait_until() does, or with -EREMOTEIO and the
 * agent's words: that it does not load, that it crashed, that it took too long.
 */
int vm_prepare(struct vm *vm, const char *binary, const struct ktstr_topology *topology,
	       uint64_t limit_ms, const struct vm_listener *listener,
	       struct ktstr_error *error) KTSTR_MUST_CHECK;
