/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* On the kernel command line of ktstr's guests: what was asked for, so that it can be checked. */
#define PARAMETER_TOPOLOGY "ktstr.topology" /* "1n2l2c1t" */
/* These devices are there for the test alone, which nobody can say of another machine's. */
#define PARAMETER_DISK_MIB "ktstr.disk_mib"
#define PARAMETER_NETWORK "ktstr.network"

/* The value of a parameter on cmdline, cut to size, into value; false when it is not there. */
bool kernel_parameter(const char *cmdline, const char *name, char *value, size_t size);

/* Whether the kernel that runs was given the parameter, with whatever value. */
bool kernel_parameter_is_given(const char *name);
