// SPDX-License-Identifier: GPL-2.0-only
/* Copying files with holes. */
#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sparse.h"

static int copy_range(int from, int to, off_t begin, off_t end)
{
	while (begin < end) {
		off_t in = begin, out = begin;
		ssize_t copied = copy_file_range(from, &in, to, &out, (size_t)(end - begin), 0);

		if (copied < 0 && errno == EINTR)
			continue;
		if (copied < 0)
			return -errno;
		if (copied == 0)
			return -EIO; /* it has become shorter */
		begin += copied;
	}
	return 0;
}

int sparse_copy(int from, int to)
{
	off_t begin, end = 0;
	struct stat st;

	if (!ioctl(to, FICLONE, from))
		return 0;
	if (fstat(from, &st) || ftruncate(to, st.st_size))
		return -errno;
	while ((begin = lseek(from, end, SEEK_DATA)) >= 0) {
		int err;

		end = lseek(from, begin, SEEK_HOLE);
		err = end < 0 ? -errno : copy_range(from, to, begin, end);
		if (err)
			return err;
	}
	/* No data behind end. */
	return errno == ENXIO ? 0 : -errno;
}
