/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <linux/limits.h>

#include <ktstr/error.h>

/*
 * Where the ktstr tool is: $KTSTR_TOOL (which then has to be it), the folder of libktstr.so, the
 * folder it was installed to, $PATH. -ENOENT says where it was looked for and what to do.
 */
int tool_find(char ret_path[PATH_MAX], struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Become "ktstr test SELF ARGUMENTS...", argv being the command line of this test binary. Returns
 * only when that fails.
 */
int tool_exec(char *const *argv, struct ktstr_error *error) KTSTR_MUST_CHECK;
