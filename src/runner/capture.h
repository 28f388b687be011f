/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>

/*
 * Run argv and return what it prints to stdout (at most limit bytes) once it has ended by itself
 * with status 0. It cannot outlive us, and gives up when stop_fd (-1: none) becomes readable.
 *
 * -ETIMEDOUT, -EFBIG, -EINTR: it was killed. -EPROTO: another status; the text carries the last
 * line of its stderr. The errno of execve otherwise. Nothing of it is left running.
 */
int capture_output(const char *const *argv, size_t limit, uint64_t timeout_ms, int stop_fd,
		   char **ret_output, struct ktstr_error *error) KTSTR_MUST_CHECK;
