/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include <ktstr/error.h>

/* Files and folders of the store, on disk when a call returns. dirfd as in openat(2). */

/* Create path (which must not exist) with these bytes and fsync it. */
int tree_write(int dirfd, const char *path, const void *data, size_t size,
	       struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Create every missing folder on the way to, and including, path. */
int tree_make(int dirfd, const char *path, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Make path if it is missing and open it. */
int tree_open(int dirfd, const char *path, int *ret_fd, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Remove path and all below it; no symbolic link is followed. A missing path is success. */
int tree_remove(int dirfd, const char *path, struct ktstr_error *error) KTSTR_MUST_CHECK;
