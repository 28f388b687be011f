/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <ktstr/error.h>

#include "vm/kernel/entry.h"

/*
 * From files on this machine to an entry. A path is a bzImage, a vmlinux that boots by PVH, or a
 * kernel build tree (arch/x86/boot/bzImage, .config, modules.order, modules). Beside a single
 * image, the configuration and the modules are looked for where distributions put them.
 */

/* Where the parts are; all borrowed. Without image there is no kernel, the others may be NULL. */
struct kernel_origin {
	const char *image;   /* bzImage or vmlinux */
	const char *config;  /* .config */
	const char *modules; /* folder with modules.order and modules.builtin */

	const char *suite, *package, *package_version; /* when fetched */
	const char *path;			       /* when added, as the user named it */
};

/*
 * Put the kernel into the store, in place of what came from the same source before. -EEXIST: the
 * same release is there from another one. *ret_entry, when not NULL, is the caller's to free.
 */
int kernel_add_origin(const struct kernel_origin *origin, struct kernel_entry **ret_entry,
		      struct ktstr_error *error) KTSTR_MUST_CHECK;
int kernel_add_path(const char *path, struct kernel_entry **ret_entry,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The same look at a path, but nothing is stored: an entry whose ref is the path. */
int kernel_add_inspect(const char *path, struct kernel_entry **ret_entry,
		       struct ktstr_error *error) KTSTR_MUST_CHECK;
