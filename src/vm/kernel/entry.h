/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>

#include "vm/kernel/modules.h"
#include "vm/kernel/schedext.h"
#include "vm/kernel/vmlinux.h"

/*
 * One kernel that a VM can boot, with what belongs to it. Made and freed as a whole; every text
 * and list is the entry's own, and NULL where the kernel lacks that part.
 */
struct kernel_entry {
	char *ref;     /* what the user calls it: the release, or the path given to --kernel */
	char *release; /* as uname -r will say */
	char *dir;     /* the folder in the store; NULL for a kernel used by path */

	char *boot;	   /* best for QEMU's -kernel: vmlinux if there is one, else vmlinuz */
	char *vmlinuz;	   /* bzImage */
	char *vmlinux;	   /* ELF that boots by PVH: no decompression in the guest */
	char *config;	   /* .config */
	char *btf;	   /* bytes of the .BTF section */
	char *modules_dir; /* holds NAME.ko for each of modules, and modules.load */
	struct module_set modules;

	char *suite, *package, *package_version; /* where it was fetched from */
	char *path;				 /* or the file or tree it was added from */
	char *created;				 /* UTC, "2026-11-21T09:30:00Z" */
	char build_id[BUILD_ID_TEXT_MAX];	 /* "": none */
	struct sched_ext_support sched_ext;
};

/* NULL-safe. */
void kernel_entry_free(struct kernel_entry *entry);
static inline void kernel_entry_free_fn(struct kernel_entry **entry)
{
	kernel_entry_free(*entry);
}
#define auto_kernel_entry __attribute__((cleanup(kernel_entry_free_fn)))

/*
 * Write meta.json for an entry whose files already stand in dirfd, with their sizes. The entry's
 * path members say only which files there are.
 */
int kernel_entry_write(int dirfd, const struct kernel_entry *entry,
		       struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Read the entry called name of the folder root, whose path is root_path. -ENOENT or -ENOTDIR:
 * there is none. -EBADMSG: its meta.json is not ours, or a file it lists is missing or of another
 * size. An entry that is being replaced is read again, so the answer is about a whole one.
 */
int kernel_entry_read(int root, const char *root_path, const char *name,
		      struct kernel_entry **ret_entry, struct ktstr_error *error) KTSTR_MUST_CHECK;
