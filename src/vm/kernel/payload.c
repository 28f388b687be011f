// SPDX-License-Identifier: GPL-2.0-only
/* Decompression through libarchive's filters, bounded: the bytes may be damaged or hostile. */
#include <archive.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "vm/kernel/payload.h"

#define FIRST_CHUNK 65536

/* The largest kernel seen is an allyesconfig of about 250 MB. */
#define KERNEL_LIMIT_BYTES (UINT32_C(512) << 20)

static void free_reader(struct archive **reader)
{
	archive_read_free(*reader);
}
#define auto_reader __attribute__((cleanup(free_reader)))

/* Reads until the stream ends or limit bytes are there, whichever comes first. */
static int read_stream(struct archive *reader, const char *what, size_t limit, char **ret_data,
		       size_t *ret_size, struct ktstr_error *error)
{
	auto_free char *data = NULL;
	size_t capacity = 0, size = 0;

	while (size < limit) {
		la_ssize_t got;

		if (size == capacity) {
			size_t wanted = capacity ? capacity * 2 : FIRST_CHUNK;
			char *grown;

			if (wanted > limit)
				wanted = limit;
			grown = realloc(data, wanted);
			if (!grown)
				return ktstr_error_set(error, -ENOMEM,
						       "%s: no memory for %zu bytes", what, wanted);
			data = grown;
			capacity = wanted;
		}
		got = archive_read_data(reader, data + size, capacity - size);
		if (got == ARCHIVE_RETRY)
			continue;
		if (got < 0)
			return ktstr_error_set(error, -EBADMSG,
					       "%s: damaged after %zu bytes unpacked: %s", what,
					       size, archive_error_string(reader));
		if (got == 0)
			break;
		size += (size_t)got;
	}
	*ret_size = size;
	*ret_data = take_pointer(data);
	return 0;
}

static int unpack(const char *what, const void *data, size_t size, size_t limit, char **ret_data,
		  size_t *ret_size, struct ktstr_error *error)
{
	auto_reader struct archive *reader = archive_read_new();
	struct archive_entry *entry;

	if (!reader)
		return ktstr_error_set(error, -ENOMEM, "%s: no memory to unpack it", what);
	/* Each may warn that it would call a program: then a stream of that kind says so itself. */
	archive_read_support_filter_bzip2(reader);
	archive_read_support_filter_gzip(reader);
	archive_read_support_filter_lz4(reader);
	archive_read_support_filter_lzma(reader);
	archive_read_support_filter_lzop(reader);
	archive_read_support_filter_xz(reader);
	archive_read_support_filter_zstd(reader);
	if (archive_read_support_format_raw(reader) != ARCHIVE_OK ||
	    archive_read_open_memory(reader, data, size) != ARCHIVE_OK ||
	    archive_read_next_header(reader, &entry) != ARCHIVE_OK)
		return ktstr_error_set(error, -EBADMSG, "%s: cannot be unpacked: %s", what,
				       archive_error_string(reader) ?: "nothing in it");
	return read_stream(reader, what, limit, ret_data, ret_size, error);
}

int payload_unpack(const char *what, const void *data, size_t size, size_t limit, char **ret_data,
		   size_t *ret_size, struct ktstr_error *error)
{
	auto_free char *unpacked = NULL;
	size_t unpacked_size;
	int err = unpack(what, data, size, limit + 1, &unpacked, &unpacked_size, error);

	if (err)
		return err;
	if (unpacked_size > limit)
		return ktstr_error_set(error, -EFBIG, "%s: unpacks to more than %zu bytes", what,
				       limit);
	*ret_size = unpacked_size;
	*ret_data = take_pointer(unpacked);
	return 0;
}

int payload_unpack_kernel(const void *payload, size_t size, char **ret_data, size_t *ret_size,
			  struct ktstr_error *error)
{
	static const char gzip_magic[] = { '\x1f', '\x8b' };
	const uint8_t *bytes = payload;
	auto_free char *kernel = NULL;
	size_t kernel_size, expected, stream = size;
	int err;

	if (size < 8)
		return ktstr_error_set(error, -EBADMSG, "kernel payload of %zu bytes is too short",
				       size);
	if (!memcmp(bytes, "\177ELF", 4)) /* CONFIG_KERNEL_UNCOMPRESSED */
		return payload_unpack("kernel payload", payload, size, KERNEL_LIMIT_BYTES, ret_data,
				      ret_size, error);
	/*
	 * The build appends the unpacked size, four bytes little endian (scripts/Makefile.lib,
	 * size_append). With gzip these are the stream's own trailer; no other stream includes
	 * them.
	 */
	expected = bytes[size - 4] | (size_t)bytes[size - 3] << 8 | (size_t)bytes[size - 2] << 16 |
		   (size_t)bytes[size - 1] << 24;
	if (memcmp(bytes, gzip_magic, sizeof(gzip_magic)))
		stream -= 4;
	if (!expected || expected > KERNEL_LIMIT_BYTES)
		return ktstr_error_set(
			error, -EBADMSG,
			"kernel payload claims %zu bytes unpacked, 1..=%u are believed", expected,
			KERNEL_LIMIT_BYTES);
	err = unpack("kernel payload", payload, stream, expected, &kernel, &kernel_size, error);
	if (err)
		return err;
	if (kernel_size != expected)
		return ktstr_error_set(
			error, -EBADMSG,
			"kernel payload unpacks to %zu bytes where its trailer says %zu",
			kernel_size, expected);
	*ret_size = kernel_size;
	*ret_data = take_pointer(kernel);
	return 0;
}
