/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/*
 * Remove every cgroup below name, a path relative to dirfd as in openat(2), deepest first, but not
 * name itself. What cannot be removed, because something lives in it, stays.
 */
void cgroup_tree_clear(int dirfd, const char *name);
