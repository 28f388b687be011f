/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include <ktstr/error.h>

#include "vm/kernel/entry.h"

/*
 * The kernel store: $XDG_CACHE_HOME/ktstr/kernels (or ~/.cache/ktstr/kernels), a folder per
 * kernel. Entries come and go whole, under any number of processes; a reader needs no lock.
 */

/*
 * Find the kernel to boot. ref: an entry's name or its only possible beginning
 * (6.1 begins 6.1.0, not 6.12); or a path (with a
 * slash) to a bzImage, a vmlinux or a build tree, which is used where it stands, without modules
 * beside it. NULL: what KTSTR_KERNEL says; when that is unset or empty, the default, which is the
 * newest kernel with usable sched_ext, or else the newest.
 *
 * -ENOENT: nothing of that name (the text names near ones), or an empty store. The caller frees.
 */
int kernel_store_find(const char *ref, struct kernel_entry **ret_entry,
		      struct ktstr_error *error) KTSTR_MUST_CHECK;

/* What a listing found in one folder: an entry, or why it is none. */
struct kernel_listing {
	char *ref;
	struct kernel_entry *entry; /* NULL: damaged */
	struct ktstr_error damage;
};

struct kernel_list {
	struct kernel_listing *items; /* newest first */
	size_t count;
	size_t default_index; /* count: there is none */
};

void kernel_list_release(struct kernel_list *list);
#define auto_kernel_list __attribute__((cleanup(kernel_list_release)))

int kernel_store_list(struct kernel_list *ret_list, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Remove the entry that ref names, as for kernel_store_find; *ret_ref, its full name, is the
 * caller's to free. */
int kernel_store_remove(const char *ref, char **ret_ref,
			struct ktstr_error *error) KTSTR_MUST_CHECK;
