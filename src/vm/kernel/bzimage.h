/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>

/*
 * The x86 boot header (Documentation/arch/x86/boot.rst), as far as the store needs it: which
 * kernel is this, and where does its compressed ELF image stand. The bytes may come from any
 * file; nothing is believed before it is checked against the size.
 */

/* Longest kernel release taken: the kernel's own limit (__NEW_UTS_LEN) with its zero byte. */
#define KERNEL_RELEASE_MAX 65

struct bzimage {
	char release[KERNEL_RELEASE_MAX]; /* as uname -r says it: "7.2.13+deb14-cloud-amd64" */
	unsigned protocol;		  /* of the boot header, 0x020f: 2.15 */
	const uint8_t *payload;		  /* compressed vmlinux, inside the parsed bytes */
	size_t payload_size;
};

/* Borrows data: payload points into it. -ENOEXEC: not a bzImage, and the text says what it is. */
int bzimage_parse(const void *data, size_t size, struct bzimage *ret_image,
		  struct ktstr_error *error) KTSTR_MUST_CHECK;

/* What a file that starts with these bytes is, for messages: "an ELF file", "gzip data", ... */
const char *bzimage_describe(const void *data, size_t size);

/* A release may become a file name: letters, digits and "._+~-" only, not led by a dot. */
int kernel_release_check(const char *release, struct ktstr_error *error) KTSTR_MUST_CHECK;
