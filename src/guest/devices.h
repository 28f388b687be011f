/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>

/*
 * Load what drives the disk and the NIC that the kernel command line tells of, and see that they
 * are there. Without either this does nothing. -ENODEV names the device that does not appear.
 */
int devices_setup(const char *cmdline, struct ktstr_error *error) KTSTR_MUST_CHECK;
