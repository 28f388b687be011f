/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>

/*
 * Create the cgroup that scenarios live below and hand the controllers that ktstr uses
 * down to its children.
 */
int cgroup_root_setup(const char *root, const char *parent,
		      struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Remove what a run left below parent; its processes are gone. What cannot be removed stays: the
 * next run has its own names, and the error would hide what the run itself has to say.
 */
void cgroup_root_clean(const char *parent);
