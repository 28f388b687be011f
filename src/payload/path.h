/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <limits.h>

#include <ktstr/error.h>

/*
 * What to execute for exe: itself when it is absolute or has no slash, else the file below the
 * folder of this program, which is the test binary.
 */
int payload_path(const char *exe, char ret_path[PATH_MAX],
		 struct ktstr_error *error) KTSTR_MUST_CHECK;
