/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <ktstr/error.h>

#include "vm/kernel/bzimage.h"

#define BUILD_ID_TEXT_MAX 41 /* SHA-1 in hex */

/* What an uncompressed kernel image says about itself. */
struct vmlinux {
	bool boots_by_pvh; /* carries the note QEMU's -kernel needs for an ELF file */
	char build_id[BUILD_ID_TEXT_MAX]; /* "": none */
	char release[KERNEL_RELEASE_MAX]; /* "": no banner found */
	const char *btf; /* the .BTF section, inside the parsed bytes; NULL: none */
	size_t btf_size;
};

/* Borrows data. -ENOEXEC when it is not an x86-64 ELF executable. */
int vmlinux_parse(const char *data, size_t size, struct vmlinux *ret_vmlinux,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;
