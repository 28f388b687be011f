/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <limits.h>

#include <ktstr/error.h>

/*
 * Make walk_root/ktstr, with the controllers that tests use passed on to it and to its children,
 * and open it. -ENOTSUP names the controllers that walk_root does not offer; -EBUSY: it has
 * processes of its own.
 */
int host_cgroup_root_prepare(const char *walk_root, char ret_parent[PATH_MAX], int *ret_fd,
			     struct ktstr_error *error) KTSTR_MUST_CHECK;
