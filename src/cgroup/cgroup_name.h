/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>

/*
 * Refuse names that would leave the parent or hide: NULL, empty, a leading or doubled or trailing
 * slash, components "." and "..", components that start with a dot. The rest is for the kernel to
 * judge. -EINVAL with the name and the reason.
 */
int cgroup_name_check(const char *name, struct ktstr_error *error) KTSTR_MUST_CHECK;
