/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdint.h>

#include <ktstr/error.h>

/*
 * Locks between processes of one machine. They belong to a descriptor: closing it, or the death
 * of the process in whatever way, gives the lock back.
 */

/*
 * Lock the file name in dirfd, waiting until deadline_ns (CLOCK_MONOTONIC); purpose is written
 * into it, for the message that others get: -EBUSY, naming the holder. Close *ret_fd to unlock.
 */
int lock_take(int dirfd, const char *name, const char *purpose, uint64_t deadline_ns, int *ret_fd,
	      struct ktstr_error *error) KTSTR_MUST_CHECK;
