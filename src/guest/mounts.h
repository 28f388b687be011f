/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>

/*
 * Mount the file systems of the guest and make the links in /dev that programs expect. Those that
 * not every kernel has (debugfs, tracefs, bpffs) may be missing.
 */
int mounts_setup(struct ktstr_error *error) KTSTR_MUST_CHECK;
