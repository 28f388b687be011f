/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>

#include <ktstr/error.h>

/*
 * Decompression, by whatever filter the bytes call for (zstd, xz, gzip, lz4, bzip2, lzma, or
 * none): the payload of a bzImage, and modules. Both yield fresh memory the caller frees.
 */

/* All of data. -EFBIG when it unpacks to more than limit bytes. what is named in errors. */
int payload_unpack(const char *what, const void *data, size_t size, size_t limit, char **ret_data,
		   size_t *ret_size, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* The vmlinux (with its relocations behind it) out of the payload of a bzImage. */
int payload_unpack_kernel(const void *payload, size_t size, char **ret_data, size_t *ret_size,
			  struct ktstr_error *error) KTSTR_MUST_CHECK;
