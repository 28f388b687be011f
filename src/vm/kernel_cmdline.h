/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "vm/vm_config.h"

/*
 * The kernel command line of a VM; the caller frees. -EINVAL for a user's parameter that is empty,
 * holds white space, or redefines one that the VM depends on; -E2BIG beyond what x86 accepts.
 */
int kernel_cmdline_build(const struct vm_config *config, char **ret_cmdline,
			 struct ktstr_error *error) KTSTR_MUST_CHECK;
