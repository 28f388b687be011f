/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "vm/guest_files.h"

/* The guest's first files, as a newc archive in a memfd: nothing to clean up, shared by many VMs.
 */
struct initramfs;

struct initramfs_file {
	const char *host_path, *guest_path;
};

#define INITRAMFS_LIBRARY "/ktstr/lib/libktstr.so"

struct initramfs_config {
	const char *agent;		    /* ktstr-guest: becomes /init, with its libraries */
	const char *library; /* libktstr.so, with its libraries, for test binaries; NULL: none */
	const char *busybox;		    /* a static one, becomes /bin/busybox; NULL: none */
	const struct initramfs_file *extra; /* as they are */
	size_t extra_count;
};

int initramfs_build(const struct initramfs_config *config, struct initramfs **ret_initramfs,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;
void initramfs_free(struct initramfs *initramfs); /* NULL-safe */

/* Borrowed; open it through /proc/self/fd for an offset of one's own. */
int initramfs_fd(const struct initramfs *initramfs);

/* What the guest has from the start, with sizes and hashes. */
const struct guest_files *initramfs_files(const struct initramfs *initramfs);
