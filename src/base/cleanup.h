/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * Scope-based release. Define and assign in one statement: cleanup runs in reverse order of
 * definition. Never mixed with goto in one function. A cleanup does not disturb errno, so that
 * "return -errno" means what it says.
 */

static inline void auto_free_fn(void *pointer)
{
	free(*(void **)pointer);
}
#define auto_free __attribute__((cleanup(auto_free_fn)))

static inline void auto_close_fn(int *fd)
{
	if (*fd >= 0) {
		int saved = errno;

		close(*fd);
		errno = saved;
	}
}
#define auto_close __attribute__((cleanup(auto_close_fn)))

static inline void auto_fclose_fn(FILE **file)
{
	if (*file) {
		int saved = errno;

		fclose(*file);
		errno = saved;
	}
}
#define auto_fclose __attribute__((cleanup(auto_fclose_fn)))

static inline void auto_closedir_fn(DIR **dir)
{
	if (*dir) {
		int saved = errno;

		closedir(*dir);
		errno = saved;
	}
}
#define auto_closedir __attribute__((cleanup(auto_closedir_fn)))

/* Ownership leaves the scope. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define take_pointer(pointer)                                                                      \
	({                                                                                         \
		__typeof__(pointer) taken = pointer;                                               \
		(pointer) = NULL;                                                                  \
		taken;                                                                             \
	})
