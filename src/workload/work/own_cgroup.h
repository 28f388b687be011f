/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <ktstr/error.h>

/*
 * The cgroup (v2) of the calling process. Needs no heap: for the first moments of a worker, when
 * it is where the parent has put it.
 */
#define OWN_CGROUP_MAX 4096 /* PATH_MAX, and the longest that can be opened */

/*
 * The path below the root of the hierarchy out of /proc/self/cgroup, cut out of text: "/" for the
 * root. NULL when no line is of cgroup v2.
 */
const char *own_cgroup_parse(char *text);

/* The folder as it is mounted; never the root. -ENOENT: that, or no cgroup v2. */
int own_cgroup_path(char path[OWN_CGROUP_MAX], struct ktstr_error *error) KTSTR_MUST_CHECK;
