/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>

/* ktstr's part of the user's cache: $XDG_CACHE_HOME/ktstr, or ~/.cache/ktstr. */

#define CACHE_DIR_KERNELS "kernels" /* the kernel store */
#define CACHE_DIR_TEMPLATES "templates" /* booted guests */
#define CACHE_DIR_QEMU "qemu"		/* what QEMUs say about themselves */
#define CACHE_DIR_APT "apt"	    /* apt's private state, a folder per suite */

/*
 * Open the folder name in it, making what is missing. The path, when ret_path is not NULL, is the
 * caller's to free.
 */
int cache_dir_open(const char *name, int *ret_fd, char **ret_path,
		   struct ktstr_error *error) KTSTR_MUST_CHECK;
