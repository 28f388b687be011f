/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>

/*
 * Load the kernel modules that the host has put into GUEST_MODULES_DIR, in the order of their
 * names; most kernels need none. The text names the module and the kernel's reason.
 */
int modules_load(struct ktstr_error *error) KTSTR_MUST_CHECK;
