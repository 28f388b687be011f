/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <ktstr/error.h>

/*
 * Whole-file reading and complete writing. dirfd as in openat(2): AT_FDCWD for plain paths.
 */

/*
 * Read a file of at most limit bytes into fresh memory with a zero byte behind it; *ret_size (may
 * be NULL) does not count that byte. -EFBIG when the file is larger. The caller frees.
 */
int file_read(int dirfd, const char *path, size_t limit, char **ret_data, size_t *ret_size,
	      struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Open an existing file and write text to it in one write(2), as cgroup and sysfs files want. */
int file_write_text(int dirfd, const char *path, const char *text,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Write all of data, however often write(2) stops short. 0 or -errno. */
int file_write_all(int fd, const void *data, size_t size) KTSTR_MUST_CHECK;
