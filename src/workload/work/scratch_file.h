/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>

/*
 * Open an empty file for reading and writing in TMPDIR (/tmp), with more open(2) flags if need be
 * (O_SYNC, O_DIRECT). It has no name, so nothing is left of it however the worker ends. The file
 * descriptor, or -errno.
 */
int scratch_file_open(int flags, struct ktstr_error *error) KTSTR_MUST_CHECK;
