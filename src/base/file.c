// SPDX-License-Identifier: GPL-2.0-only
/* Whole-file reading and complete writing. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

#define FIRST_CHUNK 4096

int file_read(int dirfd, const char *path, size_t limit, char **ret_data, size_t *ret_size,
	      struct ktstr_error *error)
{
	auto_close int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	auto_free char *data = NULL;
	size_t capacity = 0, size = 0;

	if (fd < 0)
		return ktstr_error_set(error, -errno, "open '%s': %s", path, strerror(errno));
	for (;;) {
		ssize_t got;

		if (size + 1 >= capacity) {
			size_t wanted = capacity ? capacity * 2 : FIRST_CHUNK;
			char *grown = realloc(data, wanted);

			if (!grown)
				return ktstr_error_set(error, -ENOMEM,
						       "read '%s': no memory for %zu bytes", path,
						       wanted);
			data = grown;
			capacity = wanted;
		}
		got = read(fd, data + size, capacity - size - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ktstr_error_set(error, -errno, "read '%s': %s", path,
					       strerror(errno));
		if (got == 0)
			break;
		size += (size_t)got;
		if (size > limit)
			return ktstr_error_set(error, -EFBIG, "read '%s': larger than %zu bytes",
					       path, limit);
	}
	data[size] = '\0';
	if (ret_size)
		*ret_size = size;
	*ret_data = take_pointer(data);
	return 0;
}

int file_write_text(int dirfd, const char *path, const char *text, struct ktstr_error *error)
{
	auto_close int fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC);
	size_t length = strlen(text);
	ssize_t written;

	if (fd < 0)
		return ktstr_error_set(error, -errno, "open '%s': %s", path, strerror(errno));
	do
		written = write(fd, text, length);
	while (written < 0 && errno == EINTR);
	if (written < 0)
		return ktstr_error_set(error, -errno, "write '%s' to '%s': %s", text, path,
				       strerror(errno));
	if ((size_t)written != length)
		return ktstr_error_set(error, -EIO,
				       "write '%s' to '%s': only %zd of %zu bytes taken", text,
				       path, written, length);
	return 0;
}

int file_write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		ssize_t written = write(fd, at, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		at += written;
		size -= (size_t)written;
	}
	return 0;
}
