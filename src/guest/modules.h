/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>

/*
 * Load the kernel modules that the host has put into folder, in the order of their names; there
 * need be none. The text names the module and the kernel's reason.
 */
int modules_load(const char *folder, struct ktstr_error *error) KTSTR_MUST_CHECK;
