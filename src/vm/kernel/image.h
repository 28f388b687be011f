/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include <ktstr/error.h>

#include "vm/kernel/vmlinux.h"

/* A kernel file read and taken apart: the bytes of the bzImage and of the ELF image inside. */
struct kernel_image {
	char release[KERNEL_RELEASE_MAX];
	char *bzimage; /* NULL: the file was the ELF image itself */
	size_t bzimage_size;
	char *elf;
	size_t elf_size;
	struct vmlinux facts; /* of elf, and pointing into it */
};

/*
 * -ENOEXEC: neither a bzImage nor an x86-64 vmlinux, or a vmlinux that QEMU cannot boot; the text
 * names the path and what was found there.
 */
int kernel_image_read(const char *path, struct kernel_image *ret_image,
		      struct ktstr_error *error) KTSTR_MUST_CHECK;
void kernel_image_release(struct kernel_image *image);
#define auto_kernel_image __attribute__((cleanup(kernel_image_release)))
